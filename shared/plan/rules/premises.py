"""Machines outside any cloud: nothing is launched beside them, and their agents are pushed or installed by hand."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import Section, sections, seen_from
from shared.problems import Fault

OUTSIDE = ("vmware-to-azure", "physical-to-azure")


def agents_come_from_outside(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Without AWS there is no Systems Manager and nothing to launch; onto EC2 an appliance pushes no agent."""
    for section in sections(plan):
        replication = section.plan.replication
        if section.plan.scenario in OUTSIDE and replication.appliance.launch:
            message = "is possible on EC2 only; set the appliance up by hand"
            yield Fault(pointer=section.pointer("replication", "appliance", "launch"), message=message)
        if replication.mode != "agentless":
            yield from _installed(section)
        yield from _vcenter(section)
    yield from _added_by_address(plan)


def _vcenter(section: Section) -> Iterator[Fault]:
    """A configuration server is told of its vCenter by the app, an appliance by a person."""
    plan, where = section.plan, section.pointer("source", "vmware")
    if plan.scenario != "vmware-to-azure":
        return
    described, needed = plan.source.vmware is not None, plan.replication.mode == "configurationServer"
    if needed and not described:
        yield Fault(pointer=where, message="is required: the vCenter server that the configuration server is to read")
    if described and not needed:
        message = f"is for mode configurationServer; in mode {plan.replication.mode} a person adds the vCenter to the appliance"
        yield Fault(pointer=where, message=message)


def _added_by_address(plan: Plan) -> Iterator[Fault]:
    """A configuration server is given a server by its address and its system: nobody else can tell them."""
    for i, wave in enumerate(plan.waves):
        seen = seen_from(plan, wave)
        if (seen.scenario, seen.replication.mode) != ("physical-to-azure", "configurationServer"):
            continue
        for j, machine in enumerate(wave.machines):
            where: tuple[str | int, ...] = ("waves", i, "machines", j)
            if not machine.source.private_ip:
                message = "is required: a configuration server knows servers by their address"
                yield Fault(pointer=pointer((*where, "source", "privateIp")), message=message)
            if machine.system is None:
                message = "is required, windows or linux: a server is added to a configuration server with its system"
                yield Fault(pointer=pointer((*where, "system")), message=message)


def _installed(section: Section) -> Iterator[Fault]:
    """Say how agents can come; onto EC2 a configuration server pushes them, an appliance does not."""
    plan = section.plan
    where, way = section.pointer("replication", "agent", "install"), plan.replication.agent.install
    if plan.scenario == "aws-to-azure" and way == "push" and plan.replication.mode == "appliance":
        yield Fault(pointer=where, message="is ssm or manual: a replication appliance pushes no agent onto EC2")
    if plan.scenario not in OUTSIDE:
        return
    if way == "ssm":
        yield Fault(pointer=where, message=f"is push or manual for {plan.scenario}: Systems Manager is part of AWS")
    if way == "push" and not plan.replication.appliance.run_as_account:
        account = section.pointer("replication", "appliance", "runAsAccount")
        yield Fault(pointer=account, message="is required to push the agent")
