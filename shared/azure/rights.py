"""What the app asks of Azure, as one table: the custom roles in infra/roles come from it, and assessment asks for it.

A row holds an action, the place where it is needed, and the feature of a plan that needs it: before anything is changed, the
assessment of a plan checks the rows of its features. `why` marks what the app never calls itself: Site Recovery
checks or does it in the caller's name.
"""

from collections.abc import Collection, Iterator
from typing import Literal

from shared.models import Model

Where = Literal["vault", "discovery", "target", "network", "cache", "subscription", "source", "maker", "named"]
# A word of a road (`Road.feature`, `Road.rights`) or of the plan's other wishes; `person` is not checked before: only a command that a person gives needs it.
ALWAYS, PERSON = "always", "person"


class Right(Model):
    """An action that is needed somewhere."""

    action: str
    where: Where
    when: tuple[str, ...] = (ALWAYS,)
    why: str = ""


def _at(where: Where, prefix: str, table: dict[str, str]) -> Iterator[Right]:
    """Give the rows of a table: actions (several, parted by blanks) behind a prefix, and when (one of several words)."""
    for when, actions in table.items():
        for action in actions.split():
            yield Right(action=f"{prefix}/{action}", where=where, when=tuple(when.split(" | ")))


def _for_it(where: Where, why: str, *actions: str, when: str = ALWAYS) -> Iterator[Right]:
    """Give rows of what Site Recovery checks or does in the caller's name."""
    for action in actions:
        yield Right(action=action, where=where, when=tuple(when.split(" | ")), why=why)


_VAULTS = "Microsoft.RecoveryServices/vaults"
_FABRICS = f"{_VAULTS}/replicationFabrics"
_CONTAINERS = f"{_FABRICS}/replicationProtectionContainers"
_ITEMS = f"{_CONTAINERS}/replicationProtectedItems"
_MIGRATING = f"{_CONTAINERS}/replicationMigrationItems"
_PLANS = f"{_VAULTS}/replicationRecoveryPlans"
_VMS, _NICS = "Microsoft.Compute/virtualMachines", "Microsoft.Network/networkInterfaces"
_NETWORKS, _RESOURCES = "Microsoft.Network/virtualNetworks", "Microsoft.Resources"
FAILS_OVER = "appliance | configuration server | hosts | regions"
_LINKED = "Site Recovery fails over by a deployment in the caller's name (documented: linked access check)"
_THE_CACHE = "enabling replication checks that the caller may use the cache account (documented)"
_THE_AGENT = (
    "between Azure regions Site Recovery installs its agent on the source VM as an extension, with the caller's rights"
    " (documented)"
)

TABLE: tuple[Right, ...] = (
    *_at(
        "vault",
        _VAULTS,
        {
            ALWAYS: "read replicationJobs/read replicationPolicies/read replicationPolicies/write",
            "creates": "write",
            "judges": "replicationSupportedOperatingSystems/read",
            FAILS_OVER: "replicationProtectedItems/read",
            "migration items": "replicationMigrationItems/read",
            "appliance": "replicationAppliances/read",
            "vmm": "replicationNetworkMappings/read replicationStorageClassificationMappings/read",
            "plan actions": "replicationJobs/resume/action replicationJobs/cancel/action",
            PERSON: "certificates/write extendedInformation/read",
        },
    ),
    *_at(
        "vault",
        _FABRICS,
        {
            ALWAYS: "read",
            "hyperv site | regions": "write",
            "hosts | migration items": "replicationRecoveryServicesProviders/read",
            "vmm": "replicationNetworks/read replicationStorageClassifications/read "
            "replicationStorageClassifications/replicationStorageClassificationMappings/read "
            "replicationStorageClassifications/replicationStorageClassificationMappings/write",
            "vmm | regions": "replicationNetworks/replicationNetworkMappings/write",
            "regions": "replicationNetworks/replicationNetworkMappings/read",
            "vcenter": "replicationvCenters/read replicationvCenters/write",
        },
    ),
    *_at(
        "vault",
        _CONTAINERS,
        {
            ALWAYS: "read replicationProtectionContainerMappings/read replicationProtectionContainerMappings/write",
            "regions": "write",
            "configuration server | hosts": "replicationProtectableItems/read",
            "adds machines": "discoverProtectableItem/action",
        },
    ),
    *_at(
        "vault",
        _ITEMS,
        {
            FAILS_OVER: "read write remove/action recoveryPoints/read",
            "one by one": "unplannedFailover/action",
            "planned": "plannedFailover/action",
            "rehearses": "testFailoverCleanup/action",
            "rehearses one by one": "testFailover/action",
            "commits": "failoverCommit/action",
            "plans a failover": "failoverCancel/action",
            PERSON: "delete",
        },
    ),
    *_at(
        "vault",
        _MIGRATING,
        {
            "migration items": "read write delete migrate/action migrationRecoveryPoints/read",
            "migrates a test": "testMigrate/action testMigrateCleanup/action",
        },
    ),
    *_at(
        "vault",
        _PLANS,
        {
            "recovery plan": "read write delete",
            "fails plans over": "unplannedFailover/action",
            "fails plans over as planned": "plannedFailover/action",
            "rehearses plans": "testFailover/action",
        },
    ),
    *_at("vault", _RESOURCES, {ALWAYS: "subscriptions/resourceGroups/read"}),
    *_at(
        "discovery",
        "Microsoft.OffAzure",
        {
            "servers show": "ServerSites/machines/read",
            "vms show": "VMwareSites/machines/read",
            "servers pushed": "ServerSites/runasaccounts/read",
            "vms pushed": "VMwareSites/runasaccounts/read",
        },
    ),
    *_at(
        "target",
        _VMS,
        {
            "migrates": "read instanceView/read write deallocate/action retrieveBootDiagnosticsData/action",
            "checks inside | removes the agent": "runCommand/action",
            "scripts in Azure": "runCommands/read runCommands/write runCommands/delete",
            PERSON: "delete",
        },
    ),
    *_at("target", _NICS, {"migrates": "read", PERSON: "delete"}),
    *_at("target", "Microsoft.Compute/disks", {"migrates": "read", "removes replica disks": "delete"}),
    *_at("target", _RESOURCES, {ALWAYS: "subscriptions/resourceGroups/read"}),
    *_for_it(
        "target", "failover makes the machine's network card with the caller's rights (documented)", f"{_NICS}/write"
    ),
    *_for_it("target", "failover attaches it (documented)", f"{_NICS}/join/action"),
    *_at(
        "named",
        "Microsoft.Compute",
        {
            "availability set": "availabilitySets/read",
            "proximity placement group": "proximityPlacementGroups/read",
            "capacity reservation group": "capacityReservationGroups/read",
            "disk encryption set": "diskEncryptionSets/read",
        },
    ),
    *_at("named", "Microsoft.Network", {"network security group": "networkSecurityGroups/read"}),
    *_at("named", "Microsoft.Storage", {"storage account": "storageAccounts/read"}),
    *_for_it(
        "named",
        "failover puts the network card behind the group that a plan names (documented)",
        "Microsoft.Network/networkSecurityGroups/join/action",
        when="network security group",
    ),
    *_for_it(
        "target",
        "failover makes the machine's disks with the caller's rights (documented for managed disks)",
        "Microsoft.Compute/disks/read",
        "Microsoft.Compute/disks/write",
    ),
    *_for_it(
        "target",
        "clean-up of a test failover deletes the copy's disks",
        "Microsoft.Compute/disks/delete",
        when="rehearses | migrates a test",
    ),
    *_for_it(
        "target",
        _LINKED,
        f"{_RESOURCES}/deployments/read",
        f"{_RESOURCES}/deployments/write",
        f"{_RESOURCES}/deployments/validate/action",
        f"{_RESOURCES}/deployments/operationStatuses/read",
    ),
    *_at("network", _NETWORKS, {ALWAYS: "read"}),
    *_for_it(
        "network",
        "enabling replication checks the subnet in the caller's name (documented)",
        f"{_NETWORKS}/subnets/read",
    ),
    *_for_it(
        "network", "failover puts the network card into the subnet (documented)", f"{_NETWORKS}/subnets/join/action"
    ),
    *_at("cache", "Microsoft.Storage/storageAccounts", {ALWAYS: "read"}),
    *_for_it("cache", _THE_CACHE, "Microsoft.Storage/storageAccounts/listkeys/action"),
    *_at(
        "source",
        _VMS,
        {
            ALWAYS: "read instanceView/read",
            "migrates": "start/action deallocate/action",
            "migrates | scripts": "runCommand/action",
            "terminates": "write delete",
        },
    ),
    *_at("source", "Microsoft.Compute", {ALWAYS: "disks/read"}),
    *_at("source", _NICS, {ALWAYS: "read"}),
    *_for_it("source", _THE_AGENT, f"{_VMS}/extensions/write"),
    *_for_it("source", "the same", f"{_VMS}/write"),
    *_at("subscription", "Microsoft.Authorization", {ALWAYS: "permissions/read"}),
    *_at("subscription", "Microsoft.Compute", {ALWAYS: "skus/read locations/usages/read"}),
    *_at(
        "subscription",
        _RESOURCES,
        {
            ALWAYS: "subscriptions/locations/read subscriptions/resourceGroups/read",
            "regions": "subscriptions/providers/read",
        },
    ),
    *_at(
        "subscription",
        "Microsoft.Compute/locations",
        {"scripts | checks inside | removes the agent": "operations/read"},
    ),
    *_at(
        "maker",
        _RESOURCES,
        {"creates": "subscriptions/resourceGroups/read subscriptions/resourceGroups/write"},
    ),
)


def wanted(where: Where, features: Collection[str]) -> tuple[str, ...]:
    """Give the actions that a plan with these features asks for at a place, each once."""
    have = {ALWAYS, *features}
    return tuple(dict.fromkeys(each.action for each in TABLE if each.where == where and have & set(each.when)))
