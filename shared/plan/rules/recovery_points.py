"""Recovery points: a machine's own is one that its road and its way of cutting over can have."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.error_messages import quoted
from shared.plan.model import Plan, Wave
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections, seen_from
from shared.plan.values import KINDS_OF_POINTS
from shared.problems import Fault


def points_can_be_had(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Machines share points only where the provider knows groups; one has a point of its own only alone."""
    for section in sections(plan):
        if section.plan.policy.multi_vm_sync and section.plan.scenario == "hyperv-to-azure":
            message = "is not possible from Hyper-V: Site Recovery knows no groups of machines there"
            yield Fault(pointer=section.pointer("policy", "multiVmSync"), message=message)
    for i, wave in enumerate(plan.waves):
        only_latest = _only_latest(seen_from(plan, wave), wave)
        for j, machine in enumerate(wave.machines):
            wanted = machine.recovery_point
            if message := _wrong(wanted, wave, only_latest) if wanted else "":
                yield Fault(pointer=pointer(("waves", i, "machines", j, "recoveryPoint")), message=message)


def _only_latest(plan: Plan, wave: Wave) -> str:
    """Say why machines of a wave can start from their last changes only; empty where they have a choice."""
    if plan.replication.mode == "agentless":
        return "is latest without agents: a migration sends the last changes and knows no other point"
    if plan.scenario == "hyperv-to-azure" and wave.cutover.failover == "planned":
        return "is possible with `failover: unplanned` only: a planned failover loses nothing"
    return ""


def _wrong(wanted: str, wave: Wave, only_latest: str) -> str:
    if wave.cutover.mode == "recoveryPlan":
        return "a recovery plan has one kind of point for all its machines (cutover.recoveryPoint); use `mode: machine`"
    if only_latest and wanted != "latest":
        return only_latest
    if wanted in KINDS_OF_POINTS or "T" not in wanted:
        return ""
    try:
        datetime.fromisoformat(wanted)
    except ValueError:
        return f"{quoted(wanted)} is no moment of the calendar"
    return ""
