"""What a change of the plan means for a machine on its way: when it is held, whose it is, and that its target was told."""

from shared.itinerary import step_at
from shared.ledger import migrations
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.problems import HeldByPause, Refused
from shared.reporting import release_commands
from shared.states import MachineState


def is_held(row: MachineRow) -> bool:
    """Tell whether a change that is under way holds a machine before its next phase."""
    if not row.changing:
        return False
    change = migrations.existing(row.migration).plan_change
    return change is not None and change.under_way and change.version == row.changing


def check_yields(scope: Scope, row: MachineRow) -> None:
    """Raise `HeldByPause` while the flow of an earlier round has the machine that a change put into this one."""
    if row.yields and row.owner == row.yields and row.round == scope.round:
        raise HeldByPause(f"the running step ({row.phase}) of {row.name} to come to its end")


def lacks_target(scope: Scope, row: MachineRow) -> bool:
    """Tell whether a machine would begin its cutover under the values of an earlier plan."""
    return bool(row.retarget) and step_at(scope.phase).state == MachineState.CUTTING_OVER


def check_changed(scope: Scope, row: MachineRow, *, entered: bool) -> None:
    """Raise `HeldByPause` where a change of the plan kept a machine from its phase, `Refused` where its target did."""
    if lacks_target(scope, row):
        raise Refused(
            f"the plan changed what {row.name} becomes in Azure, and Site Recovery was not told yet",
            id="target-not-told",
            title="Site Recovery was not told what the machine becomes",
            advice=f"It is told in a retry: {release_commands.retry(row.migration, row.name)}.",
        )
    if row.changing and not entered:
        raise HeldByPause("the plan of its migration is being changed")
