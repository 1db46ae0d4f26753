"""The provider of agentless migration: VMware machines copied from their snapshots (`VMwareCbt`)."""

from typing import ClassVar

from pydantic import Field

from shared.models import Model
from shared.site_recovery.inmage_rcm_target import cards, vm_fields
from shared.site_recovery.provider import (
    DiskPlacement,
    PolicySettings,
    ReplicatedDisk,
    ReplicatedNic,
    ReplicationSource,
    ReplicationStatus,
    ReplicationTarget,
)
from shared.site_recovery.wire import Json, without_empty

HOURS = 60  # minutes; a snapshot of the machine is taken this often at most (documented: every hour)
LONGEST = 4320  # minutes that recovery points are kept at most (assumed: what Azure Migrate's own policy says)


class Gateway(Model):
    """Where the appliance keeps what it copies until it is on the machine's disks; ids are ARM ids."""

    storage_account_id: str
    region: str
    key_vault_id: str = ""
    key_vault_uri: str = ""
    storage_secret: str = Field(
        default="", description="name of the account's signature there; empty = Azure Migrate's"
    )
    bus_secret: str = Field(default="", description="name of the service bus's secret there; empty = Azure Migrate's")


def sas_secret(storage_account_id: str, use: str = "cacheSas") -> str:
    """Give the name under which Azure Migrate keeps a storage account's signature (as its own cmdlets name it)."""
    return f"{storage_account_id.rpartition('/')[2]}-{use}"


class VMwareCbt:
    """Fills and reads VMwareCbt; its flags are strings on the wire (recorded)."""

    name: ClassVar[str] = "VMwareCbt"
    plans_failover: ClassVar[bool] = False
    commits: ClassVar[bool] = False

    def policy(self, settings: PolicySettings) -> Json:
        """Give a policy; points come from snapshots, so that none is made more often than hourly."""
        return {
            "instanceType": self.name,
            "recoveryPointHistoryInMinutes": min(settings.retention, LONGEST),
            "crashConsistentFrequencyInMinutes": max(settings.crash_consistent_every, HOURS),
            "appConsistentFrequencyInMinutes": settings.app_consistent_every
            and max(settings.app_consistent_every, HOURS),
        }

    def mapping(self) -> Json:
        """Give the provider's name alone; `mapping_through` says the rest."""
        return {"instanceType": self.name}

    def mapping_through(self, gateway: Gateway) -> Json:
        """Give storage account and region, and the key vault where the appliance still needs one."""
        vault = {
            "keyVaultId": gateway.key_vault_id,
            "keyVaultUri": gateway.key_vault_uri,
            "storageAccountSasSecretName": gateway.storage_secret or sas_secret(gateway.storage_account_id, "gwySas"),
            "serviceBusConnectionStringSecretName": gateway.bus_secret or "ServiceBusConnectionString",
        }
        return {
            **self.mapping(),
            "storageAccountId": gateway.storage_account_id,
            "targetLocation": gateway.region,
            **(without_empty(vault) if gateway.key_vault_id else {}),
        }

    def protectable_item(self, source: ReplicationSource) -> str:  # noqa: ARG002 - the contract's
        """Give nothing: the discovered machine itself is named."""
        return ""

    def enable(self, source: ReplicationSource, target: ReplicationTarget) -> Json:
        """Give the machine, the accounts that snapshot and copy it, all its disks, and its target."""
        return {
            "instanceType": self.name,
            "vmwareMachineId": source.machine_id,
            "dataMoverRunAsAccountId": source.run_as_account_id,
            "snapshotRunAsAccountId": source.run_as_account_id,
            "disksToInclude": _disks(source, target),
            **without_empty(
                {
                    "targetSubnetName": target.subnet,
                    "testSubnetName": target.test_subnet,
                    "seedDiskTags": target.disk_tags,
                    **_place(target),
                }
            ),
            "performAutoResync": "true" if source.auto_resync else "false",
        }

    def update(self, target: ReplicationTarget) -> Json:
        """Give the target again, with cards and names of disks."""
        named = [{"diskId": each.disk_id, "targetDiskName": each.name} for each in target.disks if each.name]
        wanted = [_card(each) for each in target.nics]
        details = {"instanceType": self.name, **without_empty({"vmNics": wanted, "vmDisks": named}), **_place(target)}
        return {"providerSpecificDetails": details}

    def test_failover(self, network_id: str, recovery_point_id: str) -> Json:
        """Give network and point; both are required (the SDK's model)."""
        return {"instanceType": self.name, "networkId": network_id, "recoveryPointId": recovery_point_id}

    def failover(self, recovery_point_id: str, *, shut_down: bool) -> Json:  # noqa: ARG002 - the contract's
        """Give whether the source is shut down; a migration knows no choice of points."""
        return {"instanceType": self.name, "performShutdown": "true" if shut_down else "false"}

    def plan_failover(self, point: str, *, together: bool = False) -> Json:  # noqa: ARG002 - the contract's
        """Give the name alone: recovery plans hold no migration items, and the plan's rules see to it that none is made."""
        return {"instanceType": self.name}

    def disable(self) -> Json | None:
        """Give nothing: a deletion has no body."""
        return None

    def replication(self, details: Json) -> ReplicationStatus:
        """Read progress and recovery points; a delay is not told."""
        found = [
            ReplicatedDisk.model_validate({**disk, "customTargetDiskName": disk.get("targetDiskName")})
            for disk in details.get("protectedDisks") or ()
        ]
        renamed = {ours: details.get(theirs) for ours, theirs in _READ.items()}
        return ReplicationStatus.model_validate(
            {**details, **renamed, "disks": found, "cards": cards(details, "isSelectedForMigration")}
        )


_READ = {
    "discoveryMachineId": "vmwareMachineId",
    "progress": "initialSeedingProgressPercentage",
    "resyncProgress": "resyncProgressPercentage",
    "lastRecoveryPointAt": "lastRecoveryPointReceived",
}


def _place(target: ReplicationTarget) -> Json:
    """Give what enable and update both take."""
    return without_empty(
        {
            **vm_fields(target),
            "targetVmTags": target.tags,
            "targetDiskTags": target.disk_tags,
            "targetNicTags": target.nic_tags,
        }
    )


def _disks(source: ReplicationSource, target: ReplicationTarget) -> list[Json]:
    """Give every disk of the machine but those left out: what is not named is not copied."""
    own = {each.disk_id.lower(): each for each in target.disks}
    system = next((each.disk_id for each in target.disks if each.os_disk), source.os_disk_id)
    wanted = [(disk.id, own.get(disk.id.lower(), DiskPlacement())) for disk in source.disks]
    return [_disk(name, disk_target, target, system) for name, disk_target in wanted if not disk_target.left_out]


def _disk(name: str, placement: DiskPlacement, target: ReplicationTarget, system: str) -> Json:
    return {
        "diskId": name,
        "isOSDisk": "true" if name.lower() == system.lower() else "false",
        "logStorageAccountId": target.log_storage_account_id,
        "logStorageAccountSasSecretName": sas_secret(target.log_storage_account_id),
        "diskType": placement.disk_type or target.disk_type,
        **without_empty({"diskEncryptionSetId": placement.encryption_set_id or target.disk_encryption_set_id}),
    }


def _card(card: ReplicatedNic) -> Json:
    """Give a card; an address that is left out becomes dynamic (unknown: assumed, as the portal's empty field)."""
    subnets = {
        "targetSubnetName": card.subnet,
        "testSubnetName": card.test_subnet,
        "targetStaticIPAddress": card.ip,
        "testStaticIPAddress": card.test_ip,
        "targetNicName": card.name,
    }
    return {
        "nicId": card.nic_id,
        "isPrimaryNic": "true" if card.primary else "false",
        "isSelectedForMigration": "false" if card.left_out else "true",
        **without_empty(subnets),
    }
