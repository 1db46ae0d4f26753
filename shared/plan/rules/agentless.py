"""Agentless replication: what it has no way to do is said before anything begins."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.plan.agentless import Agentless
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import Section, sections
from shared.problems import Fault

LONGEST = timedelta(hours=72)  # assumed: what Azure Migrate's own policy says


def agentless_fits(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """A migration item has no recovery plan and no choice of points; what is said of snapshots is said for them only."""
    place = {wave.name: i for i, wave in enumerate(plan.waves)}
    for section in sections(plan):
        if section.plan.replication.mode == "agentless":
            yield from _section_fits(section)
            yield from _waves_fit(section, place)
        elif section.plan.replication.agentless != Agentless():
            yield Fault(pointer=section.pointer("replication", "agentless"), message="is for mode agentless only")


def _section_fits(section: Section) -> Iterator[Fault]:
    policy = section.plan.policy
    if policy.recovery_point_retention > LONGEST:
        message = "is at most PT72H without agents"
        yield Fault(pointer=section.pointer("policy", "recoveryPointRetention"), message=message)
    if policy.multi_vm_sync:
        message = "is not possible without agents: each machine has snapshots of its own"
        yield Fault(pointer=section.pointer("policy", "multiVmSync"), message=message)


def _waves_fit(section: Section, place: dict[str, int]) -> Iterator[Fault]:
    for wave in section.plan.waves:
        at = ("waves", place[wave.name], "cutover")
        if wave.cutover.mode == "recoveryPlan":
            message = "recoveryPlan is not possible without agents: recovery plans hold no migration items; use machine"
            yield Fault(pointer=pointer((*at, "mode")), message=message)
        if wave.cutover.recovery_point != "latest":
            message = "is latest without agents: a migration sends the last changes and knows no other point"
            yield Fault(pointer=pointer((*at, "recoveryPoint")), message=message)
