"""Starts what turns asked for (activities, timers) and delivers what comes back. Only ever after the commit."""

import queue
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from ...clock import Clock
from .activity_pool import Job, Pool
from .app import Activity, DurableApp, DurableSettings
from .events import OFFERED_AGAIN, OPERATION_DUE, VISIBLE_AGAIN, Kind, Message, moment, stamp
from .failures import activity_failed, exception_details
from .http_calls import run_http_call
from .instance import Instance
from .replay_cursor import HTTP_ACTIVITY, Leaf
from .timers import Due, Timers
from .work_counter import Busy

Post = tuple[str, Message]
C = TypeVar("C")
SECOND = timedelta(seconds=1)
A_MOMENT = timedelta(milliseconds=25)  # what a message takes at least from the turn that sends it to the next one


class Mail(Generic[C]):
    """What waits for the turn thread: messages to instances and calls from outside. Each counts as work."""

    def __init__(self, busy: Busy, clock: Clock) -> None:
        self._busy, self._clock = busy, clock
        self._queue: queue.SimpleQueue[Post | C | None] = queue.SimpleQueue()

    def post(self, instance_id: str, message: Message) -> None:
        """Send a message to an instance; the turn thread lowers the counter when it is dealt with."""
        if message.at is None:
            message.at = stamp(self._clock.now())
        self._busy.add()
        self._queue.put((instance_id, message))

    def call(self, work: C) -> None:
        """Have the turn thread do something between two transactions; it lowers the counter afterwards."""
        self._busy.add()
        self._queue.put(work)

    def wake(self) -> None:
        """Let the turn thread look up."""
        self._queue.put(None)

    def collect(self, seconds: float | None) -> list[Post | C]:
        """Take everything that waits, after waiting for the first at most so long (None: forever; 0: not at all)."""
        taken: list[Post | C] = []
        try:
            first = self._queue.get(timeout=seconds) if seconds is None or seconds > 0 else self._queue.get_nowait()
            while True:
                if first is not None:
                    taken.append(first)
                first = self._queue.get_nowait()
        except queue.Empty:
            return taken


class Schedule(Generic[C]):
    """The effects of turns."""

    def __init__(  # noqa: PLR0913, PLR0917 - it connects the parts of the engine
        self,
        app: DurableApp,
        settings: DurableSettings,
        pool: Pool,
        timers: Timers,
        busy: Busy,
        mail: Mail[C],
        clock: Clock,
    ) -> None:
        built_in = Activity(HTTP_ACTIVITY, run_http_call)
        self._activities = {name.lower(): activity for name, activity in app.activities.items()} | {
            HTTP_ACTIVITY.lower(): built_in
        }
        self._entities = {name.lower(): entity for name, entity in app.entities.items()}
        self._settings = settings
        self._pool, self._timers, self._busy, self._mail, self._clock = pool, timers, busy, mail, clock

    def activity(self, instance: Instance, event_id: int, name: str, input_text: str | None) -> None:
        """Run an activity; a name the app no longer has fails the task."""
        job = Job(instance.id, instance.execution, event_id, name, input_text)
        activity = self._activities.get(name.lower())
        if activity is None:
            text = "the app has no activity of that name"
            failed = Message(Kind.TASK_FAILED, event_id, execution=job.execution, details=exception_details(text))
            failed.text = activity_failed(name, text)
            self._mail.post(instance.id, failed)
            return
        self._busy.add()
        self._pool.submit(activity, job)

    def timer(self, instance: Instance, event_id: int, leaf: Leaf) -> None:
        """Arm a timer; one that is due fires at once."""
        fire_at, now = moment(leaf.fire_at or ""), self._clock.now()
        if fire_at <= now:
            self._mail.post(instance.id, Message(Kind.TIMER_FIRED, event_id, execution=instance.execution))
            return
        due = as_early_as_azure(fire_at, now) if self._settings.early_timers else fire_at
        self._timers.add(due, Due(instance.id, instance.execution, event_id))

    def entity(self, entity_id: str, payload: str) -> None:
        """Run an entity's code on a batch of operations."""
        entity = self._entities[entity_id[1:].partition("@")[0]]
        self._busy.add()
        self._pool.submit(entity, Job(entity_id, "", 0, entity.name, payload))

    def operation(self, entity_id: str, message: Message) -> None:
        """Let an operation that was sent for a later moment come to its entity then."""
        self._timers.add(moment(message.fire_at or ""), Due(entity_id, "", message.row or 0, OPERATION_DUE))

    def offer(self, instance: Instance, due: datetime) -> None:
        """Look once more at an instance of a version that does not fit."""
        self._timers.add(due, Due(instance.id, instance.execution, -1, OFFERED_AGAIN))

    def activity_at(self, instance: Instance, event_id: int, due: datetime) -> None:
        """Let an activity that a dead host had taken run again when its lease is over."""
        self._timers.add(due, Due(instance.id, instance.execution, event_id, VISIBLE_AGAIN))

    @property
    def fires_cancelled(self) -> bool:
        """Whether a timer that was cancelled still fires, to no effect, as in Azure: it must not pull a skipping clock."""
        return self._clock.mode != "skipping"

    def cancel(self, instance: Instance, event_id: int) -> None:
        """Disarm a timer."""
        self._timers.cancel(Due(instance.id, instance.execution, event_id))

    def end(self, instance: Instance) -> None:
        """Disarm all timers of an instance; results of running activities will find nobody."""
        self._timers.cancel_all(instance.id)


def as_early_as_azure(fire_at: datetime, now: datetime) -> datetime:
    """Say when a timer set at `now` may come at the earliest: its delay is cut to whole seconds on the way into the queue.

    The turn that set it took a moment, so a delay of whole seconds loses one, too.
    """
    seconds = -((now - fire_at) // SECOND) - 1
    return min(fire_at, now + max(seconds * SECOND, A_MOMENT))
