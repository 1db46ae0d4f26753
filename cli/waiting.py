"""The command `wait`: for scripts that go on when something is so."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from cli.answers import MachineSeen
from cli.arguments import Every, Machines, Migration, Waves, chosen_of, names, usage
from cli.failing import Exit, Failing
from cli.polling import looks
from cli.session import Session
from cli.watching import Picture, looking_at
from cli.wording import count
from shared.states import MachineState

SERVES = ("source", "target")
CONDITIONS = "ended, gate, serving, or state=STATE"


@dataclass(frozen=True)
class Condition:
    """What is waited for: in words, and whether it is so."""

    text: str
    holds: Callable[[Picture], bool]


def wait(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    migration: Migration,
    condition: Annotated[str, typer.Option("--for", metavar="CONDITION", help=CONDITIONS)] = "ended",
    waves: Waves = None,
    machines: Machines = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=0, metavar="SECONDS", help="give up then, with exit code 5")
    ] = None,
    every: Every = 2.0,
) -> None:
    """Wait until something is so: ended, at a gate, in a state, serving; exit code 0 then, 1 when it cannot be any more."""
    session = Session(ctx)
    wanted = condition_of(condition, names(waves), names(machines))
    try:
        code = _wait(session, migration, wanted, (every, timeout))
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    raise typer.Exit(code)


def condition_of(text: str, waves: list[str], machines: list[str]) -> Condition:
    """Read what is waited for; of machines all that are chosen have to be so. Raises `BadParameter`."""
    kind, _, value = text.partition("=")

    def every_one(holds: Callable[[MachineSeen], bool]) -> Callable[[Picture], bool]:
        def all_hold(picture: Picture) -> bool:
            chosen = chosen_of(picture.machines, waves, machines)
            return bool(chosen) and all(map(holds, chosen))

        return all_hold

    if text == "ended":
        return Condition("it has ended", lambda picture: picture.migration.ended)
    if text == "gate":
        return Condition("a gate waits for a decision", lambda picture: _at_gate(picture, waves, machines))
    if text == "serving":
        return Condition("the machines serve", every_one(lambda machine: machine.serving in SERVES))
    if kind == "state" and value in set(MachineState):
        return Condition(f"the machines are {value}", every_one(lambda machine: machine.state == value))
    raise usage(f"{text} is none of: {CONDITIONS}; states are {', '.join(MachineState)}", "--for")


def _at_gate(picture: Picture, waves: list[str], machines: list[str]) -> bool:
    """Tell whether a gate waits, of these waves and for these machines where they are named."""
    return any(
        (not waves or gate.wave in waves) and (not machines or bool({gate.machine, *gate.pending} & set(machines)))
        for gate in picture.migration.gates
    )


def _wait(session: Session, migration: str, wanted: Condition, pace: tuple[float, float | None]) -> Exit:
    """Look until it is so, cannot be so any more, or the time is over; say which."""
    every, timeout = pace
    began = time.monotonic()
    for seen in looks(looking_at(session, migration), every):
        if not isinstance(seen, Failing):
            if wanted.holds(seen):
                return _end(session, seen, f"{migration}: {wanted.text}", Exit.OK)
            if seen.migration.ended:
                outcome = seen.migration.outcome
                return _end(session, seen, f"{migration} ended ({outcome}) before {wanted.text}", Exit.NO)
            if timeout is not None and time.monotonic() - began + every > timeout:
                over = f"after {count(round(timeout), 'second')} it is not so that {wanted.text}"
                return _end(session, seen, f"{migration}: {over}", Exit.TIMEOUT)
        elif timeout is not None and time.monotonic() - began > timeout:
            session.complain(seen)
            return Exit.TIMEOUT
    raise AssertionError  # looks do not end by themselves


def _end(session: Session, seen: Picture, text: str, code: Exit) -> Exit:
    """Say how the waiting ended: in words, or as the migration stands."""
    if session.as_data:
        session.write(seen.raw["migration"])
    else:
        session.say(text)
    return code
