"""Who is told of what happens to a plan's machines; secrets stand in the app's settings, never in a plan."""

from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from shared.intake.addresses import is_outside
from shared.plan.choices import exactly_one, one_of
from shared.plan.values import Name, Part, not_null

WAYS: Final = ("channel", "url")
EventName = Literal[
    "gate-opened", "reminder", "expired", "failed", "serves-nowhere", "stalled", "window-missed", "migration-ended"
]
# No user, no query, no fragment: whatever is secret has no place in a plan.
PUBLIC_URL: Final = (
    r"^https://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::[1-9][0-9]{1,4})?(?:/[A-Za-z0-9._~%/-]*)?$"
)
HIGHEST_PORT: Final = 65_535


class Notification(Part):
    """Somebody who is told: a channel that the app's settings know by name, or a webhook at an address."""

    model_config = ConfigDict(json_schema_extra=one_of(WAYS))

    channel: Annotated[Name | None, BeforeValidator(not_null)] = Field(
        default=None, description="name of a channel of the app", examples=["ops"]
    )
    url: Annotated[str, Field(pattern=PUBLIC_URL, max_length=2_000), BeforeValidator(not_null)] | None = Field(
        default=None,
        description="address of a webhook, https, where the app lets plans name its host; nothing secret may stand in it",
        examples=["https://hooks.example.com/azferry"],
    )
    events: tuple[EventName, ...] = Field(
        default=(), max_length=8, description="of what; none = as the channel says, else all"
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        exactly_one(self, WAYS)
        if self.url:
            parts = urlsplit(self.url)
            if not is_outside(parts.hostname or ""):
                raise ValueError(
                    f"{parts.hostname} is the app itself or its surroundings: a receiver has a public address"
                )
            if int(parts.netloc.partition(":")[2] or 443) > HIGHEST_PORT:
                raise ValueError(f"the port of {self.url} must be a number from 1 to {HIGHEST_PORT}")
        return self
