"""What an assessment came to, before anything is started: machines, and what rules found, the worst first."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from pydantic import Field

from shared.concerns.registry import Case, Category, Concern
from shared.concerns.source_facts import SourceFacts
from shared.models import NEVER, Model
from shared.plan.machines import Machine
from shared.plan.model import Wave

ORDER: Final[dict[Category, int]] = {"critical": 0, "warning": 1, "information": 2}


class RuleFinding(Model):
    """What one rule found at one machine, or at the plan as a whole."""

    machine: str = Field(default="", description="empty = the plan as a whole")
    evidence: str = Field(default="", description="what was seen")
    acknowledged_by: str = ""
    acknowledged_reason: str = ""


class JudgedRule(Model):
    """A rule that found something: what it means, what to do, and where."""

    id: str
    category: Category
    title: str = ""
    advice: str = Field(default="", description="what a person can do about it")
    docs: str = ""
    acknowledgeable: bool = False
    blocks: bool = Field(default=False, description="a machine, or the plan, would be stopped by it")
    findings: tuple[RuleFinding, ...] = ()


class AssessedMachine(Model):
    """A machine as it was found at its source; what is left out could not be read."""

    name: str
    wave: str = ""
    application: str = ""
    found: bool = True
    blocked: bool = Field(default=False, description="a critical concern that nobody acknowledged would stop it")
    source_id: str = ""
    state: str | None = None
    private_ip: str | None = None
    os_family: str | None = None
    os_name: str | None = None
    cores: int | None = None
    memory_gb: float | None = None
    disks_gb: tuple[float, ...] | None = Field(default=None, description="sizes of its disks")
    tags: dict[str, str] | None = Field(default=None, description="as its source has them")
    concerns: tuple[str, ...] = Field(default=(), description="ids of the rules that found something at it")


class Assessment(Model):
    """A plan as it was judged with what the clouds told; nothing was started, nothing was changed."""

    id: str = ""
    plan: str = ""
    made: datetime = NEVER
    made_by: str = ""
    blocked: bool = Field(default=False, description="the plan as a whole, or a road of it, would be stopped")
    machines: tuple[AssessedMachine, ...] = ()
    rules: tuple[JudgedRule, ...] = Field(default=(), description="those that found something, the worst first")
    unmatched: tuple[str, ...] = Field(default=(), description="entries of the plan (JSON pointers) that found nothing")
    left_out: dict[str, str] = Field(default={}, description="machines that are not migrated -> their strategy")

    @property
    def stopped(self) -> int:
        """How many machines would be stopped."""
        return len(self.machines) if self.blocked else sum(each.blocked for each in self.machines)


def grouped(concerns: Iterable[Concern]) -> tuple[JudgedRule, ...]:
    """Put concerns together by their rules: what blocks first, then by category and id."""
    by_rule: dict[str, list[Concern]] = {}
    for each in dict.fromkeys(concerns):
        by_rule.setdefault(each.id, []).append(each)
    rules = [_rule(found) for found in by_rule.values()]
    return tuple(sorted(rules, key=lambda each: (not each.blocks, ORDER[each.category], each.id)))


def _rule(concerns: Sequence[Concern]) -> JudgedRule:
    first = concerns[0]
    named = ("id", "category", "title", "advice", "docs", "acknowledgeable")
    return JudgedRule(
        **{name: getattr(first, name) for name in named},
        blocks=any(each.blocks for each in concerns),
        findings=tuple(
            RuleFinding(
                machine=each.machine,
                evidence=each.evidence,
                acknowledged_by=each.acknowledged_by,
                acknowledged_reason=each.acknowledged_reason,
            )
            for each in concerns
        ),
    )


def assessed_machines(case: Case, concerns: Sequence[Concern]) -> Iterator[AssessedMachine]:
    """Give the machines of one road as they were found, with the rules that found something at each."""
    of_machine: dict[str, list[Concern]] = {}
    for each in concerns:
        of_machine.setdefault(each.machine, []).append(each)
    for wave, machine in case.plan.entries():
        facts = case.sources.get(machine.name, SourceFacts(found=False))
        yield _machine(wave, machine, facts, of_machine.get(machine.name, []))


def _machine(wave: Wave, machine: Machine, facts: SourceFacts, concerns: Sequence[Concern]) -> AssessedMachine:
    fields = ("found", "state", "private_ip", "os_family", "os_name", "cores", "memory_gb", "tags")
    sizes = None if facts.disks is None else tuple(each.size_gib for each in facts.disks if each.size_gib)
    return AssessedMachine(
        name=machine.name,
        wave=wave.name,
        application=machine.application,
        blocked=any(each.blocks for each in concerns),
        source_id=facts.instance_id,
        disks_gb=sizes,
        concerns=tuple(dict.fromkeys(each.id for each in concerns)),
        **{name: getattr(facts, name) for name in fields},
    )
