"""The instances that have not ended, and which of them keep their history in memory."""

from collections import OrderedDict

from .instance import Instance, Memory
from .store import Store

BUDGET = 64 * 2**20  # characters of history in memory; what is idle longest is let go and read again when needed
OPEN_TASK = 300  # characters that an open task is worth


class Roster:
    """Used by the turn thread only."""

    def __init__(self, store: Store, budget: int = BUDGET) -> None:
        self._store = store
        self._budget = budget
        self._living: dict[str, Instance] = {}
        self._loaded: OrderedDict[Instance, int] = OrderedDict()
        self._size = 0

    def get(self, instance_id: str) -> Instance | None:
        """Return a living instance."""
        return self._living.get(instance_id)

    def add(self, instance: Instance) -> None:
        """Take in an instance; a new one with that id takes the place of an ended one."""
        self._living[instance.id] = instance

    def remove(self, instance: Instance) -> None:
        """Forget an instance that has ended."""
        if self._living.get(instance.id) is instance:
            del self._living[instance.id]
        self._size -= self._loaded.pop(instance, 0)
        instance.memory = None

    def load(self, instance: Instance) -> Memory:
        """Return an instance's memory, from disk when it was let go."""
        if instance.memory is None:
            instance.memory = self._store.memory(instance.seq)
        return instance.memory

    def touch(self, instance: Instance) -> None:
        """Count an instance as the one used last."""
        memory = instance.memory
        self._size -= self._loaded.pop(instance, 0)
        if memory is not None:
            size = len(memory.text) + OPEN_TASK * len(memory.walk.open)
            self._loaded[instance] = size
            self._size += size

    def let_go(self) -> None:
        """Drop the histories that were idle longest, until the rest fits the budget."""
        while self._size > self._budget and len(self._loaded) > 1:
            instance, size = self._loaded.popitem(last=False)
            self._size -= size
            instance.memory = None
