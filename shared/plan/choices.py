"""Fields of which exactly one is written down: the same in the reader and in JSON Schema."""

from functools import lru_cache
from typing import Any

from shared.plan.values import Part


def exactly_one(part: Part, names: tuple[str, ...]) -> None:
    """Raise when not exactly one of the fields (by their names in the plan) was written down."""
    given = [name for name in names if _field(type(part), name) in part.model_fields_set]
    if len(given) != 1:
        present = " and ".join(given) or "none"
        raise ValueError(f"needs exactly one of {', '.join(names)}; it has {present}")


@lru_cache(maxsize=64)
def _field(kind: type[Part], alias: str) -> str:
    """Give the Python name of a field."""
    return next(name for name, field in kind.model_fields.items() if alias in (name, field.alias))


def one_of(names: tuple[str, ...]) -> dict[str, Any]:
    """Say the same in JSON Schema."""
    return {"oneOf": [{"required": [name]} for name in names]}
