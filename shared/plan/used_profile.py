"""Which profile a plan lies upon: its name, as people write it, and what became of that when the plan was read."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, model_validator

from shared.ids import NAME
from shared.intake.text import Line
from shared.plan.values import Name, Part, Whole

MOST_PLACES = 100_000


def _or_its_name(schema: dict[str, Any]) -> None:
    """Let a name stand for the object in JSON Schema, as it does in the reader."""
    whole = {
        key: schema.pop(key) for key in ("type", "properties", "required", "additionalProperties") if key in schema
    }
    schema["anyOf"] = [{"type": "string", "pattern": NAME}, whole]


class UsedProfile(Part):
    """A profile that a plan lies upon; `profile: prod-weu` is short for its name alone."""

    model_config = ConfigDict(json_schema_extra=_or_its_name)

    name: Name = Field(description="name of the profile", examples=["prod-weu"])
    version: Whole = Field(default=0, ge=0, le=1_000_000, description="its version; left out: the newest")
    gave: tuple[Annotated[Line, Field(max_length=2_000)], ...] = Field(
        default=(),
        max_length=MOST_PLACES,
        description="places in this plan that it filled; azferry writes them when it freezes the plan",
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, raw: Any) -> Any:
        return {"name": raw} if isinstance(raw, str) else raw

    @property
    def is_frozen(self) -> bool:
        """Whether what it gave is in the plan already."""
        return "gave" in self.model_fields_set
