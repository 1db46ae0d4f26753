"""What the assessment stops: a machine, or a road with all its machines, while those of other roads go on."""

from dataclasses import dataclass
from typing import Final

from activities.facts.prior_state import is_in_azure
from activities.facts.reassessment import refused
from activities.flow.failure_notices import tell_stopped
from shared.concerns.registry import Case, Concern
from shared.itinerary import ITINERARY
from shared.ledger import events, machines, plans
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.problems import ProblemData, Refused
from shared.reporting import release_commands
from shared.states import MachineState

# A retry that goes on from here keeps its place when a new concern stops it: it need not begin from the start.
CUTTING_OVER: Final = frozenset(step.phase for step in ITINERARY if step.stage in ("Approve", "CutOver", "Finish"))
WHOLE_ROAD: Final = {"stopped": "road"}  # in the problem of each machine of a road that goes no further
ASSESS: Final = "assess"


@dataclass(frozen=True)
class StoppableRoad:
    """A road of the plan as it was judged, and all machines of the round."""

    case: Case
    concerns: tuple[Concern, ...]
    round: tuple[MachineRow, ...]

    @property
    def rows(self) -> list[MachineRow]:
        """Give its own machines of the round."""
        waves = {wave.name for wave in self.case.plan.waves}
        return [row for row in self.round if row.wave in waves]

    @property
    def blocking(self) -> list[Concern]:
        """Give what keeps it from going on."""
        return [concern for concern in self.concerns if concern.blocks]


def stop_roads(scope: Scope, roads: list[StoppableRoad]) -> None:
    """Stop the machines of each road that a critical concern blocks. Raises `Refused` with all of it where none is left."""
    walked = [road for road in roads if road.rows]
    blocked = [road for road in walked if road.blocking]
    if len(blocked) == len(walked):
        if everything := tuple(dict.fromkeys(each for road in roads for each in road.blocking)):
            raise refused(scope, everything, "")
        return
    for road in blocked:
        facts = refused(scope, road.blocking, "").facts.model_copy(update={"extra": WHOLE_ROAD})
        for row in road.rows:
            if not is_in_azure(row):
                stop_machine(scope.replace(machine=row.name, wave=row.wave), row, facts)


def stop_machine(scope: Scope, row: MachineRow, problem: ProblemData) -> None:
    """Write down that the assessment stopped a machine, why, and how a person goes on."""
    row = machines.change(
        scope,
        state=MachineState.FAILED,
        failed_in=row.failed_in if row.failed_in in CUTTING_OVER else ASSESS,
        problem=problem,
        waiting_for=problem.advice,
        release=release_commands.retry(row.migration, row.name),
    )
    text = f"{row.name} was stopped before this round changed anything: {problem.detail}"
    events.write(scope, "machine-stopped", text)
    tell_stopped(row, scope, problem)


def strike_road(scope: Scope) -> None:
    """Raise `Refused` before a phase of a road that the assessment of this round stopped."""
    if scope.machine or scope.phase == ASSESS:
        return
    waves = plans.section_at(scope).waves
    rows = (row for row in machines.list(scope.migration, states={MachineState.FAILED}) if row.wave in waves)
    problems = (row.problem for row in rows if row.round == scope.round and row.problem is not None)
    if problem := next((each for each in problems if each.extra == WHOLE_ROAD), None):
        raise Refused.from_facts(problem)
