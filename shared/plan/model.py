"""The plan: what to migrate, how, when, and who decides; written once, frozen once started."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PrivateAttr

from shared.intake.text import Line, Lines
from shared.plan.cutover import Acceptance, Cutover, Deciders, Gates, Rehearsal, Window
from shared.plan.left_overs import LeftOvers
from shared.plan.machines import Machine, Probe, Scripts
from shared.plan.notifications import Notification
from shared.plan.protection import ProtectTarget
from shared.plan.replication import Acknowledgement, Limits, Policy, Replication
from shared.plan.sources import Source
from shared.plan.target import Target
from shared.plan.target_scripts import TargetScript, TargetScripts
from shared.plan.used_profile import UsedProfile
from shared.plan.values import Duration, Flag, Name, Part, not_null
from shared.roads.table import RoadRow, row_of

Scenario = Literal["aws-to-azure", "physical-to-azure", "vmware-to-azure", "hyperv-to-azure", "azure-to-azure"]


class Wave(Part):
    """Machines that are rehearsed and approved together."""

    name: Name = Field(description="name of the wave, unique in the plan")
    depends_on: tuple[Name, ...] = Field(
        default=(),
        max_length=100,
        description="waves whose machines must serve in Azure for good before this one cuts over",
    )
    gates: Gates = Field(default=Gates(), description="where people decide")
    test: Rehearsal = Field(default=Rehearsal(), description="how machines are rehearsed")
    cutover: Cutover = Field(default=Cutover(), description="when and how machines fail over")
    acceptance: Acceptance = Field(default=Acceptance(), description="a time to look before the source is given up")
    verify: tuple[Probe, ...] = Field(default=(), max_length=20, description="checks of machines that have none")
    scripts: Scripts = Field(default=Scripts(), description="scripts of machines that have none")
    target_scripts: TargetScripts = Field(
        default=(), description="scripts of your own on the VMs in Azure of machines that have none"
    )
    scenario: Annotated[Scenario | None, BeforeValidator(not_null)] = Field(
        default=None, description="its own road; left out: the plan's"
    )
    replication: Annotated[Replication | None, BeforeValidator(not_null)] = Field(
        default=None, description="left out: the plan's, or the defaults where the wave has a scenario of its own"
    )
    source: Annotated[Source | None, BeforeValidator(not_null)] = Field(
        default=None, description="left out: the plan's"
    )
    target: Annotated[Target | None, BeforeValidator(not_null)] = Field(
        default=None, description="left out: the plan's"
    )
    policy: Annotated[Policy | None, BeforeValidator(not_null)] = Field(
        default=None, description="left out: the plan's"
    )
    protect_target: Annotated[ProtectTarget | None, BeforeValidator(not_null)] = Field(
        default=None, description="disaster recovery of its machines; left out: as `finish` says"
    )
    machines: tuple[Machine, ...] = Field(min_length=1, max_length=20_000, description="the machines")

    def verify_of(self, machine: Machine) -> tuple[Probe, ...]:
        """Give the checks of one of its machines."""
        return machine.verify or self.verify

    def scripts_of(self, machine: Machine) -> Scripts:
        """Give the scripts of one of its machines."""
        return machine.scripts if machine.scripts != Scripts() else self.scripts

    def target_scripts_of(self, machine: Machine) -> tuple[TargetScript, ...]:
        """Give the scripts that run on the VM in Azure of one of its machines."""
        return machine.target_scripts or self.target_scripts


class Application(Part):
    """What holds for the machines of one application, whichever wave they are in."""

    name: Line = Field(min_length=1, max_length=64, description="as its machines say it")
    windows: tuple[Window, ...] = Field(
        min_length=1, max_length=20, description="cutover windows of its machines, instead of those of their waves"
    )


class Decommission(Part):
    """What becomes of the source machines once migration is complete."""

    mode: Literal["keep", "terminate"] = Field(
        default="keep", description="keep them stopped, or terminate them after the grace period and a second approval"
    )
    grace: Duration = Field(default=timedelta(days=14), description="how long they are kept stopped at least")
    keep_image: Flag = Field(
        default=True,
        description="an image is made before an instance is terminated; the disks of an Azure VM stay in any case",
    )


class Finish(Part):
    """What happens after cutover."""

    decommission: Decommission = Field(default=Decommission(), description="the source machines")
    protect_target: Annotated[ProtectTarget | None, BeforeValidator(not_null)] = Field(
        default=None, description="disaster recovery of the migrated machines; left out: none"
    )
    left_overs: LeftOvers = Field(default=LeftOvers(), description="what Site Recovery leaves behind")


class Plan(Part):
    """A plan of migration into Azure."""

    name: Name = Field(description="name of the plan; a migration is one run of it", examples=["finance"])
    description: Lines = Field(default="", max_length=1024, description="for people")
    profile: Annotated[UsedProfile | None, BeforeValidator(not_null)] = Field(
        default=None,
        description="named settings that hold where the plan says nothing itself; left out: none",
        examples=["prod-weu"],
    )
    scenario: Scenario = Field(default="aws-to-azure", description="the road: from where to where")
    replication: Replication = Field(default=Replication(), description="how machines are replicated")
    source: Source = Field(default=Source(), description="where machines come from")
    target: Target = Field(description="where machines go")
    policy: Policy = Field(default=Policy(), description="the replication policy")
    limits: Limits = Field(default=Limits(), description="how much at once, and how many failures")
    gates: Deciders = Field(default=Deciders(), description="who decides, and what they have to say")
    waves: tuple[Wave, ...] = Field(min_length=1, max_length=500, description="the waves")
    applications: tuple[Application, ...] = Field(
        default=(), max_length=1_000, description="applications with cutover windows of their own"
    )
    finish: Finish = Field(default=Finish(), description="what happens after cutover")
    notifications: tuple[Notification, ...] = Field(
        default=(), max_length=10, description="who is told, besides the channels that the app tells of every migration"
    )
    acknowledge: tuple[Acknowledgement, ...] = Field(
        default=(), max_length=1_000, description="concerns that were read and accepted"
    )
    _left_out: tuple[Machine, ...] = PrivateAttr(default=())

    @property
    def left_out(self) -> tuple[Machine, ...]:
        """Give the machines that stand in the list only; tags select none of them."""
        return (*self._left_out, *(machine for _, machine in self.entries() if not machine.is_migrated))

    def working(self) -> "Plan":
        """Return the plan with what there is to do: machines of other strategies are left out, and empty waves with them.

        Whoever waits for such a wave waits for what it waits for.
        """
        if not self.left_out:
            return self
        kept = {wave.name: tuple(each for each in wave.machines if each.is_migrated) for wave in self.waves}
        waves = tuple(
            wave.model_copy(update={"machines": kept[wave.name], "depends_on": self._awaited(wave, kept)})
            for wave in self.waves
            if kept[wave.name]
        )
        work = self.model_copy(update={"waves": waves})
        work._left_out = self.left_out  # noqa: SLF001 - its own kind
        return work

    def _awaited(self, wave: Wave, kept: Mapping[str, tuple[Machine, ...]]) -> tuple[str, ...]:
        found = dict[str, None]()
        for name in wave.depends_on:
            found |= dict.fromkeys([name] if kept.get(name) else self._awaited(self.wave(name), kept))
        return tuple(found)

    @property
    def road_row(self) -> RoadRow | None:
        """Give the row of the road that its scenario and mode make, or None when there is no such road."""
        return row_of(self.scenario, self.replication.mode)

    @property
    def provider(self) -> str:
        """Name of what Site Recovery replicates the machines with; empty when there is no such road."""
        return self.road_row.provider if self.road_row else ""

    @property
    def server(self) -> str:
        """Name of what the machines replicate through: the appliance, or where Hyper-V hosts show in the vault."""
        hosts = self.source.hyperv if self.scenario == "hyperv-to-azure" else None
        return hosts.server if hosts else self.replication.appliance.name

    def wave(self, name: str) -> Wave:
        """Give the wave of a name; raises KeyError."""
        found = next((wave for wave in self.waves if wave.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def protection_of(self, wave: Wave, machine: Machine) -> ProtectTarget | None:
        """Give where a machine of a wave is protected to: as it says itself, or its wave, or the plan; None = nowhere."""
        return machine.protect_target or wave.protect_target or self.finish.protect_target

    def approvers_of(self, wave: Wave | None) -> tuple[str, ...]:
        """Give who may pass the gates of a wave (None: of the plan itself); none = every approver."""
        return (wave.gates.approvers if wave else ()) or self.gates.approvers

    def escalates_to(self, wave: Wave | None) -> tuple[str, ...]:
        """Give who may pass them, too, shortly before they expire."""
        return (wave.gates.escalate_to if wave else ()) or self.gates.escalate_to

    def entries(self) -> Iterator[tuple[Wave, Machine]]:
        """Give every machine with its wave, in the plan's order."""
        return ((wave, machine) for wave in self.waves for machine in wave.machines)

    def entry(self, machine: str) -> tuple[Wave, Machine]:
        """Give the machine of a name with its wave; raises KeyError."""
        found = next((entry for entry in self.entries() if entry[1].name == machine), None)
        if found is None:
            raise KeyError(machine)
        return found
