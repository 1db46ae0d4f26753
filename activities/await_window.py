"""Await window: dependencies, then the plan's windows; pure arithmetic on the orchestrator's clock."""

from datetime import datetime

from activities.interrupting import strike
from activities.test_failover import is_skipped
from activities.waking import arm, disarm, gate_watch, hurry, later_than, wave_watch
from shared import plans
from shared.contracts import LOOK_DEPENDENCIES, LOOK_WINDOW, READ_CUTOVER_MODE
from shared.durable import Blueprint, serves
from shared.ledger import events, machines, migrations, waves
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.problems import Refused
from shared.requests import Cohort, CutoverMode, Look, Opening, Seen, at
from shared.site_recovery.vault import vault_of_plan
from shared.states import MOVED, MachineState, WaveState
from shared.waits import WaitKind
from shared.windows import next_opening

bp = Blueprint()

OUT_OF_THE_WAY = MOVED | {MachineState.CANCELLED}
A_DAY = 86_400


@serves(bp, LOOK_DEPENDENCIES)
def look_dependencies(look: Look) -> Seen:
    """Settle when every machine of the waves this one depends on has moved, or was taken out on purpose."""
    strike(look)
    needed = plans.plan_at(look).wave(look.wave).depends_on
    if not needed:
        return Seen(settled=True)
    arm(look, WaitKind.WAVE, wave_watch(look.migration), text=f"waves {', '.join(needed)}")
    missing = [row for wave in needed for row in _missing(look.migration, wave)]
    if missing:
        said = "wave " + ", ".join(f"{row.wave}: {row.name} is {row.state}" for row in missing[:5])
        _tell(look, said, "")
        return Seen(patience=A_DAY)
    disarm(look, WaitKind.WAVE, wave_watch(look.migration))
    return Seen(settled=True)


def _missing(migration: str, wave: str) -> list[MachineRow]:
    """Give the machines of a wave that have not moved; a wave without rows yet is wholly missing."""
    return [row for row in machines.list(migration, wave=wave) if row.state not in OUT_OF_THE_WAY]


def _tell(look: Look, said: str, release: str) -> None:
    """Write down what the machines of the wave that are ready wait for."""
    for row in machines.list(look.migration, wave=look.wave, states={MachineState.READY_FOR_CUTOVER}):
        if row.round == look.round and row.waiting_for != said:
            machines.change(at(look, Place).but(machine=row.name), waiting_for=said, release=release)


@serves(bp, LOOK_WINDOW)
def look_window(cohort: Cohort) -> Opening:
    """Settle when the window is open and the cutover fits into it; an explicit `cutover` opens it at once."""
    strike(cohort)
    cutover = plans.plan_at(cohort).wave(cohort.wave).cutover
    if cohort.machines and all(is_skipped(_machine(cohort, one.name), "await_window") for one in cohort.machines):
        return _open(cohort, "an operator asked for the cutover now")
    opening = next_opening(cutover.windows, _accepted(cohort), cohort.now, cutover.expected_duration)
    if opening is None:
        raise _missed(cohort)
    if opening.is_open(cohort.now):
        return _open(cohort, "the cutover window is open" if cutover.windows else "no window holds it back")
    arm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration), text="the cutover window")
    release = f"python -m cli cutover {cohort.migration} --wave {cohort.wave}"
    _tell(cohort, f"the cutover window, which opens at {opening.begin:%Y-%m-%d %H:%M} UTC", release)
    return Opening(opens_at=opening.begin, patience=min(A_DAY, later_than(opening.begin, cohort.now)))


def _machine(cohort: Cohort, name: str) -> Place:
    return at(cohort, Place).but(machine=name)


def _accepted(cohort: Cohort) -> datetime:
    """Give when the plan was accepted: relative windows count from it."""
    row = migrations.get(cohort.migration)
    return row.started_at if row is not None and row.started_at is not None else cohort.now


def _open(cohort: Cohort, why: str) -> Opening:
    """Let the cohort go."""
    disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
    hurry(cohort, vault_of_plan(plans.plan_at(cohort)))
    waves.change(cohort, state=WaveState.CUTTING_OVER)
    names = ", ".join(member.name for member in cohort.machines[:20])
    events.write(cohort, f"cohort-{cohort.number}-goes", f"{why}: {names}")
    return Opening(settled=True)


def _missed(cohort: Cohort) -> Refused:
    """Write the problem down with each machine: none is on a walk now, that would do it."""
    disarm(cohort, WaitKind.WINDOW, gate_watch(cohort.migration))
    for name in (member.name for member in cohort.machines):
        problem = _too_late(cohort, name).facts
        machines.change(
            _machine(cohort, name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER,
            state=MachineState.FAILED,
            failed_in="await_window",
            problem=problem,
            waiting_for=problem.advice,
            release=f"python -m cli retry {cohort.migration} --machine {name}",
        )
    return _too_late(cohort, cohort.machines[0].name if cohort.machines else "")


def _too_late(cohort: Cohort, machine: str) -> Refused:
    return Refused(
        f"every cutover window of wave {cohort.wave} has closed",
        id="window-missed",
        title="The cutover window was missed",
        advice=f"Leave the window out (python -m cli skip {cohort.migration} --machine {machine} --phase await_window "
        '--comment "the window was missed"), then retry.',
    )


@serves(bp, READ_CUTOVER_MODE)
def read_cutover_mode(place: Place) -> CutoverMode:
    """Tell whether the wave fails over as a recovery plan."""
    return CutoverMode(recovery_plan=plans.plan_at(place).wave(place.wave).cutover.mode == "recoveryPlan")
