"""Inspect sources: what only a look inside tells of machines and server; one command for 50 machines, nothing is changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from activities.facts.inspection_commands import InspectionSender, Wanted
from activities.facts.reassessment import Reads, read_before
from activities.flow.interruption import raise_if_stopped
from activities.source_scripts.command_results import settle
from activities.verification import connection_attempts
from shared.contracts.contracts import POLL_INSPECTION, START_INSPECTION
from shared.contracts.inspections import Inspecting, Inspection, SentInspection
from shared.contracts.requests import Poll, PollResult
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.expanded_plans import expanded_of
from shared.ledger.machine_row import MachineRow
from shared.ledger.target_facts import save_facts
from shared.models import CLOCK_SKEW, Scope
from shared.plan.model import Plan
from shared.plan.road_sections import Section, sections
from shared.problems import CloudRefused
from shared.roads.registry import road_of
from shared.sources.aws import ssm
from shared.sources.aws.inspected import inspected, script
from shared.sources.aws.instances import batched
from shared.sources.aws.place import place_of
from shared.sources.aws.ssm import IN_ONE_FILTER, CommandResult

bp = Blueprint()

A_LOOK = 30  # seconds: most inspections take no longer
AT_MOST = timedelta(minutes=10)


@serves(bp, START_INSPECTION)
def start_inspection(poll: Poll) -> Inspecting:
    """Send the commands of all roads, once; what cannot be sent stays unknown, and the assessment says how to look."""
    rows = [row for row in machines.list(poll.migration) if row.round == poll.round]
    reads = read_before(poll)
    sent: list[SentInspection] = []
    for section in sections(expanded_of(poll.migration)):
        if road_of(section.plan).source.looks_inside(section.plan):
            sent += _sent(poll, section, [*_wanted(section, rows, reads)])
    return Inspecting(sent=tuple(sent))


def _wanted(section: Section, rows: Iterable[MachineRow], reads: Reads) -> Iterator[Wanted]:
    """Give the commands of one road."""
    name = section.name or "plan"
    own = [row for row in rows if row.wave in section.waves and _is_looked_into(row)]
    for number, some in enumerate(batched(sorted(row.source_id for row in own), IN_ONE_FILTER)):
        yield Wanted(name=f"inspect-{name}-{number}", instances=tuple(some), script=script())
    read = reads.roads.get(section.name)
    server = read.appliance.server if read else None
    if server is not None and server.agent:
        tried = connection_attempts.urls_of(section.plan.target.cache_storage_account)
        script_of_server = connection_attempts.script(tried, windows=True)
        yield Wanted(name=f"reach-{name}", instances=(server.instance_id,), script=script_of_server, server=True)


def _is_looked_into(row: MachineRow) -> bool:
    """Tell Windows on Xen, where there are paravirtual drivers, and an agent that can be asked."""
    facts = row.source
    return bool(facts.os_family == "windows" and facts.hypervisor == "xen" and facts.ssm_online)


def _sent(poll: Poll, section: Section, wanted: list[Wanted]) -> list[SentInspection]:
    """Send what was not sent before."""
    if not wanted:
        return []
    place = place_of(section.plan)
    try:
        known = ssm.find_by_tokens(place, poll.since - CLOCK_SKEW)
    except CloudRefused as refused:
        events.write(poll, "not-inspected", f"nothing could be looked into: {refused.facts.detail}")
        return []
    return [*InspectionSender(poll, place, section.name, known).send(wanted)]


@serves(bp, POLL_INSPECTION)
def poll_inspection(poll: Inspection) -> PollResult:
    """Keep what the commands found; settled when all have ended, or time is up: then the rest stays unknown."""
    raise_if_stopped(poll)
    if poll.first:
        return PollResult(patience=A_LOOK)
    plans_of = {each.name: each.plan for each in sections(expanded_of(poll.migration))}
    results = {each: _read(plans_of[each.section], each) for each in poll.sent}
    ended = all(found and not any(each.running for each in found.values()) for found in results.values())
    if not ended and poll.now - poll.since < AT_MOST:
        return PollResult(patience=A_LOOK)
    inspections = {
        instance: each for command, found in results.items() if not command.server for instance, each in found.items()
    }
    _keep_machines(poll, inspections)
    _keep_servers(poll, {command.section: found for command, found in results.items() if command.server})
    return PollResult(settled=True)


def _read(plan: Plan, sent: SentInspection) -> dict[str, CommandResult]:
    """Look once at a command; what it came to on each instance is told by the script's own mark."""
    seen = ssm.read_invocations(place_of(plan), sent.command)
    return {instance: settle(each, sent.nonce) for instance, each in seen.items()}


def _keep_machines(scope: Scope, results: Mapping[str, CommandResult]) -> None:
    """Put what was seen inside machines into their rows."""
    seen = {instance: inspected(each.stdout) for instance, each in results.items() if each.succeeded}
    for row in machines.list(scope.migration):
        found = seen.get(row.source_id)
        if found is None or row.round != scope.round:
            continue
        facts = row.source.replace(service_pack=found.service_pack, pv_drivers=found.pv_drivers, drivers=found.drivers)
        machines.change(scope.replace(machine=row.name, wave=row.wave), source=facts)
    if results:
        count = sum(each is not None for each in seen.values())
        events.write(scope, "inspected", f"{count} of {len(results)} machines were looked into for their drivers")


def _keep_servers(scope: Scope, results: Mapping[str, Mapping[str, CommandResult]]) -> None:
    """Put what servers reach of Azure beside what else was read of them; nothing where nobody could try."""
    if not results:
        return
    reads = read_before(scope)
    roads = dict(reads.roads)
    for section, found in results.items():
        appliance = roads[section].appliance
        server, result = appliance.server, next(iter(found.values()), CommandResult())
        if server is None or not (result.succeeded or result.exit_code == connection_attempts.SHUT):
            continue
        shut = () if result.succeeded else tuple(each for each in result.stdout.splitlines() if "not reachable" in each)
        roads[section] = roads[section].replace(appliance=appliance.replace(server=server.replace(unreached=shut)))
        text = "; ".join(shut) or "it reaches the sign-in and the cache storage"
        events.write(scope, f"server-tried-{section or 'plan'}", f"tried from the server: {text}")
    save_facts(scope.migration, scope.round, Reads(roads=roads).model_dump_json(by_alias=True).encode())
