"""The plan's own scripts on a VM in Azure, one after another: each is written down, put beside the VM, found again, and read.

What a run is called in Azure follows from its place in the migration: whoever dies before it was put puts it again, and
whoever dies after it finds it there. One that succeeded on a VM is never run on it again.
"""

from datetime import timedelta
from typing import Final

from activities.flow.interruption import raise_if_stopped
from activities.verification.script_results import concerns_with_scripts, failure, how_it_ended, result_of
from activities.verification.script_turns import Turn, turns_of
from activities.verification.verify_deadline import time_left, with_deadline
from activities.verification.verify_vm import is_left_out, vm_id
from shared.azure import compute, managed_commands
from shared.azure.compute import Vm
from shared.contracts.contracts import RUN_TARGET_SCRIPTS
from shared.contracts.requests import PollResult, Verification
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.evidence import Evidence, ScriptRun, ScriptState
from shared.ledger.machine_context import machine_context
from shared.problems import Refused
from shared.scheduling.patience import grown
from shared.sources.aws.ssm import CommandResult

bp = Blueprint()

A_MOMENT: Final = timedelta(seconds=10)  # between looks at first; each is downtime
NEVER_RUN: Final = timedelta(minutes=30)  # by then Azure has brought a script to the VM's agent, or never will


@serves(bp, RUN_TARGET_SCRIPTS)
def run_target_scripts(poll: Verification) -> PollResult:
    """Settle when all have run, in the plan's order. Raises `Refused` where one failed that must succeed."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    vm = None if is_left_out(poll) else compute.get_vm(vm_id(machine, test=poll.test))
    if vm is None:
        return PollResult(settled=True)  # what comes next says so where the machine is gone
    last = ""
    for turn in turns_of(poll, machine, vm):
        run = turn.latest(machine.row)
        if run is None or not turn.is_over(run):
            run = _begun(turn, run, last) if run is None or run.state != ScriptState.SENT else _looked_at(turn, run)
        if not turn.is_over(run):
            return PollResult(patience=_patience(turn, run), exact=True)
        if run.state == ScriptState.FAILED and turn.script.must_succeed:
            _come_through(poll)
            raise failure(turn, run)
        last = run.command
    _remove(vm, last)
    _come_through(poll)
    return PollResult(settled=True)


def _come_through(poll: Verification) -> None:
    """Let what failed, and may, be a concern of the machine."""
    machines.change(poll, waiting_for="", concerns=concerns_with_scripts(machine_context(poll)))


def _begun(turn: Turn, earlier: ScriptRun | None, last: str) -> ScriptRun:
    """Take away the run before it, write down that it begins, then put it beside the VM."""
    for command in (last, earlier.command if earlier else ""):
        _remove(turn.vm, command)
    run = turn.first_run
    if not (turn.script.must_succeed or turn.vm.agent_ready):
        return _ended(turn, run, f"could not be run: the VM agent does not answer ({turn.vm.agent_message})")
    _tell(turn, run, "began", f"{turn.label} began")
    text = f"{turn.label}, until {turn.poll.now + turn.script.timeout:%H:%M} UTC at the latest"
    waiting_for = with_deadline(text, turn.machine, test=turn.poll.test)
    machines.change(turn.poll, waiting_for=waiting_for, evidence=Evidence(target_scripts={turn.key: run}))
    turn.put(run)
    return run


def _remove(vm: Vm, command: str) -> None:
    """Take a run away: Azure keeps 25 beside a VM at most. The one that stopped its machine stays for people to look at."""
    if command:
        managed_commands.remove_command(vm, command)


def _looked_at(turn: Turn, run: ScriptRun) -> ScriptRun:
    """Read how a script stands that was begun; one that never came to Azure is put there."""
    seen = managed_commands.find_command(turn.vm, run.command)
    if seen is not None and seen.ended:
        return _ended(turn, run, how_it_ended(turn, seen, run), result_of(seen, run))
    if turn.poll.now - run.since > turn.script.timeout + NEVER_RUN:
        return _ended(turn, run, "neither ended nor timed out: see that the VM agent answers")
    if seen is None:
        turn.put(run)
    return run


def _ended(turn: Turn, run: ScriptRun, how: str, result: CommandResult | None = None) -> ScriptRun:
    """Write down what a script came to; the event first, which bears the end of its output."""
    well = result is not None and result.succeeded
    code = result.exit_code if result is not None and result.exit_code >= 0 else None
    state = ScriptState.SUCCEEDED if well else ScriptState.FAILED
    over = run.replace(state=state, ended=turn.poll.now, code=code)
    _tell(turn, over, state, f"{turn.label} {how}")
    machines.change(turn.poll, evidence=Evidence(target_scripts={turn.key: over}))
    return over


def _tell(turn: Turn, run: ScriptRun, what: str, text: str) -> None:
    took = int((run.ended - run.since).total_seconds()) if run.ended else None
    data = EventData(command=run.command, took_seconds=took)
    events.write(turn.poll, f"target-script-{turn.script.name}-{what}", text, data=data)


def _patience(turn: Turn, run: ScriptRun) -> int:
    """Look often at first, and the later the longer it runs. Raises `Refused` where the machine's deadline came first."""
    wanted = grown(A_MOMENT, turn.poll.now - run.since)
    left = time_left(turn.machine, turn.poll.now, wanted, test=turn.poll.test)
    if left <= timedelta():
        raise Refused(
            f"{turn.label} has not ended",
            id="target-script-running",
            title="A script of the plan runs beyond the time that its machine has",
            advice="Give it less to do before the checks, or the machine more time (verifyDeadline).",
        )
    return max(1, int(left.total_seconds()))
