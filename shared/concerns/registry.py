"""The registry of concerns: a rule is a pure function from facts to evidence, with an id, a category and advice."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar

from pydantic import Field

from shared.concerns.arrivals import VmCase
from shared.concerns.kept_addresses import addresses_of, with_addresses
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import SizeFacts, TargetFacts
from shared.models import Model
from shared.plan.machines import Machine
from shared.plan.model import Plan, Wave

Category = Literal["critical", "warning", "information"]
RuleScope = Literal["plan", "machine", "vm"]  # vm: what its failover made
T = TypeVar("T")


class Sighting(NamedTuple):
    """What was seen, with the name of the thing that it is about, where that is looked up again later."""

    evidence: str
    subject: str


Seen = str | Sighting  # what a rule saw, in words
MachineJudge = Callable[["MachineCase"], Iterator[Seen]]
PlanJudge = Callable[["Case"], Iterator[Seen]]
VmJudge = Callable[[VmCase], Iterator[Seen]]

AWS = ("aws-to-azure",)
HYPERV = ("hyperv-to-azure",)
TO_AZURE = ("aws-to-azure", "physical-to-azure", "vmware-to-azure", "hyperv-to-azure")
SEEN_RUNNING = ("aws-to-azure", "vmware-to-azure", "hyperv-to-azure", "azure-to-azure")  # their power can be read
BETWEEN_REGIONS = ("azure-to-azure",)
EVERYWHERE = (*TO_AZURE, *BETWEEN_REGIONS)


class Concern(Model):
    """A finding: what was seen, how bad it is, what to do about it, and who accepted it."""

    id: str = Field(description="stable id, documented in docs/errors.md")
    category: Category
    title: str = ""
    machine: str = Field(default="", description="machine in the plan; empty = the plan as a whole")
    evidence: str = Field(default="", description="what was seen")
    subject: str = Field(default="", description="name of the thing that was seen, where it is looked up again later")
    advice: str = Field(default="", description="what a person can do about it")
    docs: str = Field(default="", description="where it is documented")
    acknowledgeable: bool = False
    acknowledged_by: str = ""
    acknowledged_reason: str = ""

    @property
    def blocks(self) -> bool:
        """Tell whether it keeps the machine (or the plan) from going on."""
        return self.category == "critical" and not self.acknowledged_by


@dataclass(frozen=True)
class Acknowledged:
    """Somebody accepted a concern, of one machine or of all (`*`)."""

    concern: str
    by: str
    reason: str
    machine: str = "*"


@dataclass(frozen=True)
class Standing:
    """What this migration itself did about a machine before: a retry must not take its own doing for a concern."""

    replicated: bool = False  # the appliance has it already
    placed: bool = False  # it needs no more room in Azure: it is there, or does not go on in this round
    rehearsed: bool = False  # its rehearsal is over: no further test copy is made of it
    stopped: bool = False  # we stopped its source
    failing_over: bool = False  # a failover was asked for: the VM with its name in Azure is the machine itself
    fenced: str = ""  # GUID of the VM in Azure that a rollback switched off


@dataclass(frozen=True)
class Case:
    """What rules about the plan as a whole look at."""

    plan: Plan
    target: TargetFacts
    appliance: ApplianceFacts
    sources: Mapping[str, SourceFacts] = field(default_factory=dict)  # by the machine's name in the plan
    unmatched: tuple[str, ...] = ()  # entries of the plan whose tags nothing carries
    standings: Mapping[str, Standing] = field(default_factory=dict)  # by the machine's name; none in a first round
    read_again: Mapping[str, SourceFacts] = field(default_factory=dict)  # by the machine's name: since `sources` were

    def standing_of(self, machine: str) -> Standing:
        """Give what was done about a machine before."""
        return self.standings.get(machine, Standing())

    def to_place(self) -> Iterator[tuple[Wave, Machine]]:
        """Give the machines that still need room in Azure, with their waves."""
        return ((wave, machine) for wave, machine in self.plan.entries() if not self.standing_of(machine.name).placed)

    def pv_drivers_of(self, machine: Machine) -> str | None:
        """Give a machine's paravirtual drivers as they were seen, else as the plan says; None where nobody knows."""
        return self.sources.get(machine.name, SourceFacts()).pv_drivers or machine.pv_drivers

    def service_pack_of(self, machine: Machine) -> int | None:
        """Give a machine's service pack as it was seen, else as the plan says; None where nobody knows."""
        seen = self.sources.get(machine.name, SourceFacts()).service_pack
        return machine.service_pack if seen is None else seen

    def of_machine(self, wave: Wave, machine: Machine) -> "MachineCase":
        """Give what rules about one machine of a wave look at. Raises KeyError for one without facts."""
        source = self.sources[machine.name]
        parts = {each.name: getattr(self, each.name) for each in fields(Case)}
        entry = with_addresses(self.plan.target, machine, source)
        return MachineCase(**parts, wave=wave, machine=entry, source=source, whole=self)

    @cached_property
    def by_address(self) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
        """Give by network, subnet (both in lower case) and static address the machines that ask for it."""
        found: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for _, machine in self.to_place():
            entry = with_addresses(self.plan.target, machine, self.sources.get(machine.name, SourceFacts()))
            for vnet, subnet, address in addresses_of(self.plan, entry):
                key = vnet.lower(), subnet.lower(), address
                found[key] = (*found.get(key, ()), machine.name)
        return found

    @cached_property
    def sizes_by_name(self) -> dict[str, SizeFacts] | None:
        """Give the sizes by name in lower case."""
        return None if self.target.sizes is None else {size.name.lower(): size for size in self.target.sizes}


@dataclass(frozen=True)
class MachineCase(Case):
    """What rules about one machine look at: the whole, and the machine."""

    wave: Wave = field(kw_only=True)
    machine: Machine = field(kw_only=True)
    source: SourceFacts = field(kw_only=True)
    whole: Case | None = field(default=None, kw_only=True)  # what it was taken from

    @property
    def target_name(self) -> str:
        """Give the name that the machine gets in Azure."""
        return self.machine.target.name or self.machine.name

    @property
    def target_group(self) -> str:
        """Give the resource group that the machine gets, in lower case."""
        return (self.machine.target.resource_group or self.plan.target.resource_group).lower()

    @property
    def standing(self) -> Standing:
        """Give what was done about it before."""
        return self.standing_of(self.machine.name)

    @property
    def size(self) -> str:
        """Give the size that the plan asks for; empty = Site Recovery chooses."""
        return self.machine.target.size or self.plan.target.size


@dataclass(frozen=True)
class Rule:
    """One rule of the registry."""

    id: str
    category: Category
    scope: RuleScope
    title: str
    advice: str
    roads: tuple[str, ...]
    acknowledgeable: bool
    judge: Callable[[Any], Iterator[Seen]]  # takes a MachineCase, a Case or a VmCase, as the scope says


class Unknown(Exception):  # noqa: N818 - not an error: the rule cannot be judged
    """A fact that a rule needs could not be read."""


RULES: dict[str, Rule] = {}


def known(fact: T | None, name: str) -> T:
    """Give a fact; one that could not be read ends the rule and becomes the warning `fact-unknown`, never a pass."""
    if fact is None:
        raise Unknown(name)
    return fact


def same_region(each: str, other: str) -> bool:
    """Tell whether two names mean one region: Azure writes both `westeurope` and `West Europe`."""
    return each.replace(" ", "").lower() == other.replace(" ", "").lower()


def rule(
    concern: str,
    category: Category,
    title: str,
    advice: str,
    *,
    applies_to: tuple[str, ...] = EVERYWHERE,
    acknowledgeable: bool | None = None,
) -> Callable[[MachineJudge], MachineJudge]:
    """Register a rule about one machine: it gives one line of evidence for each finding.

    Warnings and information can be acknowledged; critical ones only where the rule says so.
    """
    may = category != "critical" if acknowledgeable is None else acknowledgeable

    def register(judge: MachineJudge) -> MachineJudge:
        _add(Rule(concern, category, "machine", title, advice, applies_to, may, judge))
        return judge

    return register


def plan_rule(
    concern: str,
    category: Category,
    title: str,
    advice: str,
    *,
    applies_to: tuple[str, ...] = EVERYWHERE,
    acknowledgeable: bool | None = None,
) -> Callable[[PlanJudge], PlanJudge]:
    """Register a rule about the plan as a whole; else as `rule`."""
    may = category != "critical" if acknowledgeable is None else acknowledgeable

    def register(judge: PlanJudge) -> PlanJudge:
        _add(Rule(concern, category, "plan", title, advice, applies_to, may, judge))
        return judge

    return register


def vm_rule(
    concern: str, category: Category, title: str, advice: str, *, acknowledgeable: bool = True
) -> Callable[[VmJudge], VmJudge]:
    """Register a rule about the VM that a machine became; else as `rule`."""

    def register(judge: VmJudge) -> VmJudge:
        _add(Rule(concern, category, "vm", title, advice, EVERYWHERE, acknowledgeable, judge))
        return judge

    return register


def _add(added: Rule) -> None:
    """Add a rule; its id must be new."""
    if added.id in RULES:
        raise ValueError(f"two rules have the id {added.id}")
    RULES[added.id] = added
