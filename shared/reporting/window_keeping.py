"""Whether machines cut over within their windows: the outage that ended in Azure, against the opening that it began in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.ledger.serving import Outage, Serving
from shared.models import Model
from shared.plan.cutover import Window
from shared.plan.model import Plan
from shared.plan.window_sets import windows_of
from shared.reporting.views import MachineView
from shared.scheduling.windows import Span, spans


class Keeping(StrEnum):
    """How a cutover went with its window."""

    KEPT = "kept"
    OVERRUN = "overrun"
    OUTSIDE = "outside"


class WindowKeeping(Model):
    """How many cutovers kept to their windows; machines without windows are not in it."""

    kept: int = 0
    overrun: tuple[str, ...] = Field(default=(), description="machines that served again after their window had closed")
    outside: tuple[str, ...] = Field(default=(), description="machines that somebody had cut over without their window")

    @property
    def of(self) -> int:
        """Give how many cutovers had a window."""
        return self.kept + len(self.overrun) + len(self.outside)


def window_keeping(plan: Plan | None, accepted: datetime | None, rows: Iterable[MachineView]) -> WindowKeeping:
    """Compare each machine's cutover with the windows that the plan gives it today; without a plan nothing is known."""
    if plan is None or accepted is None:
        return WindowKeeping()
    windows = {each.name: windows_of(plan, wave, each).windows for wave in plan.waves for each in wave.machines}
    found: dict[Keeping, list[str]] = {each: [] for each in Keeping}
    for row in rows:
        cutover, own = _cutover(row.outages), windows.get(row.name, ())
        if cutover and own:
            found[_kept(own, accepted, cutover)].append(row.name)
    return WindowKeeping(
        kept=len(found[Keeping.KEPT]), overrun=tuple(found[Keeping.OVERRUN]), outside=tuple(found[Keeping.OUTSIDE])
    )


def _cutover(outages: Sequence[Outage]) -> Span | None:
    """Give the last outage that ended in Azure."""
    ended = [each for each in outages if each.served_by == Serving.TARGET and each.ended]
    return Span(ended[-1].began, ended[-1].ended) if ended and ended[-1].ended else None


def _kept(windows: Sequence[Window], accepted: datetime, cutover: Span) -> Keeping:
    openings = [next(spans(each, accepted, cutover.start), None) for each in windows]
    begun = [each for each in openings if each and each.start <= cutover.start]
    if not begun:
        return Keeping.OUTSIDE
    return Keeping.KEPT if cutover.end <= max(each.end for each in begun) else Keeping.OVERRUN
