"""Plays orchestrators in virtual time, without any host: activities are plain functions, waiting costs nothing.

    stage = Stage(start_failover=lambda asked: Job(id="1"), read_job=...)
    reply = stage.play(fail_over, place)

A child orchestrator is played for real when its body is given in `children`, else its name must be among the plain
functions. `stage.journal` lists what was called, in order; `stage.now` is the virtual clock; `stage.tell` raises an
event, at once or later.
"""

import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.durable.seam import Phase, answered, as_problem, outcome
from shared.models import Request
from shared.problems import Problem

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


@dataclass(eq=False)
class Happening:
    """A task: something that will be known."""

    known: bool = False
    result: Any = None
    error: Exception | None = None
    parts: list["Happening"] = field(default_factory=list)
    any_of: bool = False
    cancelled: bool = False
    heard_by: list["Happening"] = field(default_factory=list)  # tasks of which it is a part
    waiters: list["Played"] = field(default_factory=list)  # instances that go on when it is known
    unknown: int = 0  # of its parts

    def cancel(self) -> None:
        assert not self.known, "a timer that fired cannot be cancelled"
        self.cancelled = True


@dataclass(eq=False)
class Played:
    """One instance on the stage; it is also the Context that the body sees."""

    stage: "Stage"
    instance_id: str
    task: Happening
    number: int = 0  # in the order in which instances were begun
    body: Generator[Any, Any, Any] | None = None
    waits_for: Happening | None = None
    inbox: dict[str, Happening] = field(default_factory=dict)
    awaited: set[str] = field(default_factory=set)
    open_timers: list[Happening] = field(default_factory=list)
    custom_status: Any = None
    renewed: Any = None
    is_replaying: bool = False

    @property
    def current_utc_datetime(self) -> datetime:
        return self.stage.now

    def call_activity_with_retry(self, name: str, retry_options: Any, input_: Any) -> Happening:
        json.dumps(input_)
        return self.stage.act(self, name, input_)

    def call_sub_orchestrator(self, name: str, input_: Any, instance_id: str) -> Happening:
        json.dumps(input_)
        assert len(instance_id) <= 100, f"instance id too long: {instance_id}"
        return self.stage.begin(name, input_, instance_id)

    def create_timer(self, fire_at: datetime) -> Happening:
        assert fire_at - self.stage.now <= timedelta(days=1), "no timer is longer than a day"
        timer = Happening()
        self.open_timers.append(timer)
        self.stage.later(fire_at, timer)
        return timer

    def wait_for_external_event(self, name: str) -> Happening:
        assert name not in self.awaited, f"the event {name} is waited for twice"
        self.awaited.add(name)
        return self.inbox.setdefault(name, Happening())

    def task_all(self, activities: list[Happening]) -> Happening:
        assert activities, "task_all of nothing gives None"
        return self.stage.compound(activities, any_of=False)

    def task_any(self, activities: list[Happening]) -> Happening:
        assert activities
        return self.stage.compound(activities, any_of=True)

    def set_custom_status(self, status: Any) -> None:
        assert len(json.dumps(status)) < 8_000, "custom status is capped at 16 KB of UTF-16"
        self.custom_status = status

    def continue_as_new(self, input_: Any) -> None:
        self.renewed = input_


class Stage:
    """Where orchestrators are played. Keyword arguments: activities (and children) as plain functions by name."""

    def __init__(self, *, children: dict[str, tuple[Phase[Any, Any], Any]] | None = None, **acts: Any) -> None:
        self.now = START
        self.journal: list[str] = []
        self.calls: list[tuple[str, Any]] = []
        self.begun: list[tuple[str, Any]] = []
        self.instances: dict[str, Played] = {}
        self._acts: dict[str, Callable[[Any], Any]] = acts
        self._children = children or {}
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._ready: deque[Played] = deque()
        self._order = itertools.count()

    def play(self, body: Any, request: Request, instance_id: str = "root") -> Any:
        """Play one orchestrator to its end and give its reply, or raise what it ended with."""
        root = self._enter(instance_id, body(root_context := self._context(instance_id), request), root_context)
        self.run_until_quiet(lambda: root.task.known)
        assert root.task.known, f"{instance_id} waits for ever; asked so far: {self.journal[-5:]}"
        if root.task.error:
            raise root.task.error
        return root.task.result

    def tell(self, instance: str, event: str, after: timedelta = timedelta()) -> None:
        """Raise an event at an instance, at once or later."""
        self._at(self.now + after, lambda: self._deliver(instance, event))

    def do(self, after: timedelta, what: Callable[[], None]) -> None:
        """Do something later in virtual time: a person, a cloud."""
        self._at(self.now + after, what)

    def watch(self, name: str, tell: Callable[[Any], Any]) -> None:
        """Tell of every call of an activity, before it replies."""
        act = self._acts[name]
        self._acts[name] = lambda wire: (tell(wire), act(wire))[1]

    def run_until_quiet(self, enough: Callable[[], bool] = lambda: False) -> None:
        """Run everything that is due, jumping from moment to moment."""
        while not enough():
            if self._ready:
                self._step(self._ready.popleft())
            elif self._heap:
                self.now, _, happen = heapq.heappop(self._heap)
                happen()
            else:
                return

    def enter(self, phase: Phase[Any, Any], body: Any, wire: Any, instance_id: str) -> None:
        """Begin an orchestrator that nobody waits for, as a client does; `run_until` lets it go on."""
        context = self._context(instance_id)
        self._enter(instance_id, body(context, phase.takes.model_validate(wire)), context)

    def run_until(self, moment: datetime) -> None:
        """Run everything that is due until a moment, and stand there."""
        while self._ready or (self._heap and self._heap[0][0] <= moment):
            if self._ready:
                self._step(self._ready.popleft())
            else:
                self.now, _, happen = heapq.heappop(self._heap)
                happen()
        self.now = max(self.now, moment)

    def lives(self, instance_id: str) -> bool:
        """Tell whether an instance was begun and has not ended."""
        return instance_id in self.instances and not self.instances[instance_id].task.known

    # what a context asks of its stage

    def act(self, who: Played, name: str, wire: Any) -> Happening:
        self.journal.append(name)
        self.calls.append((name, wire))
        task = Happening()
        act = self._acts.get(name)
        assert act, f"nobody plays {name}"
        try:
            answer = answered(lambda: act(wire))
        except Exception as fault:  # noqa: BLE001 - a fault reaches the orchestrator as text, its attempts spent
            task.error = Exception(f"Activity function '{name}' failed:  {type(fault).__name__}: {fault} \n ")
            answer = None
        self._at(self.now, lambda: self._settle(task, answer))
        return task

    def begin(self, name: str, wire: Any, instance_id: str) -> Happening:
        if name in self._acts:
            return self.act(self._context(instance_id), name, wire)
        assert name in self._children, f"nobody plays the child {name}"
        phase, body = self._children[name]
        self.journal.append(name)
        self.begun.append((name, wire))
        context = self._context(instance_id)

        def shielded() -> Generator[Any, Any, Any]:
            ended = yield from outcome(body(context, phase.takes.model_validate(wire)))
            return answered(lambda: ended) if not isinstance(ended, Problem) else {"refused": _facts(ended)}

        return self._enter(instance_id, shielded(), context).task

    def later(self, moment: datetime, task: Happening) -> None:
        self._at(moment, lambda: None if task.cancelled else self._settle(task, None))

    def compound(self, parts: list[Happening], *, any_of: bool) -> Happening:
        task = Happening(parts=list(parts), any_of=any_of, unknown=sum(not part.known for part in parts))
        for part in parts:
            part.heard_by.append(task)
        self._judge(task)
        return task

    # the machinery

    def _context(self, instance_id: str) -> Played:
        assert instance_id not in self.instances, f"the id {instance_id} is used twice"
        return self.instances.setdefault(instance_id, Played(self, instance_id, Happening(), len(self.instances)))

    def _enter(self, instance_id: str, body: Generator[Any, Any, Any], played: Played) -> Played:
        played.body = body
        self._ready.append(played)
        return played

    def _at(self, moment: datetime, happen: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (max(moment, self.now), next(self._order), happen))

    def _deliver(self, instance: str, event: str) -> None:
        if instance in self.instances:
            task = self.instances[instance].inbox.setdefault(event, Happening())
            if not task.known:
                self._settle(task, {})

    def _settle(self, task: Happening, result: Any) -> None:
        task.known, task.result = True, result
        for compound in task.heard_by:
            compound.unknown -= 1
            self._judge(compound)
        self._ready.extend(sorted(task.waiters, key=lambda played: played.number))
        task.waiters.clear()

    def _judge(self, task: Happening) -> None:
        if task.known or not task.parts or (task.unknown if not task.any_of else task.unknown == len(task.parts)):
            return
        if task.any_of:
            self._settle(task, next(part for part in task.parts if part.known))
            return
        task.error = next((part.error for part in task.parts if part.error), None)
        self._settle(task, [part.result for part in task.parts])

    def _step(self, played: Played) -> None:
        if played.task.known or played.body is None:
            return
        waited, played.waits_for = played.waits_for, None
        try:
            if waited is not None and waited.error:
                task = played.body.throw(waited.error)
            else:
                task = played.body.send(waited.result if waited is not None else None)
        except StopIteration as end:
            self._end(played, end.value, None)
        except Exception as error:  # noqa: BLE001 - whatever ends it is what the test sees
            self._end(played, None, error)
        else:
            played.waits_for = task
            if task.known:
                self._ready.append(played)
            else:
                task.waiters.append(played)

    def _end(self, played: Played, result: Any, error: Exception | None) -> None:
        left = [timer for timer in played.open_timers if not (timer.known or timer.cancelled)]
        assert not left, f"{played.instance_id} ended with an open timer: in Azure it would stay Running"
        played.task.error = error
        self._settle(played.task, result)


def _facts(problem: Problem) -> dict[str, Any]:
    return as_problem(problem).facts.model_dump(mode="json", by_alias=True, exclude_defaults=True)
