"""Rules about what changed since the assessment; they find something only where facts were read again."""

from collections.abc import Iterator

from shared.concerns.changes import drift, minor_changes
from shared.concerns.registry import MachineCase, rule


@rule(
    "source-drifted",
    "critical",
    "The source changed in a way that its copy does not follow: its cutover would be refused",
    "Undo the change before the window opens (start it, give the address back, lift the protection), or cancel the machine and "
    "take it into a new plan, so that it is assessed again.",
)
def _drifted(case: MachineCase) -> Iterator[str]:
    now = case.read_again.get(case.machine.name)
    if now is not None:
        yield from drift(case.source, now)


@rule(
    "source-changed",
    "warning",
    "The source is not as it was assessed",
    "See whether the plan still fits: what the VM becomes in Azure was chosen for the machine as it was.",
)
def _changed(case: MachineCase) -> Iterator[str]:
    now = case.read_again.get(case.machine.name)
    if now is not None and now.found:
        yield from minor_changes(case.source, now)
