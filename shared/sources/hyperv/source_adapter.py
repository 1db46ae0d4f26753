"""The Hyper-V side: machines as their hosts show them to the vault. The app itself reaches no host.

| operation | role action |
| --- | --- |
| read | …/replicationProtectionContainers/replicationProtectableItems/read |
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import ClassVar

from shared.concerns.source_facts import SourceFacts
from shared.plan.hyperv import HyperVSource
from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.site_recovery import hyperv
from shared.site_recovery.hyperv import HyperVMachine
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef, get_vault, vault_of_plan
from shared.sources.discovered import not_registered, unread
from shared.sources.hyperv.reading import facts_of
from shared.sources.source_adapter import PowerlessSide, Sources

FEW = 3  # machines that are read one by one, where their ids are remembered, rather than with a whole listing

_PLACES = Remembered[tuple[ContainerRef, ...]]()
_IDS = Remembered[str]()


class HyperVSide(PowerlessSide):
    """Machines that Site Recovery shuts down through their host, as part of the failover."""

    machines: ClassVar[str] = "machines of a Hyper-V host"
    failover_shuts_down: ClassVar[bool] = True
    told_within: ClassVar[timedelta] = timedelta()  # it tells nothing of power

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find by name or Hyper-V's id; before the hosts are registered nothing of their machines is known."""
        places = places_of(plan)
        if not places:
            return unread(plan, names)
        wanted = [machine for _, machine in plan.entries() if names is None or machine.name in names]
        vault = vault_of_plan(plan)
        listed = _remembered(vault, places, wanted) or _listed(vault, places)
        return Sources(plan=plan, facts={each.name: facts_for(each.source, listed) for each in wanted})

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List the machines of the site's hosts, or of the VMM's clouds."""
        places = places_of(plan)
        if not places:
            raise not_registered()
        return tuple(_as_found(each) for each in _listed(vault_of_plan(plan), places))

    def state(self, plan: Plan, source_id: str) -> str:  # noqa: ARG002 - the side's
        """Give `unknown`: a host does not tell the vault whether a machine runs."""
        return "unknown"


def _as_found(machine: HyperVMachine) -> SourceMatch:
    return SourceMatch(
        instance_id=machine.source_item_id or machine.id, name=machine.friendly_name, more_ids=(machine.id,)
    )


def places_of(plan: Plan) -> tuple[ContainerRef, ...]:
    """Give the containers of the plan's machines: the site's, or those of its clouds; none before they show."""
    source, vault = plan.source.hyperv, vault_of_plan(plan)
    if source is None:
        return ()
    key = f"{vault.id}/{source.server}/{'/'.join(source.clouds)}".lower()
    return _PLACES.of(key, lambda: _shown(vault, source)) or ()


def _shown(vault: VaultRef, source: HyperVSource) -> tuple[ContainerRef, ...] | None:
    """Look for the containers; before the vault is made there is nothing to look into."""
    if get_vault(vault) is None:
        return None
    return hyperv.find_containers(vault, source.server, source.clouds) or None


def facts_for(source: Selector, listed: Sequence[HyperVMachine]) -> SourceFacts:
    """Give the facts of the one machine that an entry means; one that none, or several, fit was not found."""
    fits = [each for each in listed if _means(source, each)]
    return facts_of(fits[0]) if len(fits) == 1 else SourceFacts(found=False, name=source.name or None)


def _means(source: Selector, machine: HyperVMachine) -> bool:
    if source.vm_id:
        return source.vm_id.lower() in (machine.source_item_id.lower(), machine.id.lower())
    return source.name.lower() == machine.friendly_name.lower()


def _remembered(vault: VaultRef, places: Sequence[ContainerRef], wanted: Sequence[Machine]) -> list[HyperVMachine]:
    """Read machines whose ids are known; empty when one is not, or is gone, so that the listing decides."""
    known = [_IDS.get(_key(vault, places, each.source.vm_id or each.source.name)) for each in wanted[: FEW + 1]]
    if len(known) > FEW or None in known:
        return []
    read = [hyperv.get_machine(vault, each) for each in known if each]
    return [] if None in read else [each for each in read if each]


def _listed(vault: VaultRef, places: Sequence[ContainerRef]) -> list[HyperVMachine]:
    """List the containers, and remember ids: the others of a cohort ask in the same minute. Names of two are not kept."""
    listed = [each for place in places for each in hyperv.list_machines(vault, place)]
    names = Counter(each.friendly_name.lower() for each in listed)
    keyed = {_key(vault, places, each.source_item_id): each.id for each in listed}
    once = [each for each in listed if names[each.friendly_name.lower()] == 1]
    named = {_key(vault, places, each.friendly_name): each.id for each in once}
    _IDS.keep(keyed | named)
    return listed


def _key(vault: VaultRef, places: Sequence[ContainerRef], text: str) -> str:
    return f"{vault.id}/{places[0].fabric}/{'/'.join(place.container for place in places)}/{text}".lower()
