"""Reads what Site Recovery answers into frozen models: nulls, empty strings and sentinel dates mean "not known"."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Protocol, Self, TypeAlias

from pydantic import AfterValidator, model_validator

from shared.models import Model

Json: TypeAlias = dict[str, Any]

# Recorded: a moment that has not come is 0001-01-01T00:00:00 (without a zone) or 1753-01-01T01:01:01Z.
SENTINEL = re.compile(r"^(0\d{3}|1[0-6]\d\d|17[0-4]\d|175[0-3])-\d\d-\d\dT")


def aware(moment: datetime) -> datetime:
    """Give a moment in UTC; Site Recovery writes some without a zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment: TypeAlias = Annotated[datetime, AfterValidator(aware)]


class Resource(Protocol):
    """Any model of the SDK."""

    def as_dict(self) -> dict[str, Any]:
        """Give it as it came over the wire."""


class FromWire(Model):
    """A view of something in Azure; its fields are the wire's names in snake case."""

    @model_validator(mode="before")
    @classmethod
    def _drop_unknown(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if known(value)} if isinstance(data, Mapping) else data

    @classmethod
    def of(cls, resource: Resource) -> Self:
        """Read an ARM resource: its `properties` and its envelope side by side."""
        raw = resource.as_dict()
        return cls.model_validate(
            {**(raw.get("properties") or {}), **{k: v for k, v in raw.items() if k != "properties"}}
        )


def known(value: Any) -> bool:
    """Tell whether a value says anything: None, an empty text and the moment that stands for "never" do not."""
    return value is not None and value != "" and not (isinstance(value, str) and SENTINEL.match(value))


def without_empty(body: Json) -> Json:
    """Leave out what says nothing: an empty id would be taken for an id."""
    return {name: value for name, value in body.items() if known(value) and value not in ([], {})}


def same_id(each: str, other: str) -> bool:
    """Compare ARM ids: their case is not kept by the services."""
    return each.rstrip("/").lower() == other.rstrip("/").lower()


def segment(arm_id: str, kind: str) -> str:
    """Give the name that follows `kind` in an ARM id, in any case of `kind`; empty when there is none."""
    parts = arm_id.split("/")
    lowered = [part.lower() for part in parts]
    place = lowered.index(kind.lower()) + 1 if kind.lower() in lowered else len(parts)
    return parts[place] if place < len(parts) else ""


def protectable_path(arm_id: str) -> tuple[str, str, str]:
    """Give fabric, container and name of a protectable item, in the order in which the SDK takes them."""
    fabric, container = segment(arm_id, "replicationFabrics"), segment(arm_id, "replicationProtectionContainers")
    return fabric, container, segment(arm_id, "replicationProtectableItems")


class HealthError(FromWire):
    """Something that Site Recovery finds wrong with an item, a fabric or an appliance."""

    error_code: str = ""
    error_level: str = ""
    error_category: str = ""
    summary_message: str = ""
    error_message: str = ""
    possible_causes: str = ""
    recommended_action: str = ""
    creation_time_utc: Moment | None = None
