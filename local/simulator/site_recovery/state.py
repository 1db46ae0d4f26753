"""What a vault holds for Site Recovery: fabrics, policies, items, plans and jobs."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from ..arm import Call
from ..errors import ArmError, not_found
from ..machines import SourceMachine
from ..timeline import Event
from ..world import World
from . import ids

Json = dict[str, Any]
T = TypeVar("T")


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

    @property
    def healthy(self) -> bool:
        """Return whether every component is Normal."""
        return all(component.health == "Normal" for component in self.components)


@dataclass
class Mapping:
    """A container mapping: container, policy, target."""

    name: str
    policy: str
    target: str
    details: Json


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


@dataclass
class Container:
    """A protection container with its mappings and items (keys are lower-case names)."""

    name: str
    mappings: dict[str, Mapping] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)


@dataclass
class Fabric:
    """A fabric; `kind` is its customDetails.instanceType."""

    name: str
    kind: str
    details: Json
    internal_id: str
    containers: dict[str, Container] = field(default_factory=dict)
    appliances: list[Appliance] = field(default_factory=list)


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
class Task:
    """One task of a job as it runs."""

    id: str
    name: str
    friendly: str
    seconds: str
    state: str = "NotStarted"
    description: str = "NotStarted"
    started: datetime | None = None
    ended: datetime | None = None
    errors: list[Json] = field(default_factory=list)
    group: Json | None = None
    custom: Json | None = None
    kind: str = "TaskDetails"


@dataclass
class Job:
    """A job: `finish` hears how it ended, `effects` are run at the end of a task and may return an error."""

    id: str
    scenario: str
    friendly: str
    activity: str
    tasks: list[Task]
    target_id: str
    target_name: str
    target_type: str
    created: datetime
    details: Callable[["Job"], Json]
    finish: Callable[[str], None]
    effects: dict[str, Callable[[], Json | None]] = field(default_factory=dict)
    cancellable: bool = True
    state: str = "NotStarted"
    description: str = "NotStarted"
    started: datetime | None = None
    ended: datetime | None = None
    errors: list[Json] = field(default_factory=list)
    pending: Event | None = None
    resume: Callable[[], None] | None = None
    cancel: Callable[[], None] | None = None
    again: Callable[[], None] | None = None
    known_as: tuple[str, ...] = ()
    extra: Json = field(default_factory=dict)

    @property
    def ended_badly(self) -> bool:
        """Return whether the job ended without success."""
        return self.state in ("Failed", "Cancelled")

    @property
    def running(self) -> bool:
        """Return whether the job has not ended."""
        return self.state in ("NotStarted", "InProgress", "Suspended")


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
        return _found(self.fabrics, name, "replicationFabrics")

    def policy(self, name_or_id: str) -> Policy:
        """Return a policy by name or id; raise ARM's 404."""
        return _found(self.policies, name_or_id.rpartition("/")[2], "replicationPolicies")

    def plan(self, name: str) -> Plan:
        """Return a recovery plan; raise ARM's 404."""
        return _found(self.plans, name, "replicationRecoveryPlans")

    def job(self, name: str) -> Job:
        """Return a job; raise ARM's 404."""
        return _found(self.jobs, name, "replicationJobs")

    def places(self) -> Iterator["Place"]:
        """Yield every item with where it lies."""
        for fabric in self.fabrics.values():
            for container in fabric.containers.values():
                for item in container.items.values():
                    yield Place(self, fabric, container, item)


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
        return f"{container_id(self.vault, self.fabric, self.container)}/replicationProtectedItems/{self.item.name}"

    @property
    def internal_id(self) -> str:
        """Return the item's id as the service writes it in recovery points (recorded: with the internal container)."""
        inner = f"{fabric_id(self.vault, self.fabric)}/replicationProtectionContainers/cloud_{self.fabric.internal_id}"
        return f"{inner}/replicationProtectedItems/{self.item.name}"


def fabric_id(vault: SrVault, fabric: Fabric) -> str:
    """Return a fabric's ARM id."""
    return f"{vault.id}/replicationFabrics/{fabric.name}"


def container_id(vault: SrVault, fabric: Fabric, container: Container) -> str:
    """Return a container's ARM id."""
    return f"{fabric_id(vault, fabric)}/replicationProtectionContainers/{container.name}"


def vaults_of(world: World) -> dict[str, SrVault]:
    """Return Site Recovery's state by lower-case vault id."""
    found: dict[str, SrVault] = world.services.setdefault("site-recovery", {})
    return found


def vault_by_id(world: World, vault_id: str) -> SrVault:
    """Return the state of a vault that exists as a resource; raise ARM's 404."""
    resource = world.resources.get(vault_id)
    if resource is None:
        name = vault_id.rpartition("/")[2]
        raise not_found(f"Microsoft.RecoveryServices/vaults/{name}")
    known = vaults_of(world)
    key = vault_id.lower()
    if key not in known:
        own = "/Subscriptions" + resource["id"][len("/subscriptions") :]
        known[key] = SrVault(own, resource["name"], world, resource.get("location", ""))
    return known[key]


def vault_of(call: Call) -> SrVault:
    """Return the vault that a call names; raise ARM's 404."""
    return vault_by_id(call.world, ids.VAULT.format(**call.params))


def container_of(call: Call) -> tuple[SrVault, Fabric, Container]:
    """Return the container that a call names; raise ARM's 404."""
    vault = vault_of(call)
    fabric = vault.fabric(call.params["fabric"])
    name = call.params["container"].lower()
    # recorded: the service itself calls the container by an internal name
    if name == f"cloud_{fabric.internal_id}" and fabric.containers:
        name = next(iter(fabric.containers))
    return vault, fabric, _found(fabric.containers, name, "replicationProtectionContainers")


def place_of(call: Call) -> Place:
    """Return the item that a call names; raise ARM's 404."""
    vault, fabric, container = container_of(call)
    return Place(vault, fabric, container, _found(container.items, call.params["item"], "replicationProtectedItems"))


def _found(known: dict[str, T], name: str, kind: str) -> T:
    found = known.get(name.lower())
    if found is None:
        raise ArmError(404, "ResourceNotFound", f"The resource '{kind}/{name}' could not be found.")
    return found
