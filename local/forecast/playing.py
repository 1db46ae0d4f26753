"""Plays a plan on a stack of its own with the skipping clock; looks every few virtual minutes, as people do, so that it is quick."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from cli.answers import GateSeen
from shared.plan.documents import read_document
from shared.scheduling.blackouts import SETTING
from shared.settings import settings

from ..stack.actor import Actor, Turn, stand_still
from ..stack.api_client import Door, Picture
from ..stack.environment import CARETAKERS, QUEUES, without
from ..stack.migrate import Scene, door_of, lend, register
from ..stack.rehearsal import Rehearsal
from ..stack.scripted_operators import ANYBODY, People
from ..stack.stack import Stack, running, storage_inside
from ..world.build import build
from ..world.model import Release
from .mishaps import Mishap, Mishaps
from .model import Duty, Trouble

SHORTEST = timedelta(minutes=1)  # of virtual time between looks
LONGEST = timedelta(days=120)  # of virtual time
RECONCILE = "tend_everything"  # what trouble loses is put right by it
SELDOM = {"AZFERRY_COPIES_EVERY": "7200"}  # seconds: nobody looks at copies that wait, and a cutover looks at its own
NOBODY = {"AZFERRY_CHANNELS": "", "AZFERRY_TELL": ""}  # that a person named for real migrations
Key = tuple[str, str, str, datetime | None]


@dataclass(frozen=True)
class Script:
    """What is to be played: the scene, durations that are otherwise, and what goes wrong on purpose."""

    scene: Scene
    durations: dict[str, Any] = field(default_factory=dict)
    mishaps: Sequence[Mishap] = ()


@dataclass
class Watch:
    """Keeps which gates were seen open, since when, and when they were gone."""

    duties: dict[Key, Duty] = field(default_factory=dict)

    def see(self, picture: Picture, now: datetime) -> None:
        """Note the gates of a picture."""
        open_now = {_key(gate): gate for gate in picture.gates}
        for key, gate in open_now.items():
            known = self.duties.get(key)
            self.duties[key] = known.replace(machines=_names(gate, known)) if known else _duty(gate, now)
        for key, duty in self.duties.items():
            if key not in open_now and duty.decided is None:
                self.duties[key] = duty.replace(decided=now)


def _key(gate: GateSeen) -> Key:
    return gate.name, gate.wave, gate.machine, gate.since


def _duty(gate: GateSeen, now: datetime) -> Duty:
    return Duty(
        gate=gate.name,
        wave=gate.wave,
        machines=_names(gate, None),
        opens=gate.since or now,
        latest=gate.expires,
        text=gate.text[:300],
    )


def _names(gate: GateSeen, known: Duty | None) -> tuple[str, ...]:
    before = known.machines if known else ()
    return tuple(dict.fromkeys((*before, *gate.pending, *((gate.machine,) if gate.machine else ()))))


def pace(releases: Sequence[Release]) -> timedelta:
    """Give the time between looks: gates are found before somebody is to act there."""
    return max(SHORTEST, min(each.after for each in (*releases, ANYBODY)))


class SeldomLooking(Rehearsal):
    """A rehearsal that looks every few virtual minutes, and at machines only where somebody is to decide about them."""

    glance = float("inf")

    def __init__(self, stack: Stack, people: People, watch: Watch, mishaps: Mishaps) -> None:
        """Keep who takes part."""
        super().__init__(stack, people)
        self._watch = watch
        self._mishaps = mishaps
        self._each = pace(people.releases)
        self._next: datetime | None = None
        self._stop: datetime | None = None

    def _is_worth_a_look(self, actor: Actor, now: datetime) -> bool:
        """Tell whether it is time for a look, or something is to be done; else no jump passes that moment."""
        due = min((each for each in (self._next, self._stop) if each is not None), default=now)
        if now < due:
            actor.stop_at(due)
            return False
        self._next = now + self._each
        return True

    def _go_on(self, actor: Actor, turn: Turn, *, acted: bool) -> None:
        """Let time go on without us until there is something to see; who acted looks at what came of it."""
        if acted:
            self._next = turn.now
            actor.answer(turn, acted=True)
        else:
            actor.leave_until(min(each for each in (self._next, self._stop) if each is not None))

    def _without_turn(self, actor: Actor, migration: str) -> Picture | None:
        """Look: behind the end of a migration nothing is due any more, and nobody would ever have a turn."""
        if actor.is_away:
            return None
        return self._look(migration, actor.now())[0]

    def _look(self, migration: str, now: datetime) -> tuple[Picture, bool]:
        self._mishaps.act(now)
        picture, acted = super()._look(migration, now)
        self._watch.see(picture, now)
        return picture, acted

    def _next_stop(self, picture: Picture, now: datetime) -> datetime | None:
        dues = (super()._next_stop(picture, now), self._mishaps.next_due())
        self._stop = min((each for each in dues if each is not None), default=None)
        return self._stop

    def _is_stuck(self, picture: Picture) -> bool:
        """Tell whether nothing can come any more: plans may wait for their windows for months."""
        begun = picture.migration.started_at
        return begun is not None and self._turned - begun > LONGEST


@dataclass(frozen=True)
class Recorded:
    """What a play left: the report as the app gives it, the gates as people saw them, what went wrong on purpose."""

    report: bytes
    duties: tuple[Duty, ...]
    troubles: tuple[Trouble, ...]


def play(script: Script, folder: Path, tell: Callable[[str], None]) -> Recorded:
    """Play a plan to its end. Raises `StackError` where a part of the stack does not start, or ends by itself."""
    storage, options = storage_inside()  # a play keeps nothing but its report
    with running(folder, "skipping", options, settings=_settings(script), storage=storage) as stack:
        tell("the stack is up: the plan is played")
        stand_still(stack.places.clock)
        build(script.scene.world, stack.world_places)
        if script.durations:
            place = f"{stack.places.simulator}/control/durations"
            httpx.patch(place, json=script.durations, trust_env=False).raise_for_status()
        with closing(door_of(stack)) as door:
            return _played(stack, door, script)


def _settings(script: Script) -> dict[str, str]:
    """Give what the app is told besides: the company's blackouts, as they stand here; and what it needs not do."""
    company = settings().blackouts
    needless = [each for each in CARETAKERS if each != RECONCILE or not script.mishaps]
    unwatched = {} if script.mishaps else SELDOM
    return {**({SETTING: company} if company else {}), **without((*needless, *QUEUES)), **NOBODY, **unwatched}


def unheard(body: bytes) -> bytes:
    """Give a plan without those whom it wants to be told: the app that plays it knows no channels, and would refuse it."""
    document = read_document(body, "")
    named = isinstance(document, dict) and document.pop("notifications", None)
    return json.dumps(document).encode() if named else body


def _played(stack: Stack, door: Door, script: Script) -> Recorded:
    scene, watch = script.scene, Watch()
    migration = door.submit(unheard(scene.body))
    people = People(door, scene.world.gates, partial(register, stack, scene), partial(lend, stack, scene))
    begun = door.glance(migration).migration.started_at
    mishaps = Mishaps(stack.places.simulator, script.mishaps, begun or Actor(stack.places.clock).now())
    SeldomLooking(stack, people, watch, mishaps).play(migration)
    return Recorded(door.report(migration, "json"), tuple(watch.duties.values()), tuple(mishaps.troubles()))
