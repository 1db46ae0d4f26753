"""What a message says: one model for every way of telling it; CloudEvents 1.0 carries it, mail and cards put it in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field

from shared.models import NEVER, Model
from shared.notifications.outbox_row import Dispatch, Notice
from shared.notifications.topics import WORDINGS, Topic, event_type
from shared.reporting import release_commands
from shared.reporting.name_lists import some_of
from shared.settings import page_address

MOST_NAMES: Final = 8  # of machines, in a line for people; programs get them all
LONGEST_TEXT: Final = 2_000  # characters: texts of clouds can be long, and a receiver has limits
SOURCE: Final = "azferry"


class Message(Model):
    """What people are told: what happened, who may decide until when, and where and how to go on."""

    topic: Topic
    heading: str = Field(description="in a few words")
    urgency: str = Field(description="critical, action, warning or information")
    text: str = Field(default="", description="what happened, or what to do")
    migration: str
    wave: str = ""
    gate: str = ""
    machines: tuple[str, ...] = ()
    cause: str = Field(default="", description="id of the problem, as docs/errors.md lists it")
    since: datetime = NEVER
    who: tuple[str, ...] = Field(default=(), description="who may decide; none = every approver")
    until: datetime | None = None
    then: str = Field(default="", description="what happens when nobody decides by then")
    command: str = ""
    link: str = Field(default="", description="the page")


def message_of(dispatch: Dispatch) -> Message:
    """Give what a dispatch tells."""
    first = dispatch.notices[0]
    machines = tuple(sorted({each.machine for each in dispatch.notices if each.machine}))
    wording = WORDINGS[first.topic]
    return Message(
        topic=first.topic,
        heading=f"{wording.heading}: {_whom(first, machines)}",
        urgency=wording.urgency,
        text=_text([each.text for each in dispatch.notices]),
        migration=first.migration,
        wave=first.wave,
        gate=first.gate,
        machines=machines,
        cause=first.cause,
        since=min(each.at for each in dispatch.notices),
        who=first.who,
        until=min((each.expires for each in dispatch.notices if each.expires), default=None),
        then=first.then,
        command=release_commands.for_several(first.command, first.machine, machines),
        link=_link(first.migration),
    )


def cloud_event(dispatch: Dispatch) -> dict[str, Any]:
    """Give a message as a CloudEvent in structured mode; its id is the same at each try and for every receiver."""
    message = message_of(dispatch)
    subject = "/".join(("migrations", message.migration, *(("waves", message.wave) if message.wave else ())))
    return {
        "specversion": "1.0",
        "id": dispatch.message,
        "source": page_address() or SOURCE,
        "type": event_type(message.topic),
        "subject": subject,
        "time": message.since.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": message.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _whom(notice: Notice, machines: tuple[str, ...]) -> str:
    """Say what it is about: the machines, else the gate, else the migration."""
    at = f"gate {notice.gate} of {notice.migration}" if notice.gate else notice.migration
    names = f"{len(machines)} machines" if len(machines) > 1 else "".join(machines)
    wave = f", wave {notice.wave}" if notice.wave else ""
    return f"{names}, {at}{wave}" if names else f"{at}{wave}"


def _link(migration: str) -> str:
    address = page_address()
    return f"{address}/#/m/{quote(migration, safe='')}" if address else ""


def _text(texts: Sequence[str]) -> str:
    """Give the text of all, or the first of those that differ: the page has the others."""
    first = texts[0] if len(texts[0]) <= LONGEST_TEXT else f"{texts[0][:LONGEST_TEXT]} …"
    others = len(set(texts)) - 1
    return f"{first} (and so for {others} more: the page tells each)" if others else first


def lines(message: Message) -> tuple[tuple[str, str], ...]:
    """Give a message in words: name and text of each line that it has."""
    until = (
        f"{message.until:%Y-%m-%d %H:%M} UTC" + (f", then {message.then}" if message.then else "")
        if message.until
        else ""
    )
    found = (
        ("Migration", message.migration),
        ("Wave", message.wave),
        ("Machines", some_of(message.machines, MOST_NAMES)),
        ("Since", f"{message.since:%Y-%m-%d %H:%M} UTC"),
        ("May decide", " or ".join(message.who)),
        ("Until", until),
        ("Command", message.command),
    )
    return tuple((name, text) for name, text in found if text)
