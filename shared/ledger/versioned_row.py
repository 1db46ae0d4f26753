"""How a row of the ledger changes: stamped with the writer's `now`, unchanged by a call that comes late, adding to what accumulates.

A change may be a function of the field as it stands: it is asked again when another writer came between.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Self, TypeVar

from pydantic import Field

from shared.models import NEVER, Model, Preserving, Scope

GROWING: Final = frozenset({"marks", "jobs", "scripts"})  # a change adds to these instead of replacing them


class Growing(Preserving):
    """A field that many writers fill, each what it sets: other fields, and other keys of a mapping, stay as they stand."""

    def with_change(self, change: Self) -> Self:
        """Give this with the fields that a change sets."""
        return self.replace(
            **{name: _added(getattr(self, name), getattr(change, name)) for name in change.model_fields_set}
        )


class Stamped(Model):
    """A row that remembers who wrote last: a writer that comes late changes nothing."""

    stamp: datetime = NEVER
    stamps: dict[int, datetime] = Field(default={}, description="round -> its last writer's now")


Row = TypeVar("Row", bound=Stamped)


def stamped(row: Row, scope: Scope, changes: Mapping[str, object]) -> Row | None:
    """Give the changed row; None where nothing would change or the writer is a late twin.

    A twin is an activity that runs a second time after the flow has gone on: its `now` is older than what the same
    round wrote since. Other rounds have clocks of their own and are not compared. Raises TypeError for unknown fields.
    """
    unknown = changes.keys() - type(row).model_fields.keys()
    if unknown:
        raise TypeError(f"{type(row).__name__} has no {', '.join(sorted(unknown))}")
    if scope.now < row.stamps.get(scope.round, NEVER):
        return None
    after = validated(row, {name: _grown(row, name, value) for name, value in changes.items()})
    if after == row:
        return None
    return after.replace(stamp=max(row.stamp, scope.now), stamps={**row.stamps, scope.round: scope.now})


def validated(row: Row, changes: Mapping[str, object]) -> Row:
    """Give a copy with some fields changed, checked as if it were read."""
    kept = {name: getattr(row, name) for name in type(row).model_fields}
    return type(row).model_validate(kept | dict(changes))


def _grown(row: Stamped, name: str, value: object) -> object:
    """Give the new value of a field; a function makes it from the one that stands there."""
    before = getattr(row, name)
    if callable(value):
        return value(before)
    if isinstance(before, Growing) and isinstance(value, Growing):
        return before.with_change(value)
    return _added(before, value) if name in GROWING else value


def _added(before: object, value: object) -> object:
    """Give a value, or a mapping with the keys of another one; an empty text takes its key out."""
    if not (isinstance(before, Mapping) and isinstance(value, Mapping)):
        return value
    return {name: each for name, each in {**before, **value}.items() if each != ""}
