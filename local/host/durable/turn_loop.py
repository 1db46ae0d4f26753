"""The turn thread: takes in calls and messages, runs turns in groups, one transaction for each group."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import TypeVar

from ...clock import Clock
from .actions import ACTIVITIES
from .call import Call
from .entities import Entities
from .events import OFFERED_AGAIN, OPERATION, OPERATION_DUE, VISIBLE_AGAIN, Kind, Message, moment, stamp
from .instance import Instance
from .instance_cache import Roster
from .leases import TASK_ANSWERS, Leases, Task
from .replay_cursor import Leaf
from .schedule import Mail, Schedule
from .store import Store
from .turn import Player, Turn
from .work_counter import Busy
from .writer import Writer, start_message

LONGEST_PAUSE = 600  # seconds between two looks at an instance of another version
GROUP = 64  # turns in one transaction at most
PATIENCE = (0.002, 0.05)  # real seconds that an instance with open tasks waits for more of them to come back
T = TypeVar("T")
log = logging.getLogger(__name__)


class Turns:
    """Owns the writer's side of the store while it runs."""

    def __init__(  # noqa: PLR0913, PLR0917 - it connects the parts of the engine
        self,
        store: Store,
        roster: Roster,
        player: Player,
        writer: Writer,
        entities: Entities,
        schedule: Schedule[Call],
        leases: Leases,
        mail: Mail[Call],
        busy: Busy,
        clock: Clock,
    ) -> None:
        self._store, self._roster, self._player, self._writer = store, roster, player, writer
        self._entities = entities
        self._leases = leases
        self._schedule, self._mail, self._busy, self._clock = schedule, mail, busy, clock
        self._ready: list[Instance] = []
        self._calls: list[Call] = []  # of the transaction under way
        self._orphans: list[Message] = []  # delivered to nobody; their durable rows must go
        self._stopping = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="turns", daemon=True)
        self.at_step: Callable[[str], None] = lambda _: None

    @property
    def failure(self) -> BaseException | None:
        """What stopped the thread, if anything did."""
        return self._failure

    def start(self) -> None:
        """Take up what is on disk and start the thread."""
        open_tasks = {task for instance in self._store.living() for task in self._recover(instance)}
        self._leases.keep(open_tasks)
        self._store.begin()
        self._entities.recover(stamp(self._clock.now()))
        self._store.commit()
        self._release()
        self._thread.start()

    def stop(self) -> None:
        """Finish the current transaction and end the thread."""
        self._stopping = True
        self._mail.wake()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, work: Callable[[], T]) -> "Future[T]":
        """Have `work` done inside a transaction; the future is set after the commit."""
        future: Future[T] = Future()
        if self._failure is not None or self._stopping:
            future.set_exception(RuntimeError("The engine has stopped.") if self._failure is None else self._failure)
            return future
        self._mail.call(Call(work, future))
        return future

    def free(self, instance: Instance) -> None:
        """Let a recovered or parked instance read its messages."""
        self._busy.add(len(instance.inbox))
        self._enqueue(instance)

    def _recover(self, instance: Instance) -> list[Task]:
        """Take up an instance; returns its open tasks."""
        self._roster.add(instance)
        walk = self._store.walk(instance.seq)
        if not self._store.has_begun(instance.seq):
            instance.inbox.insert(0, start_message(instance, instance.created))
        instance.is_parked = instance.offered is not None and moment(instance.offered) > self._clock.now()
        if instance.is_parked:
            self._schedule.offer(instance, moment(instance.offered or ""))
        elif not _is_entity(instance.id):
            self.free(instance)
        held = walk.held_tasks()
        open_ones = [task for task in walk.open.items() if task[0] not in held]
        self.restart_tasks(instance, [*open_ones, *walk.cancelled.items()])
        return [(instance.execution, event_id) for event_id in walk.open]

    def restart_tasks(self, instance: Instance, tasks: Iterable[tuple[int, Leaf]]) -> None:
        """Start open tasks again whose effects may have been lost; children look after themselves."""
        known = {message.task for message in instance.inbox if message.execution == instance.execution}
        for event_id, leaf in tasks:
            if event_id in known:
                continue  # its result waits in the durable inbox
            if leaf.fire_at is not None:
                self._schedule.timer(instance, event_id, leaf)
            elif leaf.kind in ACTIVITIES:
                self._restart_activity(instance, event_id)

    def _restart_activity(self, instance: Instance, event_id: int) -> None:
        due = self._leases.due((instance.execution, event_id))
        if due is not None and due > self._clock.now():
            self._schedule.activity_at(instance, event_id, due)
            return
        name, text = self._store.activity(instance.seq, event_id)
        self._schedule.activity(instance, event_id, name, text)

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._take_in(self._mail.collect(self._patience()))
                self._play()
        except BaseException as failure:
            log.critical("The durable engine has stopped", exc_info=failure)
            self._failure = failure
            self._store.roll_back()
        self._refuse_rest()

    def _refuse_rest(self) -> None:
        for item in [*self._calls, *self._mail.collect(0)]:
            if isinstance(item, Call):
                item.refuse(self._failure or RuntimeError("The engine has stopped."))

    def _patience(self) -> float | None:
        if not self._ready:
            return None
        return max(0.0, min(instance.ready_at for instance in self._ready) - time.monotonic())

    def _take_in(self, items: Sequence[tuple[str, Message] | Call]) -> None:
        self._calls = calls = [item for item in items if isinstance(item, Call)]
        if not calls and not any(self._needs_writing(item) for item in items if not isinstance(item, Call)):
            for item in items:
                self._deliver(item)
            return
        self._store.begin()
        for item in items:
            self._deliver(item)
        self._store.forget(self._orphans)
        self._orphans = []
        self.at_step("calls written")
        self._store.commit()
        self.at_step("calls committed")
        self._release()
        for call in calls:
            call.answer()
        self._busy.remove(len(calls))

    def _needs_writing(self, item: tuple[str, Message]) -> bool:
        instance = self._roster.get(item[0])
        if _is_entity(item[0]):
            return True
        return item[1].row is not None if instance is None else instance.is_parked

    def _deliver(self, item: "tuple[str, Message] | Call") -> None:
        if isinstance(item, Call):
            item.run(self._store)
            return
        instance = self._roster.get(item[0])
        message = item[1]
        if _is_entity(item[0]) or message.kind < 0:
            self._deliver_inner(item[0], instance, message)
            self._busy.remove()
            return
        if instance is None:
            self._leases.answered(message)
            self._orphans += [message] if message.row is not None else []
            self._busy.remove()
            return
        instance.inbox.append(message)
        if not instance.is_parked:
            self._enqueue(instance)
            return
        if message.row is None and message.kind != Kind.EXECUTION_STARTED:
            self._store.receive(instance.id, message)  # it may wait for long
            self._leases.answered(message)
        self._busy.remove()

    def _deliver_inner(self, target: str, instance: Instance | None, message: Message) -> None:
        """Deal with what is no message to an orchestrator."""
        if _is_entity(target):
            if message.kind in (OPERATION, OPERATION_DUE) or message.kind in TASK_ANSWERS:
                self._entities.take(target, message, stamp(self._clock.now()))
        elif instance is None or instance.execution != message.execution:
            return
        elif message.kind == OFFERED_AGAIN:
            instance.is_parked = False
            self.free(instance)
        elif message.kind == VISIBLE_AGAIN and message.task is not None:
            self._restart_activity(instance, message.task)

    def _release(self) -> None:
        """After a commit: start the effects, and give up the leases of activities whose results are on disk."""
        self._writer.release()
        self._leases.release_answered()

    def _enqueue(self, instance: Instance) -> None:
        """Have an instance take a turn soon; one with a fan-out open waits a little for more results."""
        missing = len(instance.memory.walk.open) - len(instance.inbox) if instance.memory else 0
        if missing <= 0:
            instance.ready_at = 0.0
        if instance.is_queued or not instance.inbox:
            return
        if missing > 0:
            instance.ready_at = time.monotonic() + min(max(instance.cost, PATIENCE[0]), PATIENCE[1])
        instance.is_queued = True
        self._ready.append(instance)

    def _pick(self) -> list[Instance]:
        now = time.monotonic()
        picked: list[Instance] = []
        later: list[Instance] = []
        for instance in self._ready:
            if not instance.is_queued:
                continue  # held or ended meanwhile
            if instance.ready_at <= now and len(picked) < GROUP:
                instance.is_queued = False  # it may stand in the list twice
                picked.append(instance)
            else:
                later.append(instance)
        self._ready = later
        return picked

    def _play(self) -> None:
        picked = self._pick()
        if not picked:
            return
        self._store.begin()
        read = sum(self._take_turn(instance) for instance in picked)
        self.at_step("turns written")
        self._store.commit()
        self.at_step("turns committed")
        self._release()
        self.at_step("effects started")
        self._busy.remove(read)
        self._roster.let_go()

    def _take_turn(self, instance: Instance) -> int:
        """Run and write one turn; returns how many messages it took."""
        if self._roster.get(instance.id) is not instance:
            return 0  # another turn of this group took its id
        begun, now = time.perf_counter(), self._clock.now()
        memory = self._roster.load(instance)
        messages, instance.inbox = instance.inbox, []
        turn = self._player.take(instance, memory, messages, now)
        if turn.is_rejected:
            return self._park(turn)
        for message in messages:
            self._leases.answered(message)
        self._writer.write(turn, memory, stamp(now))
        instance.cost = time.perf_counter() - begun
        if self._roster.get(instance.id) is instance:
            self._roster.touch(instance)
            self._enqueue(instance)
        return len(messages)

    def _park(self, turn: Turn) -> int:
        """Put an instance back whose version does not fit; it is offered again after growing pauses, as in Azure."""
        instance = turn.instance
        log.warning("Instance %s is of version %s and waits for a host that may run it", instance.id, instance.version)
        instance.inbox = list(turn.messages)
        for message in instance.inbox:
            if message.row is None and message.kind != Kind.EXECUTION_STARTED:
                self._store.receive(instance.id, message)  # it may wait for long
        instance.is_parked, instance.offers = True, instance.offers + 1
        due = self._clock.now() + timedelta(seconds=min(2**instance.offers, LONGEST_PAUSE))
        instance.offered = stamp(due)
        self._store.put_back(instance)
        self._writer.later(lambda: self._schedule.offer(instance, due))
        return len(turn.messages)


def _is_entity(instance_id: str) -> bool:
    # Azure keeps entities as instances of such ids; an orchestration that is given one never runs, there and here.
    return instance_id.startswith("@")
