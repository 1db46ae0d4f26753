"""What of Azure a plan names and does not make: each resource by its kind and ARM id, and where machines name it."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.plan.machines import Machine
from shared.plan.model import Plan
from shared.plan.protection_plan import all_onward
from shared.plan.target import Target

AVAILABILITY_SET: Final = "Microsoft.Compute/availabilitySets"
PROXIMITY_GROUP: Final = "Microsoft.Compute/proximityPlacementGroups"
RESERVATION_GROUP: Final = "Microsoft.Compute/capacityReservationGroups"
ENCRYPTION_SET: Final = "Microsoft.Compute/diskEncryptionSets"
STORAGE_ACCOUNT: Final = "Microsoft.Storage/storageAccounts"
SECURITY_GROUP: Final = "Microsoft.Network/networkSecurityGroups"
NETWORK: Final = "Microsoft.Network/virtualNetworks"
VAULT: Final = "Microsoft.RecoveryServices/vaults"
WORDS: Final = {
    AVAILABILITY_SET: "availability set",
    PROXIMITY_GROUP: "proximity placement group",
    RESERVATION_GROUP: "capacity reservation group",
    ENCRYPTION_SET: "disk encryption set",
    STORAGE_ACCOUNT: "storage account",
    SECURITY_GROUP: "network security group",
    NETWORK: "virtual network",
    VAULT: "Recovery Services vault",
}
DETAILS: Final = {  # fields of a target (the plan's, or a machine's own) that name a resource, with its kind
    "availability_set": AVAILABILITY_SET,
    "proximity_placement_group": PROXIMITY_GROUP,
    "capacity_reservation_group": RESERVATION_GROUP,
    "disk_encryption_set": ENCRYPTION_SET,
    "boot_diagnostics_account": STORAGE_ACCOUNT,
}


class NamedResource(NamedTuple):
    """A resource that a plan names."""

    kind: str
    id: str
    region: str  # where it has to lie; empty = anywhere
    subnet: str = ""  # of a network

    @property
    def key(self) -> str:
        """Give what is the same for one resource however its id is written."""
        return self.id.lower()

    @property
    def place(self) -> tuple[str, str]:
        """Give its subscription and resource group; empty where the id is none of its kind."""
        parts = self.id.strip("/").split("/")
        return (parts[1], parts[3]) if self.is_possible else ("", "")

    @property
    def is_possible(self) -> bool:
        """Tell whether its id can be one of its kind."""
        parts = self.id.strip("/").split("/")
        return len(parts) == 8 and "/".join(parts[5:7]).lower() == self.kind.lower() and all(parts)

    def __str__(self) -> str:
        name = f"{self.id.rpartition('/')[2]} in {self.place[1]}" if self.is_possible else self.id
        return f"{WORDS[self.kind]} {name}"


def target_group(plan: Plan, entry: Machine) -> str:
    """Give the resource group that a machine goes to."""
    return entry.target.resource_group or plan.target.resource_group


def arm_id(plan: Plan, entry: Machine, kind: str, text: str) -> str:
    """Give the ARM id of what the plan names; a bare name lies in the machine's resource group."""
    if not text or text.startswith("/"):
        return text
    return _id(plan.target.subscription_id, target_group(plan, entry), kind, text)


def _id(subscription: str, group: str, kind: str, name: str) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/{kind}/{name}"


def detail_of(plan: Plan, entry: Machine, field: str) -> tuple[str, bool]:
    """Give what one of `DETAILS` is for a machine, and whether the machine itself says so.

    A zone of its own takes the place of the plan's availability set.
    """
    own = str(getattr(entry.target, field))
    if own or (field == "availability_set" and entry.target.zone):
        return own, True
    return str(getattr(plan.target, field)), False


def named_by_target(plan: Plan) -> tuple[NamedResource, ...]:
    """Give what the plan's target names for its machines, each once."""
    return tuple(dict.fromkeys(each for _, entry in plan.entries() for each in _details(plan, entry, own=False)))


def named_by_machine(plan: Plan, entry: Machine) -> tuple[NamedResource, ...]:
    """Give what a machine names for itself, each once."""
    return tuple(dict.fromkeys((*_details(plan, entry, own=True), *_parts(plan, entry))))


def _details(plan: Plan, entry: Machine, *, own: bool) -> Iterator[NamedResource]:
    for field, kind in DETAILS.items():
        resource, is_own = detail_of(plan, entry, field)
        if resource and is_own == own:
            yield NamedResource(kind, arm_id(plan, entry, kind, resource), plan.target.region)


def _parts(plan: Plan, entry: Machine) -> Iterator[NamedResource]:
    """Give what its disks and cards have of their own; those that are left out need nothing."""
    disks = [(ENCRYPTION_SET, each.encryption_set) for each in entry.target.disks if not each.leave_out]
    cards = [each for each in entry.target.cards if not each.leave_out]
    guards = [(SECURITY_GROUP, group) for each in cards for group in (each.security_group, each.test_security_group)]
    for kind, resource in (*disks, *guards):
        if resource:
            yield NamedResource(kind, arm_id(plan, entry, kind, resource), plan.target.region)


def named_by_protections(plan: Plan) -> tuple[NamedResource, ...]:
    """Give what machines are to be protected through once they are migrated, and the app does not make; each once."""
    return tuple(dict.fromkeys(each for further in all_onward(plan) for each in _protection(plan, further)))


def _protection(plan: Plan, further: Plan) -> Iterator[NamedResource]:
    """Give network, cache, encryption set and vault of a protection; not what the migration itself is judged by."""
    target, vault, region = further.target, further.target.vault, further.target.region
    network = target.network
    yield _named(NETWORK, target, network.resource_group, network.vnet, region, network.subnet)
    cache = _named(STORAGE_ACCOUNT, plan.target, target.cache_resource_group, target.cache_storage_account)
    own_vault = _named(VAULT, plan.target, plan.target.vault.resource_group, plan.target.vault.name)
    at = _named(VAULT, target, vault.resource_group, vault.name)
    if cache.key != _own_cache(plan):
        yield cache
    if encrypts := target.disk_encryption_set:
        made = _named(ENCRYPTION_SET, target, "", encrypts)
        yield made._replace(id=encrypts) if encrypts.startswith("/") else made
    if not vault.create and at.key != own_vault.key:
        yield at._replace(region="")  # anywhere but beside the machines, which the plan's own rules see to


def _named(kind: str, at: Target, group: str, name: str, region: str = "", subnet: str = "") -> NamedResource:
    own = _id(at.subscription_id, group or at.resource_group, kind, name)
    return NamedResource(kind, own, region or at.region, subnet)


def _own_cache(plan: Plan) -> str:
    """Give the key of the migration's cache account; between Azure regions it lies at the source."""
    if plan.scenario == "azure-to-azure":
        return ""
    return _named(STORAGE_ACCOUNT, plan.target, plan.target.cache_resource_group, plan.target.cache_storage_account).key


def named_for_cutover(plan: Plan) -> tuple[NamedResource, ...]:
    """Give what the VMs of a plan's machines are made with, each resource once."""
    machines = (each for _, entry in plan.entries() for each in named_by_machine(plan, entry))
    return tuple({each.key: each for each in (*named_by_target(plan), *machines)}.values())


def named_in(plan: Plan) -> tuple[NamedResource, ...]:
    """Give everything that a plan names, each resource once: what it is read by."""
    found = {each.key: each for each in (*named_for_cutover(plan), *named_by_protections(plan))}
    return tuple(found.values())
