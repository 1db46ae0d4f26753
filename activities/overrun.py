"""Overrun: what becomes of machines that are under way when their cutover window closes, as the window says."""

from datetime import datetime

from shared import plans
from shared.ledger import machines
from shared.ledger.machines import MachineRow
from shared.models import Model, Place
from shared.problems import Interrupted
from shared.windows import Opening

CLOSED = "window-closed"
SEAT = "cutoverWindow"  # the evidence of a machine: the opening in which it cuts over
BEFORE_FAILOVER = ("quiesce", "stop_source", "fail_over")


class Seat(Model):
    """The opening in which a machine cuts over; no end = it cuts over outside of any window."""

    closes: datetime | None = None
    overrun: str = "finish"


def can_overrun(place: Place) -> bool:
    """Tell whether a window of the wave stops anybody when it closes."""
    return any(one.overrun != "finish" for one in plans.plan_at(place).wave(place.wave).cutover.windows)


def seat_in(place: Place, opening: Opening | None) -> dict[str, object]:
    """Give the evidence of a machine that begins in an opening; it replaces that of an earlier one."""
    windows = plans.plan_at(place).wave(place.wave).cutover.windows
    seat = Seat(closes=opening.ends, overrun=windows[opening.number].overrun) if opening else Seat()
    return {SEAT: seat.model_dump(mode="json")}


def check_window(place: Place, row: MachineRow | None = None) -> None:
    """Raise `Interrupted` where a machine must not take the step of its place, as its window has closed.

    Nothing that was submitted is interrupted. Before the failover is submitted it goes back to `ReadyForCutover` and
    waits for the next opening (`stop`, `rollback`); once it is failed over but not verified it is rolled back
    (`rollback` only).
    """
    if place.phase not in (*BEFORE_FAILOVER, "verify") or not can_overrun(place):
        return
    row = row or machines.get(place.migration, place.machine)
    seat = Seat.model_validate(row.evidence.get(SEAT, {})) if row else Seat()
    if row is None or seat.closes is None or place.now < seat.closes:
        return
    submitted = row.mark("failoverAsked") is not None
    if place.phase in BEFORE_FAILOVER and not submitted and seat.overrun != "finish":
        raise _closed(place, seat.closes, "window", "it goes back to its source and waits for the next opening")
    if place.phase == "verify" and seat.overrun == "rollback":
        raise _closed(place, seat.closes, "rollback", "it is rolled back to its source")


def _closed(place: Place, closes: datetime, intent: str, what: str) -> Interrupted:
    return Interrupted(
        f"the cutover window closed at {closes:%Y-%m-%d %H:%M} UTC before {place.phase} of {place.machine}: {what}",
        id="window-closed",
        title="The cutover window closed",
        advice="Widen the window, let fewer machines into an opening, or let it `finish` when it overruns.",
        extra={"intent": intent},
    )
