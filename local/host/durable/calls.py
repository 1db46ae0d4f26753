"""What the management API may do to instances. Every method runs on the turn thread, inside a transaction."""

import uuid

from ...clock import Clock
from .events import Kind, Message, stamp
from .instance import ENDED, FAILED, PENDING, RUNNING, SUSPENDED, Instance
from .instance_cache import Roster
from .json_text import rewritten
from .problems import (
    BadPayload,
    Gone,
    InstanceExists,
    NotEnded,
    NotFailed,
    NotFound,
    NothingToRestart,
    NothingToRewind,
    StillRuns,
    WrongState,
)
from .rewind import rewind
from .store import Store
from .turn import Player
from .writer import Writer

STILL_RUNS = "A non-terminal instance with this instance ID already exists."


class Calls:
    """The writing half of the engine's facade."""

    def __init__(self, store: Store, roster: Roster, player: Player, writer: Writer, clock: Clock) -> None:
        self._store, self._roster, self._player, self._writer, self._clock = store, roster, player, writer, clock

    def create(self, name: str, input_text: str | None, instance_id: str | None, version: str | None) -> str:
        """Write a new instance; it replaces one of its id that has ended (NonRunningStates is the default).

        A name that the app does not have is taken, too: the instance fails with its first turn, as in Azure.
        """
        new_id = instance_id or uuid.uuid4().hex
        check_json(input_text, "input")
        known = self._store.find(new_id)
        replaces = self._player.settings.replaces_running
        if known is not None and known.status not in ENDED and not replaces:
            raise InstanceExists(f"An Orchestration instance with the status {known.status} already exists.")
        self._add(name, input_text, new_id, version)
        return new_id

    def raise_event(self, instance_id: str, name: str, payload: str) -> None:
        """Write an event into an instance's inbox."""
        instance = self._living(instance_id)
        plain = check_json(payload, "event payload")
        self._send(instance, Message(Kind.EVENT_RAISED, name=name, text=plain))

    def terminate(self, instance_id: str, reason: str | None) -> None:
        """Write that an instance is to end with its next turn; its children go on, as in Azure.

        One that was put back before its first turn ends at once, whatever its version.
        """
        instance = self._living(instance_id)
        if instance.is_parked and instance.status == PENDING:
            self._writer.end_unbegun(instance, reason, stamp(self._clock.now()))
        else:
            self._send(instance, Message(Kind.EXECUTION_TERMINATED, text=reason))

    def suspend(self, instance_id: str, reason: str | None) -> None:
        """Write that an instance's actions are not walked any more from its next turn on."""
        instance = self._living(instance_id)
        if instance.status == SUSPENDED:
            raise WrongState(_cannot("suspend", instance))
        self._send(instance, Message(Kind.SUSPENDED, text=reason))

    def resume(self, instance_id: str, reason: str | None) -> None:
        """Write that a suspended instance goes on with its next turn."""
        instance = self._living(instance_id)
        if instance.status != SUSPENDED:
            raise WrongState(_cannot("resume", instance))
        self._send(instance, Message(Kind.RESUMED, text=reason))

    def rewind(self, instance_id: str, reason: str | None) -> None:
        """Write a failed instance back to the moment before its failures."""
        instance = self._find(instance_id)
        if instance is None:
            # The dollar sign is in Azure's text, too.
            raise NothingToRewind(f'No orchestration with instance ID "${instance_id}" found.')
        if instance.status != FAILED:
            raise NotFailed(
                f"This orchestration has status {instance.status}, but only orchestrations in the "
                '"Failed" state can be rewound.'
            )
        at = stamp(self._clock.now())
        for each in rewind(self._store, self._roster, instance, at):
            self._writer.send(each, Message(Kind.GENERIC, text=reason), at)

    def restart(self, instance_id: str, *, new_instance_id: bool, as_id: str | None) -> str:
        """Write a new instance of the same orchestrator with the same input."""
        instance = self._find(instance_id)
        if instance is None:
            raise NothingToRestart(f"No instance with ID '{instance_id}' was found. (Parameter 'instanceId')")
        new_id = (as_id or uuid.uuid4().hex) if new_instance_id else instance_id
        taken = self._store.find(new_id)
        if taken is not None and taken.status not in ENDED:
            raise StillRuns(STILL_RUNS)
        self._add(instance.name, instance.input, new_id, None, source=instance_id)
        return new_id

    def purge(self, instance_id: str) -> int:
        """Delete an ended instance; returns how many were deleted, 0 for an unknown one."""
        instance = self._find(instance_id)
        if instance is None:
            return 0
        if instance.status not in ENDED:
            raise NotEnded(
                "Only orchestrations in a terminal state can be purged, but the orchestration with instance ID "
                f"{instance_id} has status {instance.status}"
            )
        self._store.delete(instance.seq)
        return 1

    def purge_all(self, condition: tuple[str, list[str]]) -> int:
        """Delete the instances that a condition means, those that run, too: Azure asks nobody either."""
        deleted = self._store.delete_all(condition)
        for instance_id in deleted:
            running = self._roster.get(instance_id)
            if running is not None:
                self._writer.drop(running)
        return len(deleted)

    def _send(self, instance: Instance, message: Message) -> None:
        self._writer.send(instance, message, stamp(self._clock.now()))

    def _add(
        self, name: str, input_text: str | None, new_id: str, version: str | None, source: str | None = None
    ) -> None:
        at = stamp(self._clock.now())
        instance = Instance(
            seq=0,
            id=new_id,
            name=name,
            version=version or self._player.settings.default_version,
            execution=str(uuid.uuid4()),
            status=PENDING,
            created=at,
            input=input_text,
            source=source,
        )
        self._writer.add(instance, at)

    def _find(self, instance_id: str) -> Instance | None:
        found = self._store.find(instance_id)
        return None if found is None or _is_hidden(found) else found

    def _living(self, instance_id: str) -> Instance:
        instance = self._roster.get(instance_id)
        if instance is not None and not _is_hidden(instance):
            return instance
        if instance is None and self._store.find(instance_id) is not None:
            raise Gone(f"The instance '{instance_id}' has ended.")
        raise NotFound(f"No instance has the id '{instance_id}'.")


def _is_hidden(instance: Instance) -> bool:
    # A child can be found from its first turn on.
    return instance.parent is not None and instance.status == PENDING


def _cannot(verb: str, instance: Instance) -> str:
    state = instance.status if instance.status != PENDING or verb == "suspend" else RUNNING
    return f"Cannot {verb} the orchestration instance {instance.id} because instance is in the {state} state."


def check_json(text: str | None, what: str) -> str | None:
    """Return a JSON text as Azure passes it on, None for none; raises BadPayload when it is no JSON."""
    if text is None:
        return None
    try:
        return rewritten(text)
    except ValueError as problem:
        raise BadPayload(f"The {what} is not JSON: {problem}") from None
