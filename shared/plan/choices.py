"""Fields of which exactly one is written down: the same in the reader and in JSON Schema."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from shared.plan.values import Part


def exactly_one(part: Part, names: tuple[str, ...]) -> None:
    """Raise when not exactly one of the fields (by their names in the plan) was written down."""
    fields = _fields(type(part), names)
    if len(fields.keys() & part.model_fields_set) != 1:
        given = [name for field, name in fields.items() if field in part.model_fields_set]
        present = " and ".join(given) or "none"
        raise ValueError(f"needs exactly one of {', '.join(names)}; it has {present}")


@lru_cache(maxsize=64)
def _fields(kind: type[Part], aliases: tuple[str, ...]) -> dict[str, str]:
    """Give the Python names of fields, each with the one in the plan."""
    return {field_names(kind)[alias]: alias for alias in aliases}


@lru_cache(maxsize=256)
def field_names(kind: type[Part]) -> Mapping[str, str]:
    """Give the Python names of a part's fields by those that they have in a plan."""
    return {field.alias or name: name for name, field in kind.model_fields.items()}


def one_of(names: tuple[str, ...]) -> dict[str, Any]:
    """Say the same in JSON Schema."""
    return {"oneOf": [{"required": [name]} for name in names]}
