"""What the management API may do to instances. Every method runs on the turn thread, inside a transaction."""

import json
import uuid
from functools import partial

from ...clock import Clock
from .events import Kind, Message, stamp
from .instance import ENDED, FAILED, PENDING, RUNNING, SUSPENDED, TERMINATED, Instance
from .problems import BadInstanceId, BadPayload, Gone, InstanceExists, NotFound, UnknownFunction, WrongState
from .rewind import Rewinding
from .roster import Roster
from .store import Store
from .turn import Player
from .turns import Turns
from .writer import Writer, is_bad_id, terminated_rows


class Calls:
    """The writing half of the engine's facade."""

    def __init__(
        self, store: Store, roster: Roster, player: Player, writer: Writer, turns: Turns, clock: Clock
    ) -> None:
        self._store, self._roster, self._player = store, roster, player
        self._writer, self._turns, self._clock = writer, turns, clock

    def create(self, name: str, input_text: str | None, instance_id: str | None, version: str | None) -> str:
        """Write a new instance; it replaces one of its id that has ended (documented: NonRunningStates is the default)."""
        if name.lower() not in self._player.orchestrators:
            known = ", ".join(f"'{each}'" for each in sorted(self._player.app.orchestrators))
            raise UnknownFunction(
                f"The function '{name}' doesn't exist, is disabled, or is not an orchestrator function. "
                f"Additional info: The following are the known orchestrator functions: {known}"
            )
        new_id = instance_id or uuid.uuid4().hex
        if is_bad_id(new_id):
            raise BadInstanceId(
                f"The instance id '{new_id}' is not allowed: no leading @, no / \\ # ? or control characters."
            )
        _check_json(input_text, "input")
        known_one = self._store.find(new_id)
        if known_one is not None:
            if known_one.status not in ENDED:
                raise InstanceExists(
                    f"An orchestration instance '{new_id}' with the status {known_one.status} already exists."
                )
            self._store.delete(known_one.seq)
        self._add(name, input_text, new_id, version)
        return new_id

    def raise_event(self, instance_id: str, name: str, payload: str) -> None:
        """Write an event into an instance's inbox."""
        _check_json(payload, "event payload")
        self._writer.send(self._living(instance_id), Message(Kind.EVENT_RAISED, name=name, text=payload))

    def terminate(self, instance_id: str, reason: str) -> None:
        """Write that an instance has ended; its children go on, as in Azure."""
        instance, at = self._living(instance_id), stamp(self._clock.now())
        memory = self._roster.load(instance)
        self._store.append(instance.seq, memory.length, terminated_rows(reason, at))
        self._writer.end(instance, TERMINATED, json.dumps(reason), reason, at)

    def suspend(self, instance_id: str, reason: str) -> None:
        """Write that an instance takes no more turns."""
        instance = self._living(instance_id)
        if instance.status == SUSPENDED:
            raise WrongState(f"The instance '{instance_id}' is suspended already.")
        if not instance.is_parked:
            self._turns.hold(instance)
        instance.status = SUSPENDED
        self._store.set_status(instance, stamp(self._clock.now()))
        self._note(instance, Kind.SUSPENDED, reason)

    def resume(self, instance_id: str, reason: str) -> None:
        """Write that a suspended instance goes on."""
        instance = self._living(instance_id)
        if instance.status != SUSPENDED:
            raise WrongState(f"The instance '{instance_id}' is not suspended.")
        self._note(instance, Kind.RESUMED, reason)
        instance.status = RUNNING if self._store.has_begun(instance.seq) else PENDING
        self._store.set_status(instance, stamp(self._clock.now()))
        if not instance.is_parked:
            self._turns.free(instance)

    def rewind(self, instance_id: str, reason: str) -> None:
        """Write a failed instance back to the moment before its failures."""
        instance = self._store.find(instance_id)
        if instance is None:
            raise NotFound(f"No instance has the id '{instance_id}'.")
        if instance.status in ENDED and instance.status != FAILED:
            raise Gone(f"The instance '{instance_id}' is {instance.status}.")
        if instance.status != FAILED:
            raise WrongState(f"Only failed instances can be rewound; '{instance_id}' is {instance.status}.")
        rewinding = Rewinding(self._store, self._roster, self._player, stamp(self._clock.now()))
        for back in rewinding.rewind(instance, reason):
            self._writer.send(back.instance, Message(Kind.GENERIC, text=reason))
            self._writer.later(partial(self._turns.restart_tasks, back.instance, back.tasks))

    def restart(self, instance_id: str, *, new_instance_id: bool) -> str:
        """Write a new instance of the same orchestrator with the same input."""
        instance = self._store.find(instance_id)
        if instance is None:
            raise NotFound(f"No instance has the id '{instance_id}'.")
        if not new_instance_id and instance.status not in ENDED:
            raise InstanceExists(f"The instance '{instance_id}' is still {instance.status}.")
        if new_instance_id:
            return self.create(instance.name, instance.input, None, None)
        if instance.name.lower() not in self._player.orchestrators:
            raise UnknownFunction(f"The orchestrator '{instance.name}' is not in the app any more.")
        self._store.delete(instance.seq)
        self._add(instance.name, instance.input, instance_id, None)
        return instance_id

    def purge(self, instance_id: str) -> int:
        """Delete an ended instance."""
        instance = self._store.find(instance_id)
        if instance is None or instance.status not in ENDED:
            return 0
        self._store.delete(instance.seq)
        return 1

    def purge_all(self, seqs: list[int]) -> int:
        """Delete instances by number, those that have ended."""
        return sum(self._store.delete_ended(seq) for seq in seqs)

    def _add(self, name: str, input_text: str | None, new_id: str, version: str | None) -> None:
        at = stamp(self._clock.now())
        instance = Instance(
            seq=0,
            id=new_id,
            name=name,
            version=version or self._player.settings.default_version,
            execution=uuid.uuid4().hex,
            status=PENDING,
            created=at,
            input=input_text,
        )
        self._writer.add(instance, at)

    def _living(self, instance_id: str) -> Instance:
        instance = self._roster.get(instance_id)
        if instance is not None:
            return instance
        ended = self._store.find(instance_id)
        if ended is None:
            raise NotFound(f"No instance has the id '{instance_id}'.")
        raise Gone(f"The instance '{instance_id}' is {ended.status}.")

    def _note(self, instance: Instance, kind: Kind, reason: str) -> None:
        message = Message(kind, text=reason)
        self._store.receive(instance.id, message)
        instance.inbox.append(message)


def _check_json(text: str | None, what: str) -> None:
    if text is None:
        return
    try:
        json.loads(text)
    except ValueError as problem:
        raise BadPayload(f"The {what} is not JSON: {problem}") from None
