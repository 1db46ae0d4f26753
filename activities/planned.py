"""What the plan says about a place: the plan itself, the wave, the machine's entry, its row, the vault."""

from dataclasses import dataclass

from shared import plans
from shared.concerns.facts import SourceFacts
from shared.concerns.kept_addresses import with_addresses
from shared.ledger import machines
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave
from shared.plan.onward import ONWARD, entry_onward
from shared.plan.target import address_said
from shared.problems import NotFound
from shared.site_recovery.vault import VaultRef, vault_of_plan


@dataclass(frozen=True)
class Planned:
    """A machine of a migration, as planned and as it stands."""

    plan: Plan
    wave: Wave
    entry: Machine
    row: MachineRow
    vault: VaultRef


def planned(place: Place) -> Planned:
    """Give everything that is known about the machine of a place; beyond its migration as the road onward has it.

    Raises `NotFound`.
    """
    row = machines.get(place.migration, place.machine)
    if row is None:
        raise NotFound(f"there is no machine {place.machine} in migration {place.migration}")
    wave, entry = plans.entry_of(place.migration, place.machine)
    plan = plans.plan_at(place.but(wave=wave.name))
    if place.phase == ONWARD:
        entry = entry_onward(entry, row.target_vm_id)
    elif address_said(plan.target, entry.target) or entry.target.nics:
        entry = with_addresses(plan.target, entry, SourceFacts.model_validate(row.source))
    return Planned(plan=plan, wave=wave, entry=entry, row=row, vault=vault_of_plan(plan))
