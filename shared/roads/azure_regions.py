"""From one Azure region to another: VMs replicate by an extension, and nothing stands between that has to register.

Site Recovery's provider is A2A; its failover is committed, and replication then disabled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from shared.azure.arm_id import parse
from shared.azure.storage import account_id
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import Refused
from shared.roads.azure_regions_mappings import missing_mappings, missing_networks
from shared.roads.azure_regions_size import keep_size, size_of
from shared.roads.road import Missing, Road
from shared.roads.target_placement import in_subnets
from shared.site_recovery import regions
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import (
    Card,
    Provider,
    ReplicatedNic,
    ReplicationSource,
    ReplicationTarget,
    SourceDisk,
)
from shared.site_recovery.servers import KnownDisk
from shared.site_recovery.vault import vault_of_plan
from shared.sources.azure.source_adapter import source_of


@dataclass(frozen=True)
class AzureRegionsRoad(Road):
    """The fabric and the container of each region are made by the app, and paired there and back."""

    provider: ClassVar[Provider] = AzureToAzure()
    feature: ClassVar[str] = "regions"
    pairs_several: ClassVar[bool] = True
    names_at_enabling: ClassVar[bool] = False
    chooses_size: ClassVar[bool] = True
    keeps_tags: ClassVar[bool] = True
    usual_disk_type: ClassVar[str] = ""

    def rights(self, plan: Plan) -> Iterator[str]:
        """Run the plan's scripts on the sources, and delete them where the plan says so."""
        if plan.finish.decommission.mode == "terminate":
            yield "terminates"
        scripts = (wave.scripts_of(machine) for wave, machine in plan.entries())
        if any(own.stop_services or own.start_services for own in scripts):
            yield "scripts"

    def source_groups(self, plan: Plan) -> frozenset[tuple[str, str]]:
        """Return the groups that VMs lie in, as far as the plan names them; else the whole subscription."""
        source = source_of(plan)
        ids = (machine.source.vm_id for _, machine in plan.entries())
        groups = {parse(each).group if each.startswith("/") else source.resource_group for each in ids}
        return frozenset((source.subscription_id, group) for group in ({""} if "" in groups else groups))

    def missing_sites(self, plan: Plan) -> Iterator[Missing]:
        """Return the fabrics and containers of both regions that are not there."""
        vault = vault_of_plan(plan)
        for region in (source_of(plan).region, plan.target.region):
            fabric = regions.find_region(vault, region)
            if fabric is None:
                text = f"the fabric of {region} is being made"
                yield Missing(f"fabric-{region}", text, partial(regions.create_region, vault, region))
            elif regions.find_container(vault, region) is None:
                text = f"the container of {region} is being made"
                yield Missing(f"container-{region}", text, partial(regions.create_container, vault, fabric.name))

    def container(self, plan: Plan) -> ContainerRef:
        """Return the container of the region that machines come from."""
        return regions.container_of(vault_of_plan(plan), source_of(plan).region)

    def missing_pairings(self, scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
        """Return what is not paired yet: the containers there and back, and the networks of the machines."""
        ends = self.container(plan), _target_container(plan)
        yield from missing_mappings(plan, policy, ends)
        yield from missing_networks(scope, plan, ends)

    def before_enabling(self, scope: Scope, machine: MachineContext) -> None:
        """Keep the size that the VM gets where the plan names none."""
        keep_size(scope, machine)

    def source_input(self, machine: MachineContext) -> ReplicationSource:
        """Name every managed disk that was seen at the assessment. Raise `Refused` without any."""
        facts = machine.row.source
        known = (each for each in facts.disks or () if each.volume_id)
        disks = tuple(SourceDisk(id=each.volume_id or "", type=each.type or "") for each in known)
        if not disks:
            raise Refused(
                f"no managed disk of {machine.row.name} is known",
                id="no-managed-disk",
                title="Nothing to replicate",
                advice="Convert its disks to managed disks, then retry.",
            )
        return ReplicationSource(machine_id=machine.row.source_id, disks=disks)

    def disks(self, machine: MachineContext) -> Sequence[KnownDisk]:
        """Return the managed disks, by their ARM ids."""
        return tuple(
            KnownDisk(id=disk.id, name=disk.id.rpartition("/")[2]) for disk in self.source_input(machine).disks
        )

    def with_overrides(self, machine: MachineContext, target: ReplicationTarget) -> ReplicationTarget:
        """Name the container of the target's region, and a size in any case."""
        container = _target_container(machine.plan).id(machine.vault)
        return target.replace(container_id=container, vm_size=target.vm_size or size_of(machine))

    def unsaid_cards(self, target: ReplicationTarget, cards: tuple[Card, ...]) -> tuple[ReplicatedNic, ...]:
        """Return all cards as they are, the first in the plan's subnets: only an update can tell those for the rehearsal."""
        return in_subnets(target, cards)

    def recovery_fabric(self, plan: Plan) -> str:
        """Return the fabric of the target's region."""
        return f"{vault_of_plan(plan).id}/replicationFabrics/{_target_container(plan).fabric}"

    def cache_account(self, plan: Plan) -> str:
        """Return the id of the cache account, which lies beside the sources (documented)."""
        target, source = plan.target, source_of(plan)
        group = target.cache_resource_group or source.resource_group or target.resource_group
        return account_id(source.subscription_id, group, target.cache_storage_account)


def _target_container(plan: Plan) -> ContainerRef:
    """Return the container of the region that machines go to. Raise `Busy` while it does not show."""
    return regions.container_of(vault_of_plan(plan), plan.target.region)
