"""What a script of the plan's own came to on a VM in Azure, judged by its own mark and said in words."""

from activities.source_scripts.command_results import described, settle
from activities.verification.boot_evidence import scripts_left_undone
from activities.verification.script_turns import Turn, nonce_of
from shared.azure import managed_commands
from shared.azure.managed_commands import ManagedCommand
from shared.concerns.judge import concerns_of, said_in
from shared.concerns.registry import Concern
from shared.concerns.rules.arrivals import SCRIPT_FAILED
from shared.coordination import operator_intents
from shared.guest_scripts.wrapper import TIMED_OUT
from shared.ledger.evidence import ScriptRun
from shared.ledger.machine_context import MachineContext
from shared.plan.values import from_duration
from shared.problems import Refused
from shared.sources.aws.ssm import CommandResult


def result_of(seen: ManagedCommand, run: ScriptRun) -> CommandResult:
    """Give what a script came to that has ended."""
    status = "Success" if seen.execution_state == "Succeeded" else "Failed"
    return settle(CommandResult(status=status, stdout=seen.stdout, stderr=seen.stderr), nonce_of(run))


def how_it_ended(turn: Turn, seen: ManagedCommand, run: ScriptRun) -> str:
    """Say how a script ended, with the end of its output; without its mark, what Azure says of it."""
    result = result_of(seen, run)
    if result.exit_code == TIMED_OUT:
        result = result.replace(details=f"its time was up after {from_duration(turn.script.timeout)}")
    azure = f" | Azure: {seen.message.strip()}" if seen.message and result.exit_code < 0 else ""
    return f"ended as {described(result)}{azure}"


def failure(turn: Turn, run: ScriptRun) -> Refused:
    """Say what failed, how, and what a person can do; the run still stands beside the VM."""
    seen = managed_commands.find_command(turn.vm, run.command)
    how = how_it_ended(turn, seen, run) if seen is not None and seen.ended else f"failed: {run.text}"
    again = "a new copy is made" if turn.poll.test else "those that succeeded are not run again"
    back = "" if turn.poll.test else "; or roll back"
    return Refused(
        f"{turn.label} {how}",
        id="target-script-failed",
        title="A script of the plan failed on the machine in Azure",
        advice=f"Mend it and retry ({again}); or let the machine go on without it (mustSucceed: false, by a change of the plan) "
        f"and retry; or skip the scripts that are left, and all checks, with a reason{back}.",
        extra={"command": run.command},
    )


def concerns_with_scripts(machine: MachineContext) -> tuple[Concern, ...]:
    """Give a machine's concerns, with those of scripts that failed and did not have to succeed."""
    row = machine.row
    accepted = (*said_in(machine.plan), *operator_intents.accepted(row.migration))
    others = tuple(each for each in row.concerns if each.id != SCRIPT_FAILED)
    return others + concerns_of(SCRIPT_FAILED, row.name, scripts_left_undone(machine), accepted)
