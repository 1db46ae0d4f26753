"""Machines outside any cloud, as an appliance has discovered them: chosen by what the plan says, and told as facts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.plan.machines import Machine, Selector
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.problems import Refused
from shared.site_recovery import discovery
from shared.site_recovery.discovery import DiscoveredMachine
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.sites import Kind, find_site
from shared.site_recovery.vault import vault_of_plan
from shared.site_recovery.wire import same_id
from shared.sources.guest_os import guest_os
from shared.sources.source_adapter import Sources

GIB = 1024**3
BOOT = {"BIOS": "legacy-bios", "EFI": "uefi", "UEFI": "uefi"}  # vCenter says EFI, an agent says UEFI
FEW = 3  # machines that are read one by one, where their ids are remembered, rather than with a whole listing

Telling = Callable[[DiscoveredMachine], SourceFacts]


@dataclass(frozen=True)
class Shown:
    """Where machines show: what tells the place apart, how all of them are read, and how one is by its id."""

    place: str
    all: Callable[[], Iterable[DiscoveredMachine]]
    find: Callable[[str], DiscoveredMachine | None]


def in_site(site: str) -> Shown:
    """Give the place of a `Microsoft.OffAzure` site."""
    return Shown(site, partial(discovery.list_machines, site), discovery.get_machine)


_IDS = Remembered[str]()


def site_of(plan: Plan, kind: Kind) -> str | None:
    """Give the site of the plan's server; None while it is not registered."""
    return find_site(vault_of_plan(plan), plan.provider, plan.replication.appliance.name, kind)


def read_shown(plan: Plan, at: Shown, names: Collection[str] | None, missing: SourceFacts, tell: Telling) -> Sources:
    """Give the facts of the plan's machines (or of those named); `missing` for one that does not show there.

    One that several fit was not found either. A few machines whose ids are known are read one by one, else one listing
    serves them all.
    """
    wanted = [machine for _, machine in plan.entries() if names is None or machine.name in names]
    listed = _remembered(at, wanted) or _listed(at)
    facts = {}
    for machine in wanted:
        fits = [each for each in listed if means(machine.source, each)]
        several = SourceFacts(found=False)
        facts[machine.name] = tell(fits[0]) if len(fits) == 1 else several if fits else _named(missing, machine.source)
    return Sources(plan=plan, facts=facts)


def listed_in(at: Shown | None) -> tuple[SourceMatch, ...]:
    """Give every machine that shows in a place. Raise `Refused` where there is no such place yet."""
    if at is None:
        raise not_registered()
    return tuple(_as_found(each) for each in at.all() if not each.is_deleted)


def not_registered() -> Refused:
    """Refuse what needs a server that the vault does not show."""
    return Refused(
        "what the machines would replicate through is not registered with the vault, so nothing shows there yet",
        id="source-not-registered",
        title="The source is not registered yet",
        advice="Name vault and server as they are (target.vault, replication.appliance.name or source.hyperv), or register it first.",
    )


def _as_found(machine: DiscoveredMachine) -> SourceMatch:
    return SourceMatch(
        instance_id=machine.id,
        name=machine.display_name or machine.host_name or machine.fqdn,
        private_ip=next(iter(machine.ips), ""),
        more_ids=tuple(each for each in (machine.name, machine.bios_guid, machine.instance_uuid) if each),
        more_ips=tuple(machine.ips),
    )


def unread(plan: Plan, names: Collection[str] | None) -> Sources:
    """Give the plan's machines before anybody could look at them: nothing of them is known yet."""
    wanted = [machine for _, machine in plan.entries() if names is None or machine.name in names]
    return Sources(plan=plan, facts={each.name: _named(SourceFacts(), each.source) for each in wanted})


def _named(facts: SourceFacts, source: Selector) -> SourceFacts:
    """Keep what the plan itself says of the machine."""
    return facts.replace(private_ip=source.private_ip or None, name=source.name or None)


def _remembered(at: Shown, wanted: Sequence[Machine]) -> list[DiscoveredMachine]:
    """Read machines whose ids are known; empty when one is not, or is gone, so that the listing decides."""
    known = [_IDS.get(_key(at.place, each.source)) for each in wanted[: FEW + 1]]
    if len(known) > FEW or None in known:
        return []
    read = [at.find(each) for each in known if each]
    return [] if None in read else [each for each in read if each and not each.is_deleted]


def _listed(at: Shown) -> list[DiscoveredMachine]:
    """List all of them, and remember its ids: the others of a cohort ask in the same minute. A name that two machines share is not kept."""
    listed = [each for each in at.all() if not each.is_deleted]
    keyed = [(key, each.id) for each in listed for key in set(_keys(at.place, each))]
    count = Counter(key for key, _ in keyed)
    _IDS.keep({key: own for key, own in keyed if count[key] == 1})
    return listed


def _key(place: str, source: Selector) -> str:
    kind, value = next(
        (kind, value)
        for kind, value in (("ip", source.private_ip), ("id", source.vm_id), ("name", source.name), ("none", "-"))
        if value
    )
    return f"{place}/{kind}/{value}".lower()


def _keys(place: str, machine: DiscoveredMachine) -> Iterator[str]:
    """Give every key under which a plan may ask for a machine."""
    values = [("ip", ip) for ip in machine.ips]
    values += [("id", value) for value in (machine.id, machine.name, machine.bios_guid, machine.instance_uuid) if value]
    values += [("name", value) for value in _names(machine)]
    return (f"{place}/{kind}/{value}".lower() for kind, value in values)


def _names(machine: DiscoveredMachine) -> set[str]:
    """Give the names of a machine in lower case: as shown, its host name in full and in short."""
    names = {machine.display_name.lower(), machine.host_name.lower(), machine.fqdn.lower()} - {""}
    return names | {name.partition(".")[0] for name in (machine.host_name.lower(), machine.fqdn.lower()) if name}


def means(source: Selector, machine: DiscoveredMachine) -> bool:
    """Tell whether an entry of a plan means this machine: by address, by id (ARM's, BIOS's or vCenter's), by name."""
    if source.private_ip:
        return source.private_ip in machine.ips
    if source.vm_id:
        ids = {machine.name.lower(), machine.bios_guid.lower(), machine.instance_uuid.lower()} - {""}
        return same_id(source.vm_id, machine.id) or source.vm_id.lower() in ids
    return source.name.lower() in _names(machine)


def facts_of(machine: DiscoveredMachine) -> SourceFacts:
    """Give what a site tells of a machine; what it does not tell stays unknown."""
    system = machine.system
    known = guest_os(system.os_type, system.os_name, system.os_version, system.os_architecture)
    return SourceFacts(
        instance_id=machine.id,
        name=machine.display_name or None,
        private_ip=next(iter(machine.ips), None),
        os_family=known.family,
        os_name=known.name,
        os_version=known.version,
        service_pack=known.service_pack,
        architecture=known.architecture,
        boot_mode=BOOT.get(machine.firmware.upper()),
        disks=_disks(machine) or None,
        nics=tuple(NicFacts(id=nic.nic_id, ip=next(iter(nic.ips), None)) for nic in machine.network_adapters) or None,
        cores=machine.number_of_processor_core or None,
    )


def _disks(machine: DiscoveredMachine) -> tuple[DiskFacts, ...]:
    """Give its disks; where the site does not say which it boots from, LUN 0 of the first controller is taken for that."""
    return tuple(
        DiskFacts(
            device=disk.label or disk.name or disk.uuid,
            size_gib=disk.max_size_in_bytes / GIB or None,
            volume_id=disk.uuid or None,
            root=disk == machine.boot_disk,
            known_as=tuple(each for each in (disk.uuid, disk.name or disk.label) if each),
        )
        for disk in machine.disks
    )
