"""Assess: facts are read, pure rules judge them; nothing is changed in any cloud."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from activities.facts.prior_state import is_in_azure, standing
from activities.facts.reassessment import Read, Reads, case_of, machine_case, read_before, refused
from activities.facts.target_facts import read_appliance_facts, read_target_facts
from activities.flow.kept_reads import KeptReads
from activities.flow.stopping_roads import StoppableRoad, stop_machine, stop_roads
from shared.concerns.judge import in_plan, judge_plan, judged_machine
from shared.concerns.registry import Acknowledged, Case
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.contracts.contracts import JUDGE_MACHINES, READ_SOURCES, READ_TARGET
from shared.coordination import operator_intents
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, migrations, plans, source_claims
from shared.ledger.expanded_plans import entry_of, expanded_of, save_expanded
from shared.ledger.history import Before, before
from shared.ledger.machine_row import MachineChanges, MachineRow
from shared.ledger.serving import Service, assessed
from shared.ledger.target_facts import save_facts
from shared.models import Done, Scope
from shared.plan.expand import expand
from shared.plan.model import Plan
from shared.plan.road_sections import Section, sections
from shared.roads.registry import road_of
from shared.roads.target_names import name_of
from shared.sources.joined import joined
from shared.sources.matches import match_of

bp = Blueprint()


@serves(bp, READ_SOURCES)
def read_sources(scope: Scope) -> Done:
    """Find every machine of the plan and write its row; claim it, so that no two migrations move one machine."""
    _by_the_plan_that_holds(scope)
    plan = plans.plan_of(scope.migration)
    again = (
        {row.name for row in machines.list(scope.migration) if row.round == scope.round} if scope.round > 1 else None
    )
    found = [road_of(section.plan).source.read(section.plan, again) for section in plans.sections_of(scope.migration)]
    kept = save_expanded(scope.migration, joined(plan, found))
    read_facts = {name: facts for read in found for name, facts in read.facts.items()}
    facts = _claimed(scope, kept, read_facts)
    if again is None:
        rows = [
            _row(scope, wave.name, machine.name, facts) for wave, machine in kept.entries() if machine.name in facts
        ]
        machines.create_many(rows)
        migrations.change(scope, machines=len(rows))
    else:
        for name in again:
            machines.change(scope.replace(machine=name), **_read_again(scope, facts[name]))
    events.write(scope, "sources-read", f"the facts of {len(facts)} machines were read")
    return Done()


def _by_the_plan_that_holds(scope: Scope) -> None:
    """Look which plan holds: a later round may have been opened by a change of it, a moment ago."""
    if scope.round > 1:
        migrations.refreshed(scope.migration)


def _claimed(scope: Scope, kept: Plan, facts: Mapping[str, SourceFacts]) -> dict[str, SourceFacts]:
    """Claim the sources and the names in Azure of these machines; say in their facts which of them others keep or moved."""
    names = {
        machine.name: name_of(section.plan, machine)
        for section in sections(kept)
        for _, machine in section.plan.entries()
        if machine.name in facts
    }
    ids = [each.instance_id for each in facts.values() if each.instance_id]
    busy = source_claims.claim(scope.migration, [*ids, *names.values()])
    earlier = before([each.instance_id for each in facts.values()], scope.migration)
    return {
        name: _with_history(machine_facts, earlier).replace(
            busy_in=busy.get(machine_facts.instance_id, ""), name_promised_to=busy.get(names.get(name, ""), "")
        )
        for name, machine_facts in facts.items()
    }


def _with_history(facts: SourceFacts, earlier: Mapping[str, Before]) -> SourceFacts:
    """Add what earlier migrations did about a machine."""
    left = earlier.get(facts.instance_id.lower(), Before())
    return facts.replace(moved_by=left.moved_by, replicated_by=left.replicated_by)


def _row(scope: Scope, wave: str, machine: str, facts: Mapping[str, SourceFacts]) -> MachineRow:
    """Give a machine's first row."""
    _, entry = entry_of(scope.migration, machine)
    machine_facts = facts[machine]
    return MachineRow(
        migration=scope.migration,
        name=machine,
        wave=wave,
        application=entry.application,
        boot_group=entry.boot_group,
        phase="assess",
        round=scope.round,
        source=machine_facts,
        source_id=machine_facts.instance_id,
        private_ip=machine_facts.private_ip or "",
        since=scope.now,
        stamp=scope.now,
        service=assessed(scope.now, found=machine_facts.found, state=machine_facts.state)(Service()),
    )


def _read_again(scope: Scope, facts: SourceFacts) -> MachineChanges:
    """Give what changes in the row of a machine that is read again, which may not have been known before."""
    read: MachineChanges = {
        "source": facts,
        "service": assessed(scope.now, found=facts.found, state=facts.state),
    }
    if not facts.instance_id:
        return read
    return {**read, "source_id": facts.instance_id, "private_ip": facts.private_ip or ""}


@serves(bp, READ_TARGET)
def read_target(scope: Scope) -> Done:
    """Read what the target offers and what Site Recovery supports; what cannot be read is unknown."""
    _by_the_plan_that_holds(scope)
    rows = [row for row in machines.list(scope.migration) if row.round == scope.round]
    kept = KeptReads.of(scope)
    roads = kept.whole(
        scope, lambda: {each.name: _read(each, rows, kept) for each in plans.sections_of(scope.migration)}
    )
    reads = Reads(roads=roads)
    save_facts(scope.migration, scope.round, reads.model_dump_json(by_alias=True).encode())
    return Done()


def _read(section: Section, rows: Sequence[MachineRow], kept: KeptReads) -> Read:
    facts = {row.name: row.source for row in rows if row.wave in section.waves}
    target = read_target_facts(section.plan, kept, section.name)
    appliance = kept.known(
        f"{section.name}/appliance", ApplianceFacts, lambda: read_appliance_facts(section.plan, facts)
    )
    return Read(target=target, appliance=appliance or ApplianceFacts())


@serves(bp, JUDGE_MACHINES)
def judge_machines(scope: Scope) -> Done:
    """Judge plan and machines; all that is found is written down before anything is stopped.

    A critical concern that nobody acknowledged stops its machine; one of a road that road. Raises `Refused` where no
    road goes on.
    """
    _by_the_plan_that_holds(scope)
    reads = read_before(scope)
    everything = list(machines.list(scope.migration))
    rows = [row for row in everything if row.round == scope.round]
    standings = {row.name: standing(row, scope.round) for row in everything}
    cases = [
        case_of(section, reads.roads.get(section.name, Read()), rows, standings)
        for section in sections(expanded_of(scope.migration))
    ]
    cases[0] = replace(cases[0], unmatched=_unmatched(scope, rows))
    accepted = (*in_plan(cases[0]), *operator_intents.accepted(scope.migration))
    # its source and its target are as the failover left them: of what is in Azure nothing is left to judge
    judged = [row for row in rows if not is_in_azure(row)]
    roads = [StoppableRoad(case, judge_plan(case, accepted), tuple(rows)) for case in cases]
    migrations.change(scope, concerns=tuple(dict.fromkeys(each for road in roads for each in road.concerns)))
    of_wave = {wave.name: case for case in cases for wave in case.plan.waves}
    for row in judged:
        _judge_machine(scope, of_wave[row.wave], row, accepted)
    stop_roads(scope, roads)
    return Done()


def _unmatched(scope: Scope, rows: list[MachineRow]) -> tuple[str, ...]:
    """Give the entries of the plan whose tags nothing carries."""
    found = [match_of(row.source) for row in rows]
    return expand(plans.plan_of(scope.migration), found).unmatched if scope.round == 1 else ()


def _judge_machine(scope: Scope, case: Case, row: MachineRow, accepted: tuple[Acknowledged, ...]) -> None:
    """Keep the concerns of one machine, and stop it where one blocks."""
    found, unjudged = judged_machine(machine_case(scope, case, row.name), accepted)
    here = scope.replace(machine=row.name, wave=row.wave)
    machines.change(here, concerns=found, unjudged=unjudged)
    if blocking := [concern for concern in found if concern.blocks]:
        stop_machine(here, row, refused(here, blocking, row.name).facts)
