"""Which machines an entry of a plan selects beyond plain tags: alternatives (or), conditions (and), and exclusions (not)."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from shared.intake.text import Label
from shared.plan.values import Part, ShortText, Tags

CONDITIONS = ("tags", "name", "ids")
MOST_IDS = 1_000
MOST_CONDITIONS = 50
FEW = 3


class MatchCondition(Part):
    """What has to hold of a machine, all of it at once; in names and values `*` stands for any text and `?` for one letter."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": [name]} for name in CONDITIONS]})

    tags: Tags = Field(
        default_factory=dict,
        min_length=1,
        description="it carries all of these; a value may be a pattern, `*` is any value",
        examples=[{"Stage": "test*"}],
    )
    name: ShortText = Field(
        default="",
        description="its name at the source, or its Name tag, is like this; capitals do not count",
        examples=["shop-web*"],
    )
    ids: tuple[Annotated[Label, Field(min_length=1, max_length=512)], ...] = Field(
        default=(), min_length=1, max_length=MOST_IDS, description="its id, or its private address, is one of these"
    )

    def __str__(self) -> str:
        """Say what has to hold."""
        named = [f"name {self.name}"] if self.name else []
        ids = [f"one of {', '.join(self.ids[:FEW])}{', …' if len(self.ids) > FEW else ''}"] if self.ids else []
        return " and ".join([*(f"{name}={value}" for name, value in self.tags.items()), *named, *ids])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set & set(CONDITIONS):
            raise ValueError(f"needs at least one of {', '.join(CONDITIONS)}")
        return self


class MatchAlternative(MatchCondition):
    """Machines of which all of this holds, and none of what is excluded; in names and values `*` and `?` are patterns."""

    exclude: tuple[MatchCondition, ...] = Field(
        default=(), max_length=MOST_CONDITIONS, description="not those of which one of these holds"
    )

    def __str__(self) -> str:
        """Say which machines they are."""
        excluded = " or ".join(map(str, self.exclude))
        return super().__str__() + (f" but not {excluded}" if excluded else "")
