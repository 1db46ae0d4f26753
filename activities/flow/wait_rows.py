"""Arming waits: whose look it is, for what, in which watch; one stable id per wait of a place."""

from datetime import datetime
from typing import TypedDict, Unpack

from shared.contracts.requests import Poll
from shared.coordination import waits
from shared.coordination.waits import Wait, WaitKind
from shared.models import Announcement, Scope
from shared.site_recovery.vault import VaultRef


class Awaited(TypedDict, total=False):
    """What a wait may say beside who waits and where."""

    threshold: str
    urgent: bool
    not_before: datetime | None
    text: str


class AwaitedSubject(Awaited, total=False):
    """And what it looks at, where the watch does not say so."""

    subject: str
    vault: str


def arm(poll: Poll, kind: WaitKind, watch: str, **more: Unpack[AwaitedSubject]) -> Wait:
    """Write down who waits for what."""
    wait = Wait(
        watch=watch,
        id=wait_id(poll, kind),
        instance=poll.instance,
        event=poll.event,
        migration=poll.migration,
        wave=poll.wave,
        machine=poll.machine,
        round=poll.round,
        kind=kind,
        since=poll.since,
        stamp=poll.now,
        **more,
    )
    waits.arm(wait)
    return wait


def arm_vault(poll: Poll, kind: WaitKind, vault: VaultRef, subject: str, **more: Unpack[Awaited]) -> Wait:
    """Write down a wait that the watcher of a vault looks after: a job id or an item's id is its subject."""
    return arm(poll, kind, waits.watch_key(vault.id), subject=subject, vault=vault.model_dump_json(), **more)


def disarm(poll: Poll, kind: WaitKind, watch: str) -> None:
    """Take the wait of a place back."""
    waits.disarm(watch, wait_id(poll, kind))


def disarm_vault(poll: Poll, kind: WaitKind, vault: VaultRef) -> None:
    """Take a wait back that the watcher of a vault looked after."""
    disarm(poll, kind, waits.watch_key(vault.id))


def wait_id(poll: Poll, kind: WaitKind) -> str:
    """Give the wait's stable id: the same at every look."""
    return ".".join(part for part in (poll.key, kind.value, poll.tag) if part)


def hurry(scope: Scope, vault: VaultRef) -> None:
    """Keep the vault's watcher at its quick pace while a cohort cuts over: every tick it is late is downtime."""
    row = Wait(watch=waits.watch_key(vault.id), id=_hurry_id(scope), instance="", event="", migration=scope.migration)
    when = {"since": scope.now, "stamp": scope.now}
    waits.arm(row.replace(vault=vault.model_dump_json(), urgent=True, text="a cutover is under way", **when))


def no_hurry(scope: Scope, vault: VaultRef) -> None:
    """Let the watcher slow down again."""
    waits.disarm(waits.watch_key(vault.id), _hurry_id(scope))


def _hurry_id(scope: Scope) -> str:
    return f"{scope.key}.cutover"


def gate_watch(migration: str) -> str:
    """Give the watch of everything that a person decides in a migration."""
    return f"gate.{migration}"


def wave_watch(migration: str) -> str:
    """Give the watch of those who wait for another wave."""
    return f"wave.{migration}"


def owner_watch(scope: Scope) -> str:
    """Give the watch of those who wait for a machine to be let go."""
    return f"owner.{scope.migration}.{scope.machine}"


def wake(watch: str, kind: WaitKind | None = None, wave: str = "") -> tuple[Announcement, ...]:
    """Give the events that wake everybody in a watch, or of them who waits in one way for a wave as a whole.

    Their rows stay: each takes its own back when it has looked.
    """
    armed = waits.of_watch(watch)
    if kind is not None:
        armed = tuple(wait for wait in armed if (wait.kind, wait.wave, wait.machine) == (kind, wave, ""))
    return tuple(wait.announcement for wait in armed)


def later_than(moment: datetime, now: datetime) -> int:
    """Give whole seconds from `now` until a moment, at least one."""
    return max(1, int((moment - now).total_seconds()) + 1)
