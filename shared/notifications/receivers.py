"""Who is told: channels of the app's settings, and addresses that a plan gives; each with what it wants to hear."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from shared.notifications.topics import Topic
from shared.plan.model import Plan
from shared.plan.notifications import Notification
from shared.plan.pointers import pointer
from shared.problems import Fault, InvalidPlan
from shared.settings import channel_setting, settings

Carrier = Literal["webhook", "teams", "email", "event-grid"]
CARRIERS: Final = get_args(Carrier)
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
ANY: Final = "*"


@dataclass(frozen=True)
class Receiver:
    """Somebody or something that is told."""

    name: str
    carrier: str
    url: str = ""
    keys: tuple[str, ...] = ()  # of the signature, the newest first
    topics: frozenset[str] = frozenset()  # none = all
    to: tuple[str, ...] = ()
    sender: str = ""
    fault: str = ""  # what is wrong with its settings

    def wants(self, topic: Topic) -> bool:
        """Tell whether it is told of a topic."""
        return not self.topics or topic in self.topics


def is_anybody_told() -> bool:
    """Tell whether there is any receiver at all; where there is none nothing is read or written."""
    return bool(settings().channels or settings().webhook_hosts)


def receivers_of(plan: Plan) -> tuple[Receiver, ...]:
    """Give who is told of a migration: the channels of the app that are told of each, then what its plan names."""
    found = {name: channel(name) for name in told_of_everything()}
    for each in plan.notifications:
        own = _of(each)
        found[own.name] = replace(own, topics=frozenset(each.events)) if each.events else own
    return tuple(found.values())


def receiver(name: str) -> Receiver:
    """Give a receiver by its name, as the settings stand now; one that is gone tells its fault."""
    return at_address(name) if ":" in name else channel(name)


def channel(name: str) -> Receiver:
    """Give a channel of the app's settings; one that is missing or incomplete tells its fault."""
    carrier = channels().get(name, "")
    if not carrier:
        return Receiver(name, "", fault=f"there is no channel {name}: AZFERRY_CHANNELS does not name it")
    found = Receiver(
        name,
        carrier,
        url=channel_setting(name, "URL"),
        keys=tuple(channel_setting(name, "KEY").split()),
        topics=frozenset(_words(channel_setting(name, "EVENTS"))),
        to=tuple(_words(channel_setting(name, "TO"))),
        sender=channel_setting(name, "FROM"),
    )
    return replace(found, fault=next(_faults(found), ""))


def told_of_everything() -> tuple[str, ...]:
    """Give the names of the channels that are told of every migration."""
    return _words(settings().tell)


def channels() -> dict[str, str]:
    """Give the carriers of the channels by name, as `AZFERRY_CHANNELS` lists them: `ops:webhook, night:email`."""
    pairs = (word.partition(":") for word in _words(settings().channels))
    return {name.strip(): carrier.strip() for name, _, carrier in pairs}


def at_address(url: str) -> Receiver:
    """Give the webhook at an address that a plan gives; it is signed with the app's own key for such addresses."""
    host = urlsplit(url).hostname or ""
    fault = "" if may_name(host) else f"plans may not name {host}: AZFERRY_WEBHOOK_HOSTS does not list it"
    keys = tuple(settings().webhook_key.split())
    return Receiver(
        url, "webhook", url=url, keys=keys, fault=fault or ("" if keys else "AZFERRY_WEBHOOK_KEY is not set")
    )


def may_name(host: str) -> bool:
    """Tell whether plans may name a host."""
    allowed = {each.lower() for each in _words(settings().webhook_hosts)}
    return bool(host) and (host.lower() in allowed or ANY in allowed)


def _of(named: Notification) -> Receiver:
    return channel(named.channel or "") if named.url is None else at_address(named.url)


def check_receivers(plan: Plan) -> None:
    """Raise `InvalidPlan` where a plan names a channel that is not there, or an address that plans may not name."""
    faults = tuple(_unknown(plan.notifications))
    if faults:
        raise InvalidPlan(faults)


def _unknown(named: Iterable[Notification]) -> Iterator[Fault]:
    for number, each in enumerate(named):
        found = _of(each)
        if found.fault:
            known = f" (channels of this app: {', '.join(sorted(channels())) or 'none'})" if each.channel else ""
            where = ("notifications", number, "channel" if each.channel else "url")
            yield Fault(pointer=pointer(where), message=f"{found.fault}{known}")


def _faults(found: Receiver) -> Iterator[str]:
    """Say what its settings lack."""
    prefix = f"AZFERRY_CHANNEL_{found.name.upper().replace('-', '_')}"
    if NAME.fullmatch(found.name) is None:
        yield f"{found.name} is no name of a channel: lower-case letters, digits and hyphens, at most 31"
    if found.carrier not in CARRIERS:
        yield f"{found.carrier} of channel {found.name} is none of {', '.join(CARRIERS)}"
    if not found.url:
        yield f"{prefix}_URL is not set, or its Key Vault reference could not be read"
    yield from _missing(found, prefix)
    if strange := found.topics - set(Topic):
        yield f"{prefix}_EVENTS names {', '.join(sorted(strange))}, which is none of {', '.join(Topic)}"


def _missing(found: Receiver, prefix: str) -> Iterator[str]:
    if found.carrier == "webhook" and not found.keys:
        yield f"{prefix}_KEY is not set: nobody could tell who sends it"
    if found.carrier == "email" and not (found.to and found.sender):
        yield f"{prefix}_TO and {prefix}_FROM must be set"


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in (each.strip() for each in text.split(",")) if word)
