"""What differs between two plans, and which differences a running migration may take over."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import Field

from shared.ids import short_hash
from shared.models import Model
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.target import DYNAMIC
from shared.problems import Fault

SCRIPTS = "targetScripts"
WHOLE = frozenset({"windows", "tags", "diskTags", "nicTags", "nics", SCRIPTS})  # told as they stand, not entry by entry
ANY = "*"
# What Site Recovery can be told anew of a machine that replicates already.
RETOLD = ("size", "tags", "diskTags", "nicTags", "licence", "sqlLicence", "linuxLicence")
RETOLD_OF_MACHINE = (*RETOLD, "subnet", "testSubnet", "privateIp", "testPrivateIp", "nics")
VERIFYING = ("onVerifyFailed", "verifyDeadline")
MACHINE = ("waves", ANY, "machines", ANY)
# Names on the way to what may be changed while a migration runs; what is changed elsewhere belongs to another plan.
CHANGEABLE = (
    ("limits", ANY),
    ("applications",),
    ("applications", ANY),
    ("applications", ANY, "windows"),
    ("waves", ANY, "cutover", "windows"),
    ("waves", ANY, "cutover", "expectedDuration"),
    *(("waves", ANY, "cutover", each) for each in VERIFYING),
    ("waves", ANY, SCRIPTS),
    (*MACHINE, "windows"),
    (*MACHINE, SCRIPTS),
    ("profile", "name"),
    ("profile", "version"),
)
TARGETS = (
    *(("target", each) for each in RETOLD),
    *(("target", "network", each) for each in ("subnet", "testSubnet")),
    *(("waves", ANY, "target", each) for each in RETOLD),
    *(("waves", ANY, "target", "network", each) for each in ("subnet", "testSubnet")),
    *((*MACHINE, "target", each) for each in RETOLD_OF_MACHINE),
)
WHAT = (
    "limits; cutover windows and target scripts of waves, applications and machines that the plan names; what becomes of machines "
    "that are not verified; which machines there are; and of targets their sizes, subnets, addresses, cards, tags and licences"
)
ADDRESSES = frozenset({"privateIp", "testPrivateIp"})
LONGEST = 300  # of a value in a sentence


class Difference(Model):
    """One place in which two plans differ."""

    path: str = Field(description="names on the way to it, e.g. waves/shop/cutover/windows")
    names: tuple[str, ...] = Field(default=(), exclude=True, description="those names")
    pointer: str = Field(description="JSON pointer into the later plan; what was dropped has none of its own")
    before: Any = Field(default=None, description="left out: its default")
    after: Any = Field(default=None, description="left out: its default")

    @property
    def text(self) -> str:
        """Give the difference in words, as events and the command line tell it."""
        return f"{self.path}: {_brief(self.before)} becomes {_brief(self.after)}"

    @property
    def needs_approver(self) -> bool:
        """Whether it says when machines cut over, what runs on them then, or when they go back: that is for who may approve it."""
        return self.names[-1] in ("windows", "expectedDuration", SCRIPTS, *VERIFYING)


def differences(before: Plan, after: Plan) -> tuple[Difference, ...]:
    """Give where two plans differ, in the order of the first; waves, machines and applications are told by their names."""
    return document_differences(_plain(before), _plain(after))


def document_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Give where two documents differ that say what plans say."""
    return tuple(_walk((), (), before, after))


def forbidden(found: Sequence[Difference]) -> Iterator[Fault]:
    """Give a fault for each difference that a running migration cannot take over."""
    for each in found:
        if not any(_fits(each.names, allowed) for allowed in (*CHANGEABLE, *TARGETS, MACHINE)) or "{" in each.path:
            message = f"{each.text}: cannot be changed while the migration runs; only {WHAT} can"
            yield Fault(pointer=each.pointer, message=message)
        elif _takes_back(each):
            message = f"{each.text}: what Site Recovery was told cannot be taken back to a default; name another value"
            yield Fault(pointer=each.pointer, message=message)


def _takes_back(found: Difference) -> bool:
    """Tell whether a part of a target is left out that was named, or an address is to become Azure's own choice."""
    if not any(_fits(found.names, allowed) for allowed in TARGETS):
        return False
    return not found.after or (found.names[-1] in ADDRESSES and bool(found.before) and found.after == DYNAMIC)


def _fits(names: tuple[str, ...], allowed: tuple[str, ...]) -> bool:
    return len(names) == len(allowed) and all(want in (ANY, name) for name, want in zip(names, allowed, strict=True))


def _plain(plan: Plan) -> dict[str, Any]:
    """Give what a plan says; which of it a profile gave is no difference."""
    document: dict[str, Any] = plan.model_dump(
        mode="json", by_alias=True, exclude_defaults=True, exclude={"profile": {"gave"}}
    )
    return document


def _walk(names: tuple[str, ...], at: tuple[str | int, ...], before: Any, after: Any) -> Iterator[Difference]:
    """Go down both as long as they have the same shape."""
    if before == after:
        return
    whole = bool(names) and names[-1] in WHOLE
    if isinstance(before, Mapping) and isinstance(after, Mapping) and not whole:
        for key in {**before, **after}:
            earlier, later = before.get(key), after.get(key)
            earlier, later = _or_empty(earlier, later), _or_empty(later, earlier)
            yield from _walk((*names, key), (*at, key), earlier, later)
    elif _is_keyed(before) and _is_keyed(after) and not whole:
        yield from _by_name(names, at, before, after)
    else:
        before, after = _told(before), _told(after)
        yield Difference(path="/".join(names), names=names, pointer=pointer(at), before=before, after=after)


def _told(value: Any) -> Any:
    """Give a value as people are told it: of scripts how long they are, and a hash by which one is known from another."""
    if isinstance(value, list):
        return [_told(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _script(each) if name == "script" else _told(each) for name, each in value.items()}


def _script(text: Any) -> Any:
    return f"{len(text)} characters ({short_hash(text, 8)})" if isinstance(text, str) else _told(text)


def _or_empty(value: Any, other: Any) -> Any:
    """Take a part that is left out for one of which nothing is said."""
    return {} if value is None and isinstance(other, dict) else value


def _by_name(
    names: tuple[str, ...], at: tuple[str | int, ...], before: Sequence[Any], after: Sequence[Any]
) -> Iterator[Difference]:
    """Compare entries of the same name, wherever they stand."""
    earlier = {_key(each): each for each in before}
    later = {_key(each): (number, each) for number, each in enumerate(after)}
    for key in {**earlier, **later}:
        number, entry = later.get(key, (0, None))
        yield from _walk((*names, key), (*at, number) if entry is not None else at, earlier.get(key), entry)


def _is_keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_key(each) for each in value)


def _key(entry: Any) -> str:
    """Give by what an entry is known: its name, or how machines behind tags are found."""
    if not isinstance(entry, Mapping):
        return ""
    return str(entry.get("name") or (json.dumps(entry["source"], sort_keys=True) if "source" in entry else ""))


def _brief(value: Any) -> str:
    """Give a value in a sentence."""
    if value is None:
        return "its default"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
