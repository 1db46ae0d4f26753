"""What assessment judges with, and judging one machine anew when nobody could look at it before."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from pydantic import Field

from activities.facts.prior_state import standing
from shared.concerns.judge import Judged, in_plan, judged_machine
from shared.concerns.registry import Case, Concern, MachineCase, Standing
from shared.concerns.server_facts import ApplianceFacts
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import TargetFacts
from shared.coordination import operator_intents
from shared.ledger import events, machines, source_claims
from shared.ledger.expanded_plans import entry_of, expanded_of
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import assessed
from shared.ledger.target_facts import load_facts
from shared.models import Model, Scope
from shared.plan.road_sections import Section, sections
from shared.problems import Busy, Fault, Refused
from shared.reporting import release_commands
from shared.roads.registry import road_of

DISCOVERED_WITHIN = timedelta(minutes=30)  # an appliance reads a vCenter about so often (documented)
A_LOOK = timedelta(minutes=2)


class Read(Model):
    """What a round read for one road of the plan."""

    target: TargetFacts = TargetFacts()
    appliance: ApplianceFacts = ApplianceFacts()


class Reads(Model):
    """What a round read, by the name of the road's section: kept as a blob between reading and judging."""

    roads: dict[str, Read] = Field(default_factory=dict)


def read_before(scope: Scope) -> Reads:
    """Give what the round of a place read of the target; nothing known when it read nothing."""
    body = load_facts(scope.migration, scope.round)
    return Reads.model_validate_json(body) if body else Reads()


def case_of(section: Section, read: Read, rows: Sequence[MachineRow], standings: Mapping[str, Standing]) -> Case:
    """Give what is judged on one road."""
    facts = {row.name: row.source for row in rows if row.wave in section.waves}
    return Case(section.plan, read.target, read.appliance, facts, standings=standings)


def machine_case(scope: Scope, case: Case, machine: str) -> MachineCase:
    """Give what is judged of one machine."""
    return case.of_machine(*entry_of(scope.migration, machine))


def refused(scope: Scope, blocking: Sequence[Concern], machine: str) -> Refused:
    """Put all blocking concerns into one refusal."""
    text = "; ".join(f"{concern.title or concern.id}: {concern.evidence}" for concern in blocking)
    soft = [concern.id for concern in blocking if concern.acknowledgeable]
    how = release_commands.acknowledge(scope.migration, soft[0]) if soft else ""
    return Refused(
        text[:4000],
        id="critical-concerns",
        title="Critical concerns stop the machine",
        advice=" ".join(dict.fromkeys(concern.advice for concern in blocking))
        + (f" Or accept it: {how}" if how else ""),
        errors=tuple(Fault(pointer=f"/machines/{machine}", message=f"{each.id}: {each.evidence}") for each in blocking),
    )


def judged_again(scope: Scope, machine: MachineContext) -> MachineContext:
    """Give a machine, as it was just read; one that nobody could look at when the plan was assessed is read, claimed and judged now.

    That is so where the server was not registered yet, or the machine had no agent. Raises `Refused` with all that
    blocks it, and `Busy` while a server that has just been registered may still find it.
    """
    if machine.row.source_id:
        return machine
    facts = _read(machine)
    if facts.found and not facts.instance_id:  # its server does not see it yet
        return machine
    if not facts.found:
        _be_patient(scope, machine)
    busy = source_claims.claim(scope.migration, [facts.instance_id]) if facts.found else {}
    promised = machine.row.source.name_promised_to
    facts = facts.replace(busy_in=busy.get(facts.instance_id, ""), name_promised_to=promised)
    found, unjudged = _judged(scope, machine, facts)
    if blocking := [concern for concern in found if concern.blocks]:
        machines.change(scope, concerns=found, unjudged=unjudged, source=facts)
        raise refused(scope, blocking, scope.machine)
    address = facts.private_ip or machine.row.private_ip
    # the event first: a machine whose source is known is not judged again
    events.write(scope, "source-read", f"{scope.machine} shows at its server now: its facts were read and judged")
    machines.change(
        scope,
        concerns=found,
        unjudged=unjudged,
        service=assessed(scope.now, found=facts.found, state=facts.state),
        source=facts,
        source_id=facts.instance_id,
        private_ip=address,
    )
    return machine_context(scope)


def _read(machine: MachineContext) -> SourceFacts:
    wave = machine.wave.model_copy(update={"machines": (machine.entry,)})
    only = machine.plan.model_copy(update={"waves": (wave,)})
    read = road_of(machine.plan).source.read(only, {machine.row.name})
    return read.facts.get(machine.row.name, SourceFacts(found=False))


def _be_patient(scope: Scope, machine: MachineContext) -> None:
    """Raise `Busy` while its server may still be discovering it."""
    since = machine.row.mark(Mark.SOUGHT) or scope.now
    if scope.now - since >= DISCOVERED_WITHIN:
        return
    server = machine.plan.server
    machines.change(scope, marks={Mark.SOUGHT: since}, waiting_for=f"{server} to discover the machine")
    raise Busy(f"{server} does not show {scope.machine} yet", A_LOOK)


def _judged(scope: Scope, machine: MachineContext, facts: SourceFacts) -> Judged:
    """Judge one machine with what the round read of the target."""
    row = machine.row.replace(source=facts)
    section = next(each for each in sections(expanded_of(scope.migration)) if row.wave in each.waves)
    read = read_before(scope).roads.get(section.name, Read())
    case = case_of(section, read, [row], {row.name: standing(row, scope.round)})
    return judged_machine(
        machine_case(scope, case, row.name), (*in_plan(case), *operator_intents.accepted(scope.migration))
    )
