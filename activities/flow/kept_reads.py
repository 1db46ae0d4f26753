"""Reads of one activity that are kept when the cloud is busy in the middle: the next try asks only for the rest."""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import JsonValue, TypeAdapter

from shared.ledger.target_facts import load_part_of_facts, save_part_of_facts
from shared.models import Scope
from shared.problems import Busy, CloudRefused

T = TypeVar("T")


class KeptReads:
    """What was read so far, by name, as JSON."""

    def __init__(self, kept: Mapping[str, JsonValue] | None = None) -> None:
        """Begin with what an earlier try read."""
        self._kept = dict(kept or {})
        self._before = len(self._kept)

    @classmethod
    def of(cls, scope: Scope) -> "KeptReads":
        """Load what earlier tries of a round read before the cloud was busy."""
        body = load_part_of_facts(scope.migration, scope.round)
        return cls(json.loads(body) if body else None)

    def known(self, name: str, kind: type[T], read: Callable[[], T]) -> T | None:
        """Give a fact, read at most once; None when the cloud refuses to tell it. Raises `Busy` while it is busy."""
        adapter = TypeAdapter(kind)
        if name in self._kept:
            kept = self._kept[name]
            return None if kept is None else adapter.validate_python(kept)
        try:
            found = read()
        except CloudRefused:
            self._kept[name] = None
            return None
        self._kept[name] = adapter.dump_python(found, mode="json")
        return found

    def whole(self, scope: Scope, read: Callable[[], T]) -> T:
        """Run a whole reading; where the cloud is busy in it, keep what was read and say whether there was progress."""
        try:
            found = read()
        except Busy as busy:
            if len(self._kept) == self._before:
                raise
            save_part_of_facts(scope.migration, scope.round, json.dumps(self._kept).encode())
            raise Busy(str(busy), busy.after, progressed=True) from busy
        if self._before:
            save_part_of_facts(scope.migration, scope.round, b"{}")  # a later reading of the round asks anew
        return found
