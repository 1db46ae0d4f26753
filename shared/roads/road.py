"""What a road has to know: one object, and nothing else, answers whatever differs between the ways into Azure.

`road_of(plan)` in registry.py gives it. A method stands here with what holds for most ways; a way says only where it differs.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from shared.azure.storage import account_id
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.model import Plan
from shared.site_recovery.fabrics import Fabric, RegisteredAppliance
from shared.site_recovery.items import MIGRATING, ItemKind, kind_of
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.policies import ReplicationPolicy
from shared.site_recovery.provider import Card, Provider, ReplicatedNic, ReplicationSource, ReplicationTarget
from shared.site_recovery.servers import KnownDisk, ServerSide
from shared.sources.source_adapter import SourceSide


@dataclass(frozen=True)
class Missing:
    """Something that is not there yet: its name among the effects of a phase, in words, and what asks for it."""

    what: str
    text: str
    send: Callable[[str], str]


@dataclass(frozen=True)
class Road(ABC):
    """One way into Azure from one kind of source."""

    source: SourceSide
    can_push: bool = False  # its server can bring the agent onto the machines, when they are enabled
    adds_machines: bool = False  # its server gets to know machines by their address, from the app
    more_texts: Mapping[str, str] = field(default_factory=dict)  # said behind the text of a gate

    provider: ClassVar[Provider]
    server: ClassVar[ServerSide | None] = None  # what the machines replicate through, where it has to be registered
    feature: ClassVar[str]  # its word in the table of rights (shared/azure/rights.py)
    machines_per_server: ClassVar[int] = 0  # that replicate at once; 0 = not limited
    server_releases: ClassVar[tuple[str, ...]] = ()  # of Windows Server that the server can be launched with
    server_makes_key: ClassVar[bool] = False  # the app can make the key with which the server registers
    installer_kind: ClassVar[str] = ""  # what the agent script is told of the server
    agent_registers_with: ClassVar[str] = ""
    brings_mobility_service: ClassVar[bool] = False  # onto the machine, which still has it in Azure
    pairs_several: ClassVar[bool] = False  # more than one mapping may be wanted
    names_at_enabling: ClassVar[bool] = True  # enabling takes the name and the size of the VM
    chooses_size: ClassVar[bool] = False  # where the plan names none
    keeps_tags: ClassVar[bool] = False  # the VM has those of its source
    usual_disk_type: ClassVar[str] = "StandardSSD_LRS"  # where the plan says none; empty = each disk keeps its own

    @property
    def item_kind(self) -> ItemKind:
        """What Site Recovery calls a machine that goes this way."""
        return kind_of(self.provider.name)

    @property
    def migrates(self) -> bool:
        """Whether machines are migration items, which are migrated instead of failed over."""
        return self.item_kind == MIGRATING

    def rights(self, plan: Plan) -> Iterator[str]:
        """Return the features of a plan that need rights of their own on this way only."""
        return iter(())

    def source_groups(self, plan: Plan) -> frozenset[tuple[str, str]]:
        """Return subscription and resource group (empty = all) wherever the sources need rights."""
        return frozenset()

    def discovery_site(self, plan: Plan) -> str | None:
        """Return the ARM id of the site in which the machines of a registered server show. Raise `Busy`, `CloudRefused`."""
        return None

    def missing_sites(self, plan: Plan) -> Iterator[Missing]:
        """Return the fabrics and containers that are to be made before anything registers."""
        return iter(())

    def find_server(self, plan: Plan) -> RegisteredAppliance | None:
        """Return the server, or None while it is not registered."""
        return None

    def key_site(self, plan: Plan) -> Fabric | None:
        """Return the site that a registration key is made for."""
        return None

    def gate_texts(self, plan: Plan) -> dict[str, str]:
        """Return what gates of the server say; words in braces of server, vault, group, machine, migration are left."""
        return {}

    def configure_agent(self, plan: Plan, machine: str, place: str, agent_text: str) -> str:
        """Say what a person puts into `place` so that an agent registers; `agent_text` = what the machine told of itself."""
        return ""

    @abstractmethod
    def container(self, plan: Plan) -> ContainerRef:
        """Return the container that the plan's machines replicate from. Raise `Busy` while it does not show."""

    def container_of(self, machine: MachineContext) -> ContainerRef:
        """Return the container that one machine replicates from. Raise `Busy` while it does not show."""
        return self.container(machine.plan)

    @abstractmethod
    def missing_pairings(self, scope: Scope, plan: Plan, policy: ReplicationPolicy) -> Iterator[Missing]:
        """Return what is not paired with the policy yet: containers, networks, storage."""

    def check_paired(self, scope: Scope, plan: Plan) -> None:  # noqa: B027 - most are paired at once
        """Raise `Busy` until what was paired last has come into force."""

    def pushes_agent(self, plan: Plan) -> bool:
        """Whether the server itself brings the agent onto the machines, when they are enabled."""
        return self.can_push and plan.replication.agent.install == "push"

    def before_enabling(self, scope: Scope, machine: MachineContext) -> None:  # noqa: B027 - most decide nothing
        """Write down what is decided when a machine is enabled."""

    @abstractmethod
    def source_input(self, machine: MachineContext) -> ReplicationSource | None:
        """Return what enabling says of a machine, or None while it, or a part of its server, does not show."""

    def disks(self, machine: MachineContext) -> Sequence[KnownDisk]:
        """Return all disks of a machine as replication names them. Raise `Busy` while they do not show."""
        return ()

    def with_overrides(self, machine: MachineContext, target: ReplicationTarget) -> ReplicationTarget:
        """Return the target with what this way says otherwise than the plan."""
        return target

    def unsaid_cards(self, target: ReplicationTarget, cards: tuple[Card, ...]) -> tuple[ReplicatedNic, ...]:
        """Return the network cards to ask for where the plan says nothing of cards; none = leave them."""
        return ()

    def maps_networks(self, plan: Plan) -> bool:
        """Whether network mapping says which network a machine joins, and not the plan's target."""
        return False

    def recovery_fabric(self, plan: Plan) -> str:
        """Return the id of the fabric that a recovery plan fails over to; empty = Azure itself."""
        return ""

    def cache_account(self, plan: Plan) -> str:
        """Return the id of the cache account."""
        target = plan.target
        group = target.cache_resource_group or target.resource_group
        return account_id(target.subscription_id, group, target.cache_storage_account)
