"""What is far too much or far too wrong to be a plan is refused before everything in it is judged.

A body of half a megabyte can hold two hundred thousand empty waves: judging each costs a minute and a gigabyte, and tells
nobody anything. So lists that are too long are told by themselves, and a plan whose machines are wrong by the thousand is
told the first of them.
"""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from shared.plan.error_messages import faults_of
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.surplus import surplus
from shared.plan.values import Part
from shared.problems import Fault, InvalidPlan

MOST_WAVES: Final = 500
MOST_MACHINES: Final = 20_000  # of all waves together
MOST_FIELDS: Final = 100  # of a wave; it knows fewer than twenty
MOST_UNLIKE: Final = 50_000  # faults of machines that are listed; a plan with more is of another kind
LARGE: Final = 200  # machines; smaller plans are judged whole at once
MANY_WAVES: Final = 50


def refuse_bulk(document: Any) -> None:
    """Raise InvalidPlan where lists are too long for a plan, or machines are wrong by the ten thousand."""
    waves = document.get("waves") if isinstance(document, dict) else None
    if isinstance(waves, list):
        _refuse_many(waves)
    _refuse_surplus(document)
    if isinstance(waves, list) and (len(waves) > MANY_WAVES or _machines_of(waves) > LARGE):
        _refuse_unlike(waves)


def _refuse_many(waves: list[Any]) -> None:
    """Raise InvalidPlan where there are too many waves, too many machines, or waves that are too wide."""
    if len(waves) > MOST_WAVES:
        raise _too_long("/waves", f"must have at most {MOST_WAVES} entries, and has {len(waves):,}")
    wide = next((at for at, wave in enumerate(waves) if isinstance(wave, dict) and len(wave) > MOST_FIELDS), None)
    if wide is not None:
        raise _too_long(f"/waves/{wide}", f"must have at most {MOST_FIELDS} fields, and has {len(waves[wide]):,}")
    counted = _machines_of(waves)
    if counted > MOST_MACHINES:
        raise _too_long(
            "/waves", f"its waves may have at most {MOST_MACHINES:,} machines together, and have {counted:,}"
        )


def _refuse_surplus(document: Any) -> None:
    """Raise InvalidPlan where what no plan has comes to too many faults, the worst place first."""
    found, weight = list[tuple[int, Fault]](), 0
    for more, fault in surplus(Plan, document):
        found.append((more, fault))
        weight += more
        if weight > MOST_UNLIKE:
            found.sort(key=lambda entry: -entry[0])
            message = "far more in the plan than a plan may have; the rest was not tried"
            raise InvalidPlan([fault for _, fault in found], f"{message}; nothing was created")


def _machines_of(waves: list[Any]) -> int:
    return sum(len(wave["machines"]) for wave in waves if _has_machines(wave))


def _too_long(place: str, text: str) -> InvalidPlan:
    return InvalidPlan((Fault(pointer=place, message=text),), f"The plan is too large to be judged: {text}")


def _has_machines(wave: Any) -> bool:
    return isinstance(wave, dict) and isinstance(wave.get("machines"), list)


def _refuse_unlike(waves: list[Any]) -> None:
    """Judge machine by machine, and stop where there are too many faults."""
    found: list[Fault] = []
    for fault in _faults(waves):
        found.append(fault)
        if len(found) > MOST_UNLIKE:
            message = f"more than {MOST_UNLIKE:,} errors in the waves of the plan; the rest was not tried"
            raise InvalidPlan(found[:MOST_UNLIKE], f"{message}; nothing was created")


def _faults(waves: list[Any]) -> Iterator[Fault]:
    """Give the faults of all waves and machines, each by itself."""
    for at, wave in enumerate(waves):
        listed = wave["machines"] if _has_machines(wave) else ()
        first = {**wave, "machines": listed[:1]} if _has_machines(wave) else wave
        own = _faults_of(Wave, first, f"/waves/{at}")
        yield from (fault for fault in own if not fault.pointer.startswith(f"/waves/{at}/machines/"))
        for line, machine in enumerate(listed):
            yield from _faults_of(Machine, machine, f"/waves/{at}/machines/{line}")


def _faults_of(kind: type[Part], document: Any, at: str) -> Iterator[Fault]:
    try:
        kind.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        for fault in faults_of(error, suggestions=0):
            yield fault.model_copy(update={"pointer": at + fault.pointer})
