"""The one clock of a local stack: real, scaled, or skipping from one due moment to the next."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

Mode = Literal["real", "scaled", "skipping"]
_PARTICIPANT_LEASE = 30.0
_REPORTED_AGAIN_WITHIN = 5.0


def iso(moment: datetime) -> str:
    """Return an ISO text with microseconds and Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_iso(text: str) -> datetime:
    """Return the moment an ISO text names (UTC when it has no offset)."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass
class _Participant:
    seen: float
    epoch: int = -1
    due: datetime | None = None

    def idle(self, epoch: int) -> bool:
        return self.epoch == epoch


@dataclass
class _Actor:
    expires: float
    consented: bool = False


@dataclass
class Clock:
    """Virtual time and the rules of a jump; every method runs on one loop, none blocks it."""

    mode: Mode = "real"
    factor: float = 1.0
    origin: datetime = field(default_factory=lambda: datetime.now(UTC))
    until: datetime | None = None
    epoch: int = 0
    started: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self._now = self.origin
        self._holds: dict[str, float] = {}
        self._actors: dict[str, _Actor] = {}
        self._participants: dict[str, _Participant] = {}
        self._changed: asyncio.Event | None = None
        self.moved: Callable[[], None] | None = None

    def now(self) -> datetime:
        """Return virtual time."""
        if self.mode == "skipping":
            return self._now
        if self.mode == "real":
            return datetime.now(UTC)
        return self.origin + timedelta(seconds=(time.time() - self.started) * self.factor)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state in its wire shape: virtual time runs on where it runs by itself, and every report is void.

        A skipping clock waits until those who live by it have had time to report again.
        """
        self.mode, self.factor, self.started = state["mode"], state["factor"], state["started"]
        self.origin, self._now = parse_iso(state["origin"]), parse_iso(state["now"])
        self.until = parse_iso(state["until"]) if state["until"] else None
        self.epoch = state["epoch"] + 1
        if self.mode == "skipping":
            self.hold("started-again", _REPORTED_AGAIN_WITHIN)

    def real_seconds(self, until: datetime) -> float:
        """Return how many real seconds pass until a virtual moment (0 in skipping mode: it never comes by itself)."""
        return max((until - self.now()).total_seconds(), 0.0) / (self.factor if self.mode == "scaled" else 1.0)

    def as_json(self) -> dict[str, Any]:
        """Return the clock's wire shape."""
        self._expire()
        return {
            "mode": self.mode,
            "now": iso(self.now()),
            "factor": self.factor,
            "origin": iso(self.origin),
            "started": self.started,
            "epoch": self.epoch,
            "holds": sorted(self._holds),
            "until": iso(self.until) if self.until else None,
        }

    def jump(self, to: datetime) -> None:
        """Move a skipping clock forward (never past `until`): a new epoch begins and every report is void."""
        if self.mode != "skipping":
            raise ValueError(f"a {self.mode} clock cannot be moved")
        self._now = max(self._now, min(to, self.until) if self.until else to)
        self.epoch += 1
        for actor in self._actors.values():
            actor.consented = False
        if self.moved is not None:
            self.moved()
        self.notify()

    def idle(self, name: str, epoch: int, due: datetime | None) -> None:
        """Take a participant's report; one made in an older epoch says nothing."""
        known = self._participants.setdefault(name, _Participant(time.monotonic()))
        known.seen = time.monotonic()
        if epoch == self.epoch and (known.epoch, known.due) != (epoch, due):
            known.epoch, known.due = epoch, due
            self._void_consents()
            self.notify()
        self.try_jump()

    def busy(self, name: str) -> None:
        """Take an idle report back."""
        known = self._participants.setdefault(name, _Participant(time.monotonic()))
        known.seen, known.epoch, known.due = time.monotonic(), -1, None
        self._void_consents()
        self.notify()

    def reported(self, name: str) -> bool:
        """Return whether a participant's idle report stands in this epoch."""
        known = self._participants.get(name)
        return known is not None and known.idle(self.epoch)

    def hold(self, name: str, lease: float) -> None:
        """Forbid jumps for that many real seconds."""
        self._holds[name] = time.monotonic() + lease

    def release(self, name: str) -> None:
        """End a hold."""
        self._holds.pop(name, None)
        self.notify()
        self.try_jump()

    def register(self, name: str, lease: float) -> None:
        """Register an actor or renew its lease (real seconds)."""
        known = self._actors.setdefault(name, _Actor(0.0))
        known.expires = time.monotonic() + lease

    def unregister(self, name: str) -> None:
        """Forget an actor."""
        self._actors.pop(name, None)
        self.notify()
        self.try_jump()

    def consent(self, name: str, epoch: int, proceed: bool) -> None:
        """Take an actor's answer; a refusal voids every idle report of the epoch."""
        actor = self._actors.get(name)
        if actor is None or epoch != self.epoch:
            return
        actor.consented = proceed
        if not proceed:
            for known in self._participants.values():
                known.epoch = -1
            self._void_consents()
            self.notify()
        self.try_jump()

    def proposal(self) -> datetime | None:
        """Return the moment all living participants would jump to, None when one is busy or none has anything due."""
        if not self._is_idle():
            return None
        dues = [known.due for known in self._participants.values() if known.due is not None]
        if not dues:
            return None
        first = min(dues)
        due = first if self.until is None else min(first, self.until)
        return due if due > self._now or first <= self._now else None

    def stands_still(self) -> bool:
        """Tell whether all living participants are idle at the moment that no jump may pass: it is whoever named it that is due."""
        return self.until is not None and self.until <= self._now and self._is_idle() and self.proposal() is None

    def is_over(self) -> bool:
        """Tell whether all living participants are idle, and none has anything due: no time passes any more by itself."""
        return self._is_idle() and all(known.due is None for known in self._participants.values())

    def _is_idle(self) -> bool:
        self._expire()
        living = self._participants.values()
        return self.mode == "skipping" and bool(living) and all(known.idle(self.epoch) for known in living)

    def try_jump(self) -> None:
        """Jump if everyone is idle, nobody holds and every actor consented."""
        to = self.proposal()
        if to is not None and not self._holds and all(actor.consented for actor in self._actors.values()):
            self.jump(to)

    def notify(self) -> None:
        """Wake the long polls."""
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def changed(self, patience: float) -> None:
        """Return when something changed, or after that many real seconds."""
        if self._changed is None:
            self._changed = asyncio.Event()
        try:
            await asyncio.wait_for(self._changed.wait(), patience)
        except TimeoutError:
            return

    def _void_consents(self) -> None:
        for actor in self._actors.values():
            actor.consented = False

    def _expire(self) -> None:
        now = time.monotonic()
        self._holds = {name: end for name, end in self._holds.items() if end > now}
        self._actors = {name: actor for name, actor in self._actors.items() if actor.expires > now}
        self._participants = {
            name: known
            for name, known in self._participants.items()
            if known.seen + _PARTICIPANT_LEASE > now and _alive(name)
        }


def _alive(name: str) -> bool:
    """Return False for a participant `…-<pid>` whose process has ended: a killed host must not stop the clock."""
    pid = name.rpartition("-")[2]
    if not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
