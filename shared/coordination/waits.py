"""Table `waits`: who waits for what, and by which event they are woken. One row per wait, one partition per watch.

A second kind of row says in which watches a migration has ever waited: it is written before the wait and stays, so no
writer that dies in between leaves the two at odds. The waits of a migration cost one small read and one per watch.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from pydantic import Field

from shared.models import NEVER, Announcement, Model
from shared.settings import Settings, settings
from shared.storage.batch_writes import write_all
from shared.storage.rows import Operation, Rows, StoredRow, create, delete

SUSPENDED: Final = "suspended"  # as the threshold of a job that holds for a person already: its going on is awaited


class WaitKind(StrEnum):
    """What kind of thing is waited for."""

    JOB = "job"
    PROTECTED = "protected"
    RECOVERY_POINT = "recovery-point"
    ITEM_GONE = "item-gone"
    STANDBY = "standby"  # nobody waits: a machine's copy is looked at until its cutover
    APPLIANCE = "appliance"
    OPERATION = "operation"
    COMMAND = "command"
    GATE = "gate"
    SLOT = "slot"
    WAVE = "wave"
    WINDOW = "window"
    OWNER = "owner"
    RESUME = "resume"


class Wait(Model):
    """One wait. Its id stays the same however often it is armed again; its event changes each time."""

    watch: str = Field(description="who looks after it: vault.<hash>, gate.<migration>, slot.<limit>, wave.<migration>")
    id: str = Field(description="stable per wait, e.g. the place's key and the kind")
    instance: str = Field(description="the waiting instance")
    event: str = Field(description="the event to raise at it")
    migration: str = ""
    wave: str = ""
    machine: str = ""
    round: int = 1
    kind: WaitKind = WaitKind.JOB
    subject: str = Field(default="", description="what is looked at: a job id, an item id")
    threshold: str = Field(default="", description="what it has to reach, e.g. a moment or a state")
    urgent: bool = Field(default=False, description="worth a quick tick of the watcher")
    not_before: datetime | None = None
    since: datetime = NEVER
    text: str = Field(default="", description="what is waited for, in plain words")
    vault: str = Field(default="", description="the vault as JSON")
    stamp: datetime = Field(default=NEVER, description="the armer's now; an older one does not replace a newer one")

    @property
    def announcement(self) -> Announcement:
        """Give the event that wakes the waiter."""
        return Announcement(instance=self.instance, event=self.event)


class Watched(Model):
    """A watch in which a migration has waited."""

    watch: str


WAITS: Final = Rows("waits", Wait)
WATCHES: Final = Rows("watches", Watched)


def watch_key(vault_id: str) -> str:
    """Give the watch of a vault; ARM ids do not care for case."""
    return f"vault.{hashlib.sha256(vault_id.lower().encode()).hexdigest()[:24]}"


def arm(wait: Wait) -> None:
    """Write a wait, or put a newer event into it; a late twin of an older arming changes nothing."""
    if wait.migration:
        _note(settings(), wait.migration, wait.watch)
    if WAITS.last_known(wait.watch, wait.id) is None and WAITS.commit((create(wait.watch, wait.id, wait),)):
        return  # most waits are new
    WAITS.change(wait.watch, wait.id, lambda existing: None if existing and existing.stamp > wait.stamp else wait)


def disarm(watch: str, wait_id: str) -> None:
    """Take a wait back if it is there."""
    WAITS.drop(watch, wait_id)


def settle(watch: str, settled: Iterable[Wait]) -> None:
    """Take back waits whose waiters are woken, unless one was armed again since it was read. 100 per request."""
    events = {wait.id: wait.event for wait in settled}

    def operations(existing: dict[str, StoredRow[Wait]]) -> Sequence[Operation]:
        return tuple(delete(found, watch) for found in existing.values() if events.get(found.row.id) == found.row.event)

    if events:
        write_all(WAITS, watch, operations)


def forget(watch: str, migration: str, machine: str | None = None) -> None:
    """Take back the waits of a machine (or of a whole migration) in a watch: whoever waited there has ended."""
    where = "migration eq @migration" + (" and machine eq @machine" if machine is not None else "")
    for wait in WAITS.of(watch, where, {"migration": migration, "machine": machine or ""}):
        disarm(watch, wait.id)


def of_watch(watch: str, *, standing_by: bool = True) -> tuple[Wait, ...]:
    """Give the waits of one watch, 1,000 per request; without the rows of those for whom nobody waits, where these are not wanted."""
    where = "" if standing_by else "kind ne @standby"
    return tuple(WAITS.of(watch, where, {"standby": WaitKind.STANDBY.value}))


def of_migration(migration: str) -> tuple[Wait, ...]:
    """Give the waits of one migration, in whichever watch."""
    watches = [found.watch for found in WATCHES.of(migration)]
    return tuple(
        wait for watch in watches for wait in WAITS.of(watch, "migration eq @migration", {"migration": migration})
    )


@lru_cache(maxsize=4096)
def _note(_where: Settings, migration: str, watch: str) -> None:
    """Note once per process that a migration waits in a watch; writing it again is harmless."""
    WATCHES.put(migration, watch, Watched(watch=watch))
