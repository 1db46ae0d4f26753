"""The commands that people are told to type: what releases what waits, and what goes on after a failure.

They are made here and nowhere else; a test has the command line itself parse each of them.
"""

from collections.abc import Sequence
from typing import Final

CLI: Final = "azferry"
LIST: Final = f"{CLI} list"
SEVERAL: Final = 2
MOST_NAMES: Final = 20  # in a command
DOCTOR_OF_PLAN: Final = f"{CLI} doctor PLAN"
LOGIN: Final = f"{CLI} login"
TARGET_PROFILES: Final = f"{CLI} target-profiles"


def retry(migration: str, machine: str = "") -> str:
    """Give the command that sends a machine (empty = all that can) on its way again."""
    return f"{CLI} retry {migration}{_of(machine)}"


def resume(migration: str, machine: str = "") -> str:
    """Give the command that ends a pause of a machine (empty = of the migration)."""
    return f"{CLI} resume {migration}{_of(machine)}"


def cancel(migration: str, machine: str) -> str:
    """Give the command that gives a machine up."""
    return f"{CLI} cancel {migration}{_of(machine)}"


def back(purpose: str, migration: str, machine: str, comment: str) -> str:
    """Give the command that takes a machine back; `purpose` is rollback or cancel."""
    return f'{CLI} {purpose} {migration}{_of(machine)} --comment "{comment}"'


def cut_over(migration: str, wave: str) -> str:
    """Give the command that begins the cutover of a wave without waiting any longer."""
    return f"{CLI} cutover {migration} --wave {wave}"


def approve(migration: str, gate: str, *, wave: str = "", machine: str = "") -> str:
    """Give the command that says yes at a gate of a wave or of a machine."""
    return f"{CLI} approve {migration}{_in(wave)} --gate {gate}{_of(machine)}"


def confirm(migration: str, gate: str, *, wave: str = "", machine: str = "") -> str:
    """Give the command that says that what a gate asks for was done."""
    return f'{CLI} confirm {migration} --gate {gate}{_in(wave)}{_of(machine)} --comment "done"'


def resend(migration: str, receiver: str) -> str:
    """Give the command that sends messages again that a receiver did not get."""
    return f"{CLI} resend {migration} --receiver {receiver}"


def for_all(command: str, machine: str) -> str:
    """Give the command of a machine without its name."""
    return command.replace(_of(machine), "") if machine else command


def for_several(command: str, machine: str, names: Sequence[str]) -> str:
    """Give the command of a machine for several that wait for the same; by their names while those fit into a line."""
    if not _of(machine) or _of(machine) not in command or len(names) < SEVERAL:
        return command
    if len(names) <= MOST_NAMES:
        return command.replace(_of(machine), f" --machines {','.join(names)}")
    return command.replace(_of(machine), " --all-ready" if " --gate " in command else "")


def skip(migration: str, machine: str, phase: str, comment: str) -> str:
    """Give the command that leaves a phase of a machine out."""
    return f'{CLI} skip {migration} --machine {machine} --phase {phase} --comment "{comment}"'


def assess() -> str:
    """Give the command that assesses a plan."""
    return f"{CLI} assess PLAN"


def inventory() -> str:
    """Give the command that lists what a source has."""
    return f"{CLI} inventory --scenario ROAD"


def import_list() -> str:
    """Give the command that takes a list of machines into a plan."""
    return f"{CLI} import FILE --into PLAN"


def acknowledge(migration: str, concern: str) -> str:
    """Give the command that takes a concern upon oneself; the reader says why."""
    return f"{CLI} acknowledge {migration} --concern {concern} --reason …"


def _of(machine: str) -> str:
    return f" --machine {machine}" if machine else ""


def _in(wave: str) -> str:
    return f" --wave {wave}" if wave else ""
