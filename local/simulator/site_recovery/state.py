"""What a vault holds for Site Recovery: fabrics, policies, items, plans and jobs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..machines import SourceMachine
from ..world import World
from .job_state import Job
from .refusals import found

Json = dict[str, Any]


@dataclass
class Component:
    """One of an appliance's programs; it is `None` until it registers, then Normal."""

    kind: str
    health: str = "None"


@dataclass
class Appliance:
    """A replication appliance: a set of components on one server."""

    id: str
    name: str
    fqdn: str
    ip: str
    components: list[Component]
    dra: str = ""  # name of its recovery services provider, where it is not made from the appliance's own

    @property
    def healthy(self) -> bool:
        """Return whether every component is Normal."""
        return all(component.health == "Normal" for component in self.components)


@dataclass(frozen=True)
class Account:
    """An account that a configuration server keeps, to push the agent with."""

    id: str
    name: str


@dataclass(frozen=True)
class Protectable:
    """A machine that somebody added to a configuration server; behind its address there need not be one."""

    id: str
    name: str
    ip: str
    os_type: str


@dataclass
class Mapping:
    """A container mapping: container, policy, target."""

    name: str
    policy: str
    target: str
    details: Json | None


@dataclass(frozen=True)
class NetworkMapping:
    """A network mapping: `network` is the fabric's own, `primary` and `recovery` are ids, `recovery_fabric` a name."""

    name: str
    network: str
    kind: str
    primary: str
    recovery: str
    recovery_fabric: str


@dataclass
class Point:
    """A recovery point."""

    id: str
    at: datetime
    kind: str  # CrashConsistent | ApplicationConsistent


@dataclass
class Item:
    """A replicated machine; `state` and `test` are rows of the tables in `states.py`."""

    name: str
    provider: str
    machine: SourceMachine
    policy: str
    inputs: Json
    internal_id: str
    created: datetime
    activity: str
    state: str = "enabling"
    test: str = "none"
    scenario: "Job | None" = None
    begun_at: datetime | None = None  # when its first copy began
    copied: float = 0.0
    copy_rate: float = 0.0
    copied_at: datetime | None = None
    protected_at: datetime | None = None
    points_until: datetime | None = None
    points: list[Point] = field(default_factory=list)
    source_on: bool = True
    agent_version: str = "9.63.7266.1"
    failed_over_at: datetime | None = None
    tested_at: datetime | None = None
    failover_point: Point | None = None
    test_vm: str = ""
    vm: str = ""
    enable_error: Json | None = None
    resync: bool = False
    protectable: str = ""
    recovery: str = ""  # ARM id of the container it is replicated to; empty = Azure itself
    test_job: "Job | None" = None  # a migration item shows it until the test is cleaned up
    test_status: str = ""  # of a migration item's last test: Succeeded or Failed
    shown_bytes: float = 0.0  # the bytes copied that it shows, where it tells them in strides and stops before the end
    pushes: bool = False  # an account that is known was named, so the agent can be pushed


@dataclass
class Container:
    """A protection container with its mappings, items and protectable items (keys are lower-case names)."""

    name: str
    mappings: dict[str, Mapping] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    migrations: dict[str, Item] = field(default_factory=dict)
    protectables: dict[str, Protectable] = field(default_factory=dict)
    friendly: str = ""

    @property
    def shown(self) -> str:
        """Return the friendly name."""
        return self.friendly or self.name


@dataclass
class Fabric:
    """A fabric; `kind` is its customDetails.instanceType."""

    name: str
    kind: str
    details: Json
    internal_id: str
    containers: dict[str, Container] = field(default_factory=dict)
    appliances: list[Appliance] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    vcenters: dict[str, Json] = field(default_factory=dict)
    networks: dict[str, Json] = field(default_factory=dict)  # by lower-case name: the name and what the wire shows
    network_mappings: dict[str, NetworkMapping] = field(default_factory=dict)  # by lower-case `network/name`
    friendly: str = ""

    @property
    def shown(self) -> str:
        """Return the friendly name."""
        return self.friendly or self.name


@dataclass
class Policy:
    """A replication policy."""

    name: str
    provider: str
    settings: Json


@dataclass
class Plan:
    """A recovery plan."""

    name: str
    primary: str
    recovery: str
    model: str
    groups: list[Json]
    provider_inputs: list[Json]
    scenario: "Job | None" = None
    last: dict[str, datetime] = field(default_factory=dict)


@dataclass
class SrVault:
    """Site Recovery's state of one vault; `id` begins with `/Subscriptions`."""

    id: str
    name: str
    world: World
    location: str
    fabrics: dict[str, Fabric] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    alerts: dict[str, Json] = field(default_factory=dict)
    settings: dict[str, Json] = field(default_factory=dict)
    copying: Counter[str] = field(default_factory=Counter)

    def fabric(self, name: str) -> Fabric:
        """Return a fabric; raise ARM's 404."""
        return found(self.fabrics, name)

    def policy(self, name_or_id: str) -> Policy:
        """Return a policy by name or id; raise ARM's 404."""
        return found(self.policies, name_or_id.rpartition("/")[2])

    def plan(self, name: str) -> Plan:
        """Return a recovery plan; raise ARM's 404."""
        return found(self.plans, name)

    def job(self, name: str) -> Job:
        """Return a job; raise ARM's 404."""
        return found(self.jobs, name)

    def places(self) -> Iterator["Place"]:
        """Yield every item with where it lies."""
        for fabric in self.fabrics.values():
            for container in fabric.containers.values():
                for item in container.items.values():
                    yield Place(self, fabric, container, item)

    def migrations(self) -> Iterator["Place"]:
        """Yield every migration item with where it lies."""
        for fabric in self.fabrics.values():
            for container in fabric.containers.values():
                for item in container.migrations.values():
                    yield Place(self, fabric, container, item)

    def replicas(self) -> Iterator["Place"]:
        """Yield whatever is replicated: protected items and migration items."""
        yield from self.places()
        yield from self.migrations()


@dataclass(frozen=True)
class Place:
    """An item and where it lies."""

    vault: SrVault
    fabric: Fabric
    container: Container
    item: Item

    @property
    def id(self) -> str:
        """Return the item's ARM id."""
        kind = "replicationMigrationItems" if self.item.provider == "VMwareCbt" else "replicationProtectedItems"
        return f"{container_id(self.vault, self.fabric, self.container)}/{kind}/{self.item.name}"

    @property
    def internal_id(self) -> str:
        """Return the item's id as the service writes it in recovery points (recorded: with the internal container)."""
        inner = f"{fabric_id(self.vault, self.fabric)}/replicationProtectionContainers/cloud_{self.fabric.internal_id}"
        return f"{inner}/replicationProtectedItems/{self.item.name}"

    @property
    def failover_point_id(self) -> str | None:
        """Return the id of the recovery point that the machine was failed over to, None before.

        Recorded: a test failover sets it, too, from Hyper-V hosts and through a configuration server.
        """
        tested = self.item.provider in ("HyperVReplicaAzure", "InMageAzureV2") and self.item.tested_at is not None
        point = self.item.failover_point if tested or self.item.state not in ("protected", "initial") else None
        return f"{self.internal_id}/recoveryPoints/{point.id}" if point else None


def fabric_id(vault: SrVault, fabric: Fabric) -> str:
    """Return a fabric's ARM id."""
    return f"{vault.id}/replicationFabrics/{fabric.name}"


def container_id(vault: SrVault, fabric: Fabric, container: Container) -> str:
    """Return a container's ARM id."""
    return f"{fabric_id(vault, fabric)}/replicationProtectionContainers/{container.name}"


def protectable_id(vault: SrVault, fabric: Fabric, container: Container, machine: Protectable) -> str:
    """Return a protectable item's ARM id."""
    return f"{container_id(vault, fabric, container)}/replicationProtectableItems/{machine.id}"
