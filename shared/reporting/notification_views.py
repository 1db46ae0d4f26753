"""What people were told, as the API answers it: to whom, what became of it, and why it was not delivered."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.models import NEVER, Model


class NotificationState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


class NotificationView(Model):
    """A message to one receiver."""

    id: str = Field(description="the same for every receiver and every try")
    receiver: str = Field(description="name of a channel, or the address that the plan gives")
    migration: str
    topic: str = Field(description="gate-opened, reminder, expired, failed, …")
    heading: str = ""
    since: datetime = Field(default=NEVER, description="when it happened")
    state: NotificationState = NotificationState.WAITING
    tries: int = 0
    failure: str = Field(default="", description="why the last try failed")
    delivered: datetime | None = None
    command: str = Field(default="", description="sends it again, where it was given up")
    due: datetime | None = Field(default=None, description="when it is tried again")


class NotificationPage(Model):
    """A page of messages, the oldest first."""

    value: tuple[NotificationView, ...] = ()
    next_link: str | None = None
