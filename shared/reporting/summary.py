"""What a migration came to, in the few figures that a manager asks for: pure, from what a report holds."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Final

from pydantic import Field

from shared.itinerary import REHEARSING, STEPS
from shared.ledger.machine_row import Mark
from shared.models import Model
from shared.reporting.views import EventView, MachineView, MigrationView
from shared.reporting.window_keeping import WindowKeeping
from shared.states import ASIDE, GIVEN_UP, MOVED

MINUTE: Final = 60
BANDS: Final = (
    ("up to 5 min", 5),
    ("to 15 min", 15),
    ("to 30 min", 30),
    ("to 1 h", 60),
    ("to 2 h", 120),
    ("to 4 h", 240),
)
BEYOND: Final = "over 4 h"
CUTTING: Final = frozenset(each for each, step in STEPS.items() if step.stage == "CutOver")


class DowntimeBand(Model):
    """How many machines were down for about as long."""

    text: str
    machines: int = 0


class FoundEarly(Model):
    """What a rehearsal found while the source still served."""

    machine: str
    at: datetime
    text: str = ""
    mended_seconds: int | None = Field(default=None, description="until its rehearsal passed; left out: it has not yet")


class ReportSummary(Model):
    """A migration in the figures that a manager asks for."""

    machines: int = 0
    moved: int = Field(default=0, description="machines that serve in Azure, or did when they were left")
    under_way: int = 0
    stopped: int = Field(default=0, description="failed, paused, or waiting for a person")
    given_up: int = Field(default=0, description="rolled back or cancelled: they serve on their source")
    left_out: int = Field(default=0, description="machines of the plan that were not to be moved")
    measured: int = Field(default=0, description="machines whose downtime was measured")
    median_downtime_seconds: int | None = None
    ninth_downtime_seconds: int | None = Field(default=None, description="nine machines in ten were down no longer")
    longest_downtime_seconds: int | None = None
    total_downtime_seconds: int = 0
    bands: tuple[DowntimeBand, ...] = ()
    windows: WindowKeeping = WindowKeeping()
    rehearsed: int = Field(default=0, description="machines whose rehearsal passed")
    found_early: tuple[FoundEarly, ...] = Field(default=(), description="what rehearsals found, the oldest first")
    failed_in_cutover: int = Field(default=0, description="machines that failed while they cut over")


def summary_of(
    migration: MigrationView, rows: Sequence[MachineView], events: Iterable[EventView], windows: WindowKeeping
) -> ReportSummary:
    """Give the figures of a migration as its report tells it."""
    failures = [each for each in events if each.phase in STEPS and each.what == STEPS[each.phase].failed_event]
    moved, aside, gone = (sum(row.state in states for row in rows) for states in (MOVED, ASIDE, GIVEN_UP))
    return ReportSummary(
        machines=len(rows),
        moved=moved,
        stopped=aside,
        given_up=gone,
        under_way=len(rows) - moved - aside - gone,
        left_out=len(migration.left_out),
        windows=windows,
        rehearsed=sum(Mark.TEST_UP in row.marks for row in rows),
        found_early=tuple(_found_early(rows, failures)),
        failed_in_cutover=len({each.machine for each in failures if each.phase in CUTTING}),
    ).replace(**_downtimes(rows))


def _downtimes(rows: Sequence[MachineView]) -> dict[str, object]:
    measured = sorted(row.downtime_seconds for row in rows if row.downtime_seconds is not None)
    if not measured:
        return {}
    return {
        "measured": len(measured),
        "median_downtime_seconds": int(median(measured)),
        "ninth_downtime_seconds": measured[ceil(len(measured) * 0.9) - 1],
        "longest_downtime_seconds": measured[-1],
        "total_downtime_seconds": sum(measured),
        "bands": tuple(_bands(measured)),
    }


def _bands(measured: Sequence[int]) -> Iterable[DowntimeBand]:
    """Count machines by how long they were down; a band holds its own end."""
    before = -1
    for text, minutes in BANDS:
        yield DowntimeBand(text=text, machines=sum(before < each <= minutes * MINUTE for each in measured))
        before = minutes * MINUTE
    yield DowntimeBand(text=BEYOND, machines=sum(each > before for each in measured))


def _found_early(rows: Sequence[MachineView], failures: Sequence[EventView]) -> Iterable[FoundEarly]:
    passed = {row.name: row.marks.get(Mark.TEST_UP) for row in rows}
    for each in failures:
        if each.phase in REHEARSING and each.machine in passed:
            up = passed[each.machine]
            took = int((up - each.at) / timedelta(seconds=1)) if up and up > each.at else None
            yield FoundEarly(machine=each.machine, at=each.at, text=each.text, mended_seconds=took)
