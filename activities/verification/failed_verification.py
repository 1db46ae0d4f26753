"""What becomes of a migrated machine that was not verified: it waits for a person, or is tried again and goes back at its deadline."""

from datetime import datetime, timedelta
from typing import Final

from activities.flow.skipped_phases import is_skipped
from activities.verification.verify_deadline import goes_back_at
from shared.contracts.contracts import JUDGE_VERIFICATION
from shared.contracts.unverified import FailedVerification, VerificationOutlook
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import MachineRow
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.reporting import release_commands
from shared.reporting.name_lists import some_of
from shared.scheduling.patience import grown

bp = Blueprint()

AGAIN: Final = timedelta(seconds=45)
SHOWN: Final = 300  # characters of why it was not verified, where it is only mentioned
MOST_NAMES: Final = 6
GOES_BACK: Final = "it is rolled back to its source"


@serves(bp, JUDGE_VERIFICATION)
def judge_verification(failed: FailedVerification) -> VerificationOutlook:
    """Say whether it is tried again, or goes back now; neither = it waits for a person, as where the plan says nothing.

    The plan is read anew each time, and whoever leaves the checks out before the deadline is heard first.
    """
    machine = machine_context(failed)
    back = goes_back_at(machine)
    if back is None:
        return VerificationOutlook()
    if is_skipped(failed, "verify"):
        return VerificationOutlook(again_in=1)
    if failed.now < back:
        return _again(failed, machine.row, back)
    text = f"{failed.machine} was not verified by {back:%Y-%m-%d %H:%M} UTC: {failed.problem.detail[:SHOWN]}"
    events.write(failed, "not-verified-in-time", f"{text}; {GOES_BACK}{_others(machine)}")
    return VerificationOutlook(goes_back=True, text=text)


def _again(failed: FailedVerification, row: MachineRow, back: datetime) -> VerificationOutlook:
    """Let it be tried again, and say until when, what then, and what a person can do before."""
    why = failed.problem.detail
    command = release_commands.back("rollback", failed.migration, failed.machine, "not verified")
    waiting_for = f"its verification, tried again until {back:%H:%M} UTC, then {GOES_BACK}: {why[:SHOWN]}"
    machines.change(failed, waiting_for=waiting_for, release=command)
    if failed.tries == 1:
        text = f"{failed.machine} is not verified yet: {why}; it is tried again until {back:%Y-%m-%d %H:%M} UTC, then {GOES_BACK}"
        events.write(failed, "not-verified-yet", text)
        event, cause = f"{failed.key} not verified", failed.problem.id
        tell(failed, Topic.FAILED, event, text=text, expires=back, then=GOES_BACK, command=command, cause=cause)
    patience = min(grown(AGAIN, failed.now - row.since), back - failed.now)
    return VerificationOutlook(again_in=int(patience.total_seconds()) + 1)


def _others(machine: MachineContext) -> str:
    """Say which machines of its application stay where they are: each is taken back by itself."""
    row = machine.row
    same = [
        f"{each.name} ({each.state})"
        for each in machines.list(row.migration)
        if row.application and each.application == row.application and each.name != row.name
    ]
    listed = f"; the others of application {row.application} stay where they are: {some_of(same, MOST_NAMES)}"
    return listed if same else ""
