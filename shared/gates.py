"""Table `gates`: what people decide. One row per gate: whom it holds up, what to do, and what was decided so far."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Final

from pydantic import Field

from shared.models import NEVER, Model
from shared.problems import NotAllowedNow
from shared.rows import Rows


class Verdict(StrEnum):
    """What a person can say at a gate."""

    APPROVE = "approve"
    REJECT = "reject"
    CONFIRM = "confirm"


class Decision(Model):
    """One decision, for the machines it names (none = a gate that holds up no machine in particular)."""

    machines: tuple[str, ...] = ()
    decision: Verdict
    by: str
    at: datetime
    comment: str = ""


class Gate(Model):
    """A gate, as one flow opened it; a newer round or number of the same gate replaces it."""

    migration: str
    name: str = Field(
        description="register-appliance, test, cutover, manual-action, shut-down-source, install-agent, configure-agent, …"
    )
    wave: str = ""
    machine: str = Field(default="", description="set where each machine has a gate of its own")
    part: str = Field(default="", description="set where cohorts of a wave have gates of their own, side by side")
    round: int = 1
    number: int = Field(default=1, description="tells gates of one name and round apart, later ones are higher")
    subject: str = Field(default="", description="what exactly it is about, where the next number is about another")
    text: str = Field(default="", description="what to do, exact steps")
    release: str = Field(default="", description="the command that releases it")
    since: datetime = NEVER
    open: bool = True
    pending: tuple[str, ...] = Field(default=(), description="machines that nothing was decided for yet")
    batches: tuple[Decision, ...] = ()
    expires: datetime | None = None
    answered: datetime | None = Field(default=None, description="when a cloud was told the answer, where it has to be")

    @property
    def place(self) -> str:
        """Which of the gates of its name in its wave it is."""
        return self.machine or self.part

    def decided(self, machine: str = "") -> Decision | None:
        """Give the latest decision for a machine (or for the gate as a whole), if there is one."""
        said = [one for one in self.batches if machine in one.machines or not (machine and one.machines)]
        return said[-1] if said else None


TABLE: Final = Rows("gates", Gate)


def open_gate(gate: Gate) -> Gate:
    """Open a gate, or let more machines wait at one that is there; gives it as it stands.

    Opening it twice is opening it once; machines that were decided on in this round and number do not wait again. A
    newer round or number begins anew, an older one is a late twin and changes nothing.
    """
    wanted = gate.but(pending=(gate.machine,)) if gate.machine and not gate.pending else gate

    def mutate(there: Gate | None) -> Gate:
        if there is None or (there.round, there.number) < (gate.round, gate.number):
            return wanted
        if (there.round, there.number) > (gate.round, gate.number):
            return there
        known = {*there.pending, *(machine for batch in there.batches for machine in batch.machines)}
        fresh = tuple(machine for machine in wanted.pending if machine not in known)
        return there.but(pending=there.pending + fresh, open=True) if fresh else there

    return TABLE.change(gate.migration, _key(gate.wave, gate.name, gate.place), mutate) or wanted


def get(migration: str, wave: str, name: str, place: str = "") -> Gate | None:
    """Give a gate (that of a machine or part, where it has one), open or not; None when it was never opened."""
    return TABLE.get(migration, _key(wave, name, place))


def of_migration(migration: str) -> tuple[Gate, ...]:
    """Give the open gates of a migration."""
    return tuple(TABLE.of(migration, "open eq true"))


def close(migration: str, wave: str, name: str, place: str = "") -> None:
    """Close a gate that nobody needs to decide any more."""
    TABLE.change(migration, _key(wave, name, place), lambda there: there.but(open=False, pending=()) if there else None)


def withdraw(gate: Gate, machines: Collection[str]) -> Gate:
    """Let machines no longer wait at a gate: they went another way; with the last one it closes. Gives what is left."""

    def mutate(there: Gate | None) -> Gate | None:
        if there is None or not set(machines) & set(there.pending):
            return there
        left = tuple(name for name in there.pending if name not in machines)
        return there.but(pending=left, open=bool(left))

    return TABLE.change(gate.migration, _key(gate.wave, gate.name, gate.place), mutate) or gate


def answer(gate: Gate, now: datetime | None) -> Gate:
    """Note when a cloud is told what was decided (None: it was not told after all); gives the gate as it stands."""
    same = {"round": gate.round, "number": gate.number}

    def mutate(there: Gate | None) -> Gate | None:
        mine = there is not None and {"round": there.round, "number": there.number} == same
        return there.but(answered=now) if there is not None and mine else there

    return TABLE.change(gate.migration, _key(gate.wave, gate.name, gate.place), mutate) or gate


def decide(  # noqa: PLR0913, PLR0917 - what a person said, field by field, as the API hears it
    migration: str,
    wave: str,
    gate: str,
    decision: Verdict,
    machines: Collection[str] | None,
    by: str,
    comment: str,
    now: datetime,
) -> Gate:
    """Record a decision for some machines (None = all that wait); the others go on waiting. Gives what is left.

    The very same decision (same person, same moment) is recorded once. Raises `NotAllowedNow` when nothing waits for
    it, or when one of the machines does not; nothing is written then.
    """
    gates = [one for one in TABLE.of(migration) if (one.wave, one.name) == (wave, gate)]
    said = Decision(decision=decision, by=by, at=now, comment=comment)
    meant = _meant(gates, said, None if machines is None else tuple(machines))
    if not meant:
        raise NotAllowedNow(f"nothing waits for a decision at {gate}{f' of wave {wave}' if wave else ''}")
    return reduce(_together, [_write(one, said.but(machines=named)) for one, named in meant])


def _meant(
    gates: Sequence[Gate], said: Decision, machines: tuple[str, ...] | None
) -> list[tuple[Gate, tuple[str, ...]]]:
    """Give the gates that a decision is for, each with its machines. Raises `NotAllowedNow` for machines at none."""
    waiting = [one for one in gates if (one.open and not _expired(one, said.at)) or _heard(one, said)]
    if machines is None:
        return [(one, tuple(_named(_heard(one, said))) or one.pending) for one in waiting]
    at = {machine: one for one in waiting for machine in (*one.pending, *_named(_heard(one, said)))}
    strangers = sorted(set(machines) - at.keys())
    if strangers or not machines:
        raise NotAllowedNow(
            f"not waiting here: {', '.join(strangers) or 'no machine was named'}",
            advice=f"Waiting now: {', '.join(sorted(at)) or 'none'}.",
        )
    return [(one, named) for one in waiting if (named := tuple(name for name in machines if at[name] is one))]


def _write(gate: Gate, said: Decision) -> Gate:
    """Put a decision into its gate."""

    def mutate(there: Gate | None) -> Gate | None:
        if there is None or said in there.batches:
            return None
        gone = sorted(set(said.machines) - set(there.pending))
        if gone or not there.open:
            raise NotAllowedNow(f"{gate.name} was decided meanwhile{': ' if gone else ''}{', '.join(gone)}")
        left = tuple(machine for machine in there.pending if machine not in said.machines)
        return there.but(pending=left, open=bool(left), batches=(*there.batches, said))

    return TABLE.change(gate.migration, _key(gate.wave, gate.name, gate.place), mutate) or gate


def _expired(gate: Gate, now: datetime) -> bool:
    return gate.expires is not None and now >= gate.expires


def _heard(gate: Gate, said: Decision) -> list[Decision]:
    """Give this very decision, if the gate has it already: the writer runs a second time."""
    return [one for one in gate.batches if one.but(machines=()) == said]


def _named(said: Sequence[Decision]) -> Iterator[str]:
    return (machine for one in said for machine in one.machines)


def _together(one: Gate, other: Gate) -> Gate:
    """Show gates of one name as one."""
    return one.but(
        machine="",
        open=one.open or other.open,
        pending=one.pending + other.pending,
        batches=one.batches + other.batches,
    )


def _key(wave: str, name: str, place: str) -> str:
    return f"{wave}.{name}.{place}"
