"""Arming waits: whose look it is, for what, in which watch; one stable id per wait of a place."""

from datetime import datetime
from typing import Any

from shared import waits
from shared.models import Announcement, Place
from shared.requests import Look
from shared.site_recovery.vault import VaultRef
from shared.waits import Wait, WaitKind


def arm(look: Look, kind: WaitKind, watch: str, **more: Any) -> Wait:
    """Write down who waits for what; `more` are the fields subject, threshold, urgent, not_before, text, vault."""
    wait = Wait(
        watch=watch,
        id=wait_id(look, kind),
        instance=look.instance,
        event=look.event,
        migration=look.migration,
        wave=look.wave,
        machine=look.machine,
        kind=kind,
        since=look.since,
        stamp=look.now,
        **more,
    )
    waits.arm(wait)
    return wait


def arm_vault(look: Look, kind: WaitKind, vault: VaultRef, subject: str, **more: Any) -> Wait:
    """Write down a wait that the watcher of a vault looks after: a job id or an item's id is its subject."""
    return arm(look, kind, waits.watch_key(vault.id), subject=subject, vault=vault.model_dump_json(), **more)


def disarm(look: Look, kind: WaitKind, watch: str) -> None:
    """Take the wait of a place back."""
    waits.disarm(watch, wait_id(look, kind))


def disarm_vault(look: Look, kind: WaitKind, vault: VaultRef) -> None:
    """Take a wait back that the watcher of a vault looked after."""
    disarm(look, kind, waits.watch_key(vault.id))


def wait_id(look: Look, kind: WaitKind) -> str:
    """Give the wait's stable id: the same at every look."""
    return ".".join(part for part in (look.key, kind.value, look.tag) if part)


def hurry(place: Place, vault: VaultRef) -> None:
    """Keep the vault's watcher at its quick pace while a cohort cuts over: every tick it is late is downtime."""
    row = Wait(watch=waits.watch_key(vault.id), id=_hurry_id(place), instance="", event="", migration=place.migration)
    waits.arm(row.but(urgent=True, since=place.now, stamp=place.now, text="a cutover is under way"))


def no_hurry(place: Place, vault: VaultRef) -> None:
    """Let the watcher slow down again."""
    waits.disarm(waits.watch_key(vault.id), _hurry_id(place))


def _hurry_id(place: Place) -> str:
    return f"{place.key}.cutover"


def gate_watch(migration: str) -> str:
    """Give the watch of everything that a person decides in a migration."""
    return f"gate.{migration}"


def wave_watch(migration: str) -> str:
    """Give the watch of those who wait for another wave."""
    return f"wave.{migration}"


def owner_watch(place: Place) -> str:
    """Give the watch of those who wait for a machine to be let go."""
    return f"owner.{place.migration}.{place.machine}"


def wake(watch: str, kind: WaitKind | None = None, wave: str = "") -> tuple[Announcement, ...]:
    """Give the events that wake everybody in a watch, or of them who waits in one way for a wave as a whole.

    Their rows stay: each takes its own back when it has looked.
    """
    there = waits.of_watch(watch)
    if kind is not None:
        there = tuple(wait for wait in there if (wait.kind, wait.wave, wait.machine) == (kind, wave, ""))
    return tuple(wait.announcement for wait in there)


def later_than(moment: datetime, now: datetime) -> int:
    """Give whole seconds from `now` until a moment, at least one."""
    return max(1, int((moment - now).total_seconds()) + 1)
