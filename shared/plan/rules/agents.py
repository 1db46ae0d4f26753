"""How the Mobility service is installed by a script: what it needs fits the server that it registers with."""

from collections.abc import Iterator
from datetime import datetime

from shared.plan.file_places import MACHINE
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.replication import Agent
from shared.plan.road_sections import Section, sections, seen_from
from shared.problems import Fault


def agents_can_register(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """An appliance takes a configuration file for each machine, a configuration server its passphrase."""
    for section in sections(plan):
        yield from _unused(section)
        if section.plan.replication.mode == "configurationServer":
            yield from _to_configuration_server(section)
        else:
            yield from _to_appliance(section)
    yield from _sums(plan)


def _unused(section: Section) -> Iterator[Fault]:
    agent, scenario = section.plan.replication.agent, section.plan.scenario
    if agent.install == "ssm" and scenario == "aws-to-azure":
        return
    for name in ("config", "passphrase"):
        if getattr(agent, name):
            yield _fault(section, name, "is for aws-to-azure with install: ssm; nothing fetches it here")


def _to_appliance(section: Section) -> Iterator[Fault]:
    agent: Agent = section.plan.replication.agent
    if agent.passphrase:
        yield _fault(section, "passphrase", "is for mode configurationServer; an appliance takes config")
    entries = [machine for wave in section.plan.waves for machine in wave.machines]
    many = len(entries) > 1 or any(machine.source.selects_several for machine in entries)
    if agent.config and many and MACHINE not in agent.config:
        yield _fault(section, "config", f"must hold {MACHINE}: each machine has a configuration file of its own")


def _to_configuration_server(section: Section) -> Iterator[Fault]:
    agent: Agent = section.plan.replication.agent
    if agent.config:
        yield _fault(section, "config", "is for mode appliance; a configuration server takes passphrase")


def _fault(section: Section, name: str, text: str) -> Fault:
    return Fault(pointer=section.pointer("replication", "agent", name), message=text)


def _sums(plan: Plan) -> Iterator[Fault]:
    """A checksum is of one file: of one machine, whose file the plan names."""
    for i, wave in enumerate(plan.waves):
        config = seen_from(plan, wave).replication.agent.config
        for j, machine in enumerate(wave.machines):
            where = pointer(("waves", i, "machines", j, "agentConfigSha256"))
            if machine.agent_config_sha256 and not config:
                yield Fault(pointer=where, message="is the checksum of replication.agent.config, which is left out")
            elif machine.agent_config_sha256 and machine.source.selects_several:
                yield Fault(pointer=where, message="is of one machine; tags may select many")
