"""What the assessment stops: a machine, or a road with all its machines, while those of other roads go on."""

from dataclasses import dataclass
from typing import Final

from activities.judging import refused
from activities.standing import is_in_azure
from shared import plans
from shared.concerns.registry import Case, Concern
from shared.itinerary import ITINERARY
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.problems import Facts, Refused
from shared.states import MachineState

# A retry that goes on from here keeps its place when a new concern stops it: it need not begin from the start.
CUTTING_OVER: Final = frozenset(step.phase for step in ITINERARY if step.stage in ("Approve", "CutOver", "Finish"))
WHOLE_ROAD: Final = {"stopped": "road"}  # in the problem of each machine of a road that goes no further
ASSESS: Final = "assess"


@dataclass(frozen=True)
class Road:
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


def stop_roads(place: Place, roads: list[Road]) -> None:
    """Stop the machines of each road that a critical concern blocks. Raises `Refused` with all of it where none is left."""
    walked = [road for road in roads if road.rows]
    blocked = [road for road in walked if road.blocking]
    if len(blocked) == len(walked):
        if everything := tuple(dict.fromkeys(one for road in roads for one in road.blocking)):
            raise refused(place, everything, "")
        return
    for road in blocked:
        facts = refused(place, road.blocking, "").facts.model_copy(update={"extra": WHOLE_ROAD})
        for row in road.rows:
            if not is_in_azure(row):
                stop_machine(place.but(machine=row.name, wave=row.wave), row, facts)


def stop_machine(here: Place, row: MachineRow, problem: Facts) -> None:
    """Write down that the assessment stopped a machine, why, and how a person goes on."""
    machines.change(
        here,
        state=MachineState.FAILED,
        failed_in=row.failed_in if row.failed_in in CUTTING_OVER else ASSESS,
        problem=problem,
        waiting_for=problem.advice,
        release=f"python -m cli retry {row.migration} --machine {row.name}",
    )
    text = f"{row.name} was stopped before this round changed anything: {problem.detail}"
    events.write(here, "machine-stopped", text)


def strike_road(place: Place) -> None:
    """Raise `Refused` before a phase of a road that the assessment of this round stopped."""
    if place.machine or place.phase == ASSESS:
        return
    waves = plans.section_at(place).waves
    rows = (row for row in machines.list(place.migration, states={MachineState.FAILED}) if row.wave in waves)
    problems = (row.problem for row in rows if row.round == place.round and row.problem is not None)
    if problem := next((one for one in problems if one.extra == WHOLE_ROAD), None):
        raise Refused.from_facts(problem)
