"""What people are told of: each topic with its CloudEvents type and how urgent it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TYPE_PREFIX: Final = "azferry."


class Topic(StrEnum):
    """What a notification is about; plans and settings choose by these names."""

    GATE_OPENED = "gate-opened"
    REMINDER = "reminder"
    EXPIRED = "expired"
    FAILED = "failed"
    SERVES_NOWHERE = "serves-nowhere"
    STALLED = "stalled"
    WINDOW_MISSED = "window-missed"
    ENDED = "migration-ended"


@dataclass(frozen=True)
class Wording:
    """How a topic is put: its heading, how urgent it is, and whether a person has to decide."""

    heading: str
    urgency: str
    decides: bool = False


WORDINGS: Final = {
    Topic.GATE_OPENED: Wording("A decision is needed", "action", decides=True),
    Topic.REMINDER: Wording("Nobody decided yet", "action", decides=True),
    Topic.EXPIRED: Wording("Nobody decided in time", "warning"),
    Topic.FAILED: Wording("Failed", "warning"),
    Topic.SERVES_NOWHERE: Wording("Serves nowhere", "critical"),
    Topic.STALLED: Wording("The first copy stalls", "warning"),
    Topic.WINDOW_MISSED: Wording("The cutover window was missed", "warning"),
    Topic.ENDED: Wording("The migration ended", "information"),
}


def event_type(topic: Topic) -> str:
    """Give the CloudEvents type of a topic; it never changes, new facts are new fields of its data."""
    return f"{TYPE_PREFIX}{topic.value}.v1"
