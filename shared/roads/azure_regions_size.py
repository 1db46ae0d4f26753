"""The size of a VM that moves between regions, for which the plan names none: its own, or the nearest that is offered."""

from shared.azure.vm_size_catalog import offered_sizes
from shared.concerns.fitting import fits, needs_of
from shared.concerns.nearest_size import nearest_size
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext
from shared.models import Scope


def size_of(machine: MachineContext) -> str:
    """Give the size of a VM for which the plan names none: its own where the target offers that, else the nearest.

    What was chosen before stays chosen as long as it is offered and fits.
    """
    target, facts = machine.plan.target, machine.row.source
    offered = offered_sizes(target.subscription_id, target.region)
    kept, needs = kept_size(machine), needs_of(target, machine.entry.target, facts)
    if any(each.name == kept and fits(each, needs) for each in offered):
        return kept
    found = nearest_size(facts.size or "", needs, offered)
    return found.name if found else ""


def keep_size(scope: Scope, machine: MachineContext) -> None:
    """Say which size a VM gets for which the plan names none, and keep it: a retry takes the same."""
    if machine.entry.target.size or machine.plan.target.size:
        return
    chosen, now = size_of(machine), machine.row.source.size or "of unknown size"
    if not chosen or kept_size(machine) == chosen:
        return
    region, same = machine.plan.target.region, chosen.lower() == now.lower()
    outcome = f"stays {chosen}" if same else f"becomes {chosen}, the nearest that {region} offers"
    events.write(scope, "size-chosen", f"{machine.row.name} is {now} and {outcome}")
    machines.change(scope, evidence=Evidence(sizes={region: chosen}))


def kept_size(machine: MachineContext) -> str:
    """Give the size that was chosen before, empty where none was."""
    return machine.row.evidence.sizes.get(machine.plan.target.region, "")
