"""Inspect sources: what only a look inside tells of machines and server; one command for 50 machines, nothing is changed."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from activities import trying
from activities.interrupting import strike
from activities.judging import Reads, read_before, wire
from activities.senders import settle
from shared import ids, plans
from shared.concerns.facts import SourceFacts
from shared.contracts import LOOK_INSPECTION, START_INSPECTION
from shared.durable import Blueprint, serves
from shared.guest_scripts.wrapper import Channel, GuestScript, wrap
from shared.inspections import Inspecting, Inspection, Sent
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.plan.model import Plan
from shared.plan.sections import Section, sections
from shared.problems import CloudRefused
from shared.requests import Look, Seen
from shared.sources.aws import ssm
from shared.sources.aws.inspected import inspected, script
from shared.sources.aws.instances import batched
from shared.sources.aws.side import place_of
from shared.sources.aws.ssm import IN_ONE_FILTER, CommandResult, Script

bp = Blueprint()

A_LOOK = 30  # seconds: most inspections take no longer
AT_MOST = timedelta(minutes=10)
RUNS_FOR = 300  # seconds
CLOCK_SKEW = timedelta(minutes=10)
# ListCommandInvocations keeps the first 2,500 characters of an output (documented), errors behind it.
IN_A_LIST = Channel(shown=1_000, failed=1)

Wanted = tuple[str, tuple[str, ...], GuestScript]  # name, instances, script


@serves(bp, START_INSPECTION)
def start_inspection(look: Look) -> Inspecting:
    """Send the commands of all roads, once; what cannot be sent stays unknown, and the assessment says how to look."""
    rows = [row for row in machines.list(look.migration) if row.round == look.round]
    reads = read_before(look)
    sent: list[Sent] = []
    for section in sections(plans.expanded_of(look.migration)):
        aws = section.plan.source.aws
        if section.plan.scenario == "aws-to-azure" and aws is not None and aws.inspect:
            sent += _sent(look, section, [*_wanted(section, rows, reads)])
    return Inspecting(sent=tuple(sent))


def _wanted(section: Section, rows: Iterable[MachineRow], reads: Reads) -> Iterator[Wanted]:
    """Give the commands of one road: what they are called, on which instances, and the script."""
    name = section.name or "plan"
    own = [row for row in rows if row.wave in section.waves and _is_looked_into(row)]
    for number, some in enumerate(batched(sorted(row.source_id for row in own), IN_ONE_FILTER)):
        yield f"inspect-{name}-{number}", tuple(some), script()
    read = reads.roads.get(section.name)
    server = read.appliance.server if read else None
    if server is not None and server.agent:
        tried = trying.urls_of(section.plan.target.cache_storage_account)
        yield f"reach-{name}", (server.instance_id,), trying.script(tried, windows=True)


def _is_looked_into(row: MachineRow) -> bool:
    """Tell Windows on Xen, where there are paravirtual drivers, and an agent that can be asked."""
    facts = SourceFacts.model_validate(row.source)
    return bool(facts.os_family == "windows" and facts.hypervisor == "xen" and facts.ssm_online)


def _sent(look: Look, section: Section, wanted: list[Wanted]) -> list[Sent]:
    """Send what was not sent before."""
    if not wanted:
        return []
    try:
        known = ssm.find_by_tokens(place_of(section.plan), look.since - CLOCK_SKEW)
    except CloudRefused as refused:
        events.write(look, "not-inspected", f"nothing could be looked into: {refused.facts.detail}")
        return []
    found = []
    for name, instances, told in wanted:
        token = ids.command_token(look.key, name)
        command = known.get(token) or _send(look, section, token, (name, instances, told))
        if command:
            server = name.startswith("reach-")
            found.append(Sent(section=section.name, command=command, nonce=ids.short_hash(token), server=server))
    return found


def _send(look: Look, section: Section, token: str, wanted: Wanted) -> str:
    """Send one command; empty where AWS refuses it for one of its instances: then they stay unknown."""
    name, instances, told = wanted
    made = Script(
        instance="",
        windows=True,
        lines=wrap(told, IN_A_LIST, ids.short_hash(token), windows=True),
        token=token,
        since=look.since,
        timeout=RUNS_FOR,
    )
    try:
        return ssm.send_to_many(place_of(section.plan), instances, made)
    except CloudRefused as refused:
        said = f"{', '.join(instances)}: no command could be run: {refused.facts.detail}"
        events.write(look, f"{name}-refused", said)
        return ""


@serves(bp, LOOK_INSPECTION)
def look_inspection(look: Inspection) -> Seen:
    """Keep what the commands found; settled when all have ended, or time is up: then the rest stays unknown."""
    strike(look)
    if look.first:
        return Seen(patience=A_LOOK)
    plans_of = {one.name: one.plan for one in sections(plans.expanded_of(look.migration))}
    results = {one: _read(plans_of[one.section], one) for one in look.sent}
    ended = all(found and not any(each.running for each in found.values()) for found in results.values())
    if not ended and look.now - look.since < AT_MOST:
        return Seen(patience=A_LOOK)
    told = {instance: each for one, found in results.items() if not one.server for instance, each in found.items()}
    _keep_machines(look, told)
    _keep_servers(look, {one.section: found for one, found in results.items() if one.server})
    return Seen(settled=True)


def _read(plan: Plan, sent: Sent) -> dict[str, CommandResult]:
    """Look once at a command; what it came to on each instance is told by the script's own mark."""
    seen = ssm.read_invocations(place_of(plan), sent.command)
    return {instance: settle(each, sent.nonce) for instance, each in seen.items()}


def _keep_machines(place: Place, told: Mapping[str, CommandResult]) -> None:
    """Put what was seen inside machines into their rows."""
    seen = {instance: inspected(each.stdout) for instance, each in told.items() if each.succeeded}
    for row in machines.list(place.migration):
        found = seen.get(row.source_id)
        if found is None or row.round != place.round:
            continue
        facts = SourceFacts.model_validate(row.source).but(
            service_pack=found.service_pack, pv_drivers=found.pv_drivers, drivers=found.drivers
        )
        machines.change(place.but(machine=row.name, wave=row.wave), source=wire(facts))
    if told:
        count = sum(one is not None for one in seen.values())
        events.write(place, "inspected", f"{count} of {len(told)} machines were looked into for their drivers")


def _keep_servers(place: Place, told: Mapping[str, Mapping[str, CommandResult]]) -> None:
    """Put what servers reach of Azure beside what else was read of them; nothing where nobody could try."""
    if not told:
        return
    reads = read_before(place)
    roads = dict(reads.roads)
    for section, found in told.items():
        appliance = roads[section].appliance
        server, result = appliance.server, next(iter(found.values()), CommandResult())
        if server is None or not (result.succeeded or result.exit_code == trying.SHUT):
            continue
        shut = () if result.succeeded else tuple(one for one in result.stdout.splitlines() if "not reachable" in one)
        roads[section] = roads[section].but(appliance=appliance.but(server=server.but(unreached=shut)))
        said = "; ".join(shut) or "it reaches the sign-in and the cache storage"
        events.write(place, f"server-tried-{section or 'plan'}", f"tried from the server: {said}")
    plans.save_facts(place.migration, place.round, Reads(roads=roads).model_dump_json(by_alias=True).encode())
