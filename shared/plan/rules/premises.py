"""Machines outside any cloud: nothing is launched beside them, and their agents are pushed or installed by hand."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.model import Plan
from shared.plan.sections import Section, sections
from shared.problems import Fault

OUTSIDE = ("vmware-to-azure", "physical-to-azure")


def agents_come_from_outside(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Without AWS there is no Systems Manager and nothing to launch; onto EC2 an appliance pushes no agent."""
    for section in sections(plan):
        replication = section.plan.replication
        if section.plan.scenario in OUTSIDE and replication.appliance.launch:
            said = "is possible on EC2 only; set the appliance up by hand"
            yield Fault(pointer=section.pointer("replication", "appliance", "launch"), message=said)
        if replication.mode == "appliance":
            yield from _installed(section)


def _installed(section: Section) -> Iterator[Fault]:
    """Say how agents can come where a replication appliance replicates."""
    plan = section.plan
    where, way = section.pointer("replication", "agent", "install"), plan.replication.agent.install
    if plan.scenario == "aws-to-azure" and way == "push":
        yield Fault(pointer=where, message="is ssm or manual: a replication appliance pushes no agent onto EC2")
    if plan.scenario not in OUTSIDE:
        return
    if way == "ssm":
        yield Fault(pointer=where, message=f"is push or manual for {plan.scenario}: Systems Manager is part of AWS")
    if way == "push" and not plan.replication.appliance.run_as_account:
        account = section.pointer("replication", "appliance", "runAsAccount")
        yield Fault(pointer=account, message="is required to push the agent")
