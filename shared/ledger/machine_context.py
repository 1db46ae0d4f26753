"""What the plan says about a place: the plan itself, the wave, the machine's entry, its row, the vault."""

from dataclasses import dataclass

from shared.concerns.kept_addresses import with_addresses
from shared.ledger import machines, plans
from shared.ledger.expanded_plans import entry_of
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.protection_plan import ONWARD, entry_onward
from shared.plan.target import address_said
from shared.problems import NotFound
from shared.site_recovery.vault import VaultRef, vault_of_plan


@dataclass(frozen=True)
class MachineContext:
    """A machine of a migration, as planned and as it stands."""

    plan: Plan
    wave: Wave
    entry: Machine
    row: MachineRow
    vault: VaultRef


def machine_context(scope: Scope) -> MachineContext:
    """Give everything that is known about the machine of a place; beyond its migration as the road onward has it.

    Raises `NotFound`.
    """
    read = machines.just_changed if scope.enters else machines.get  # who enters a phase has just written it
    row = read(scope.migration, scope.machine)
    if row is None:
        raise NotFound(f"there is no machine {scope.machine} in migration {scope.migration}")
    wave, entry = entry_of(scope.migration, scope.machine)
    plan = plans.plan_at(scope.replace(wave=wave.name))
    if scope.phase == ONWARD:
        entry = entry_onward(entry, row.target_vm_id)
    elif address_said(plan.target, entry.target) or entry.target.nics:
        entry = with_addresses(plan.target, entry, row.source)
    return MachineContext(plan=plan, wave=wave, entry=entry, row=row, vault=vault_of_plan(plan))
