"""Looks at protected items by many machines at once: one listing answers a crowd.

Nothing is kept: the listing that answers a look begins after that look was asked for. A listing leaves out disks and cards
(recorded); who needs those reads the item itself.
"""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from shared.settings import Settings, settings
from shared.site_recovery.items import Item, ItemKind, ItemRef, get_item, list_items
from shared.site_recovery.vault import VaultRef

CROWDED: Final = 0.5  # real seconds since another look: more of them are likely to come
A_PAGE: Final = 100  # items, as far as is known: a listing costs a call for each page

Listed = Mapping[str, Item] | None  # by id in lower case; None: too few came, everybody reads for themselves


@dataclass
class Gathering:
    """Those who wait for the same listing."""

    size: int = 0
    listed: Future[Listed] = field(default_factory=Future)


class Crowd:
    """Those who look at items of one kind in one vault."""

    def __init__(self) -> None:
        """Expect nobody, and a vault of one page."""
        self._lock = Lock()
        self._last = -CROWDED
        self._open: Gathering | None = None
        self._pages = 1

    def look(self, items: Callable[[], tuple[Item, ...]]) -> Listed:
        """List with all who look at this moment; None where reading one item is cheaper."""
        gathering, leads = self._joined()
        if gathering is None:
            return None
        if leads:
            time.sleep(settings().gathering)
            self._answer(gathering, items)
        return gathering.listed.result()

    def _joined(self) -> tuple[Gathering | None, bool]:
        """Come to those who gather; tell whether one is the first of them, who lists for all. Nobody gathers alone."""
        with self._lock:
            crowded, self._last = time.monotonic() - self._last < CROWDED, time.monotonic()
            leads = self._open is None and crowded
            if leads:
                self._open = Gathering()
            if self._open is not None:
                self._open.size += 1
            return self._open, leads

    def _answer(self, gathering: Gathering, items: Callable[[], tuple[Item, ...]]) -> None:
        """Let nobody join any more, then list."""
        with self._lock:
            self._open = None
        try:
            found = {item.id.lower(): item for item in items()} if gathering.size > self._pages else None
        except BaseException as raised:
            gathering.listed.set_exception(raised)
            raise
        if found is not None:
            self._pages = 1 + len(found) // A_PAGE
        gathering.listed.set_result(found)


_CROWDS: dict[tuple[Settings, str, ItemKind], Crowd] = {}


def look_at(vault: VaultRef, item: ItemRef) -> Item | None:
    """Give an item without its disks and cards, or None when Site Recovery does not know it: that it says itself."""
    listed = _listed(vault, item)
    return (listed or {}).get(item.id(vault).lower()) or get_item(vault, item)


def look_for(vault: VaultRef, item: ItemRef) -> Item | None:
    """Give an item without its disks and cards, or None when it is not among the vault's."""
    listed = _listed(vault, item)
    return get_item(vault, item) if listed is None else listed.get(item.id(vault).lower())


def _listed(vault: VaultRef, item: ItemRef) -> Listed:
    crowd = _CROWDS.setdefault((settings(), vault.id.lower(), item.kind), Crowd())
    return crowd.look(lambda: list_items(vault, item.kind))
