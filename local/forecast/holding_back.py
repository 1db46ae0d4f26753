"""What holds machines back: gates, waves that others wait for, windows, blackouts, and places within limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from .model import Hold, MachineForecast, Opening, Reason, WaitCost, WaveForecast
from .openings import own_openings
from .reading import WAITS_FOR_PLACE, Events

Span = tuple[datetime, datetime]
HOUR, DAY = 3600.0, 86_400.0


def holds_of(machines: Iterable[MachineForecast], waves: Sequence[WaveForecast], events: Events) -> Iterator[Hold]:
    """Give every wait of every machine, with its reason."""
    by_name = {wave.name: wave for wave in waves}
    approved = _approvals(events)
    for machine in machines:
        for stretch in machine.stretches:
            if stretch.name == WAITS_FOR_PLACE:
                yield _hold(machine, "replication places", (stretch.begin, stretch.end), "limits.replicating")
        if machine.ready and machine.cutover and machine.cutover > machine.ready:
            yield from _before_cutover(machine, by_name, approved.get((machine.wave, machine.name)))


def _before_cutover(
    machine: MachineForecast, waves: Mapping[str, WaveForecast], approved: datetime | None
) -> Iterator[Hold]:
    """Share out the time between a machine's readiness and its cutover: the gate first, then waves, then windows, then places."""
    begin, cutover = machine.ready, machine.cutover
    if begin is None or cutover is None:
        return
    if approved and begin < approved:
        until = min(approved, cutover)
        yield _hold(machine, "gate", (begin, until), "cutover")
        begin = until
    wave = waves.get(machine.wave, WaveForecast(name=machine.wave))
    for name in wave.depends_on:
        through = waves[name].end if name in waves else None
        if through and begin < min(through, cutover):
            yield _hold(machine, "dependency", (begin, min(through, cutover)), name)
            begin = min(through, cutover)
    yield from _in_time(machine, wave, (begin, cutover))


def _in_time(machine: MachineForecast, wave: WaveForecast, span: Span) -> Iterator[Hold]:
    """Share out the rest: outside of openings the window holds it, in a blackout that, else a free place is awaited."""
    edges, own = {*span}, own_openings(wave, machine)
    for opening in own:
        edges |= {opening.opens, opening.closes}
    for blackout in wave.blackouts:
        edges |= {blackout.begin, blackout.end}
    inside = sorted(edge for edge in edges if span[0] <= edge <= span[1])
    for begin, end in pairwise(inside):
        reason, what = _why(wave, own, begin)
        yield _hold(machine, reason, (begin, end), what)


def _why(wave: WaveForecast, own: Sequence[Opening], at: datetime) -> tuple[Reason, str]:
    black = next((each for each in wave.blackouts if each.begin <= at < each.end), None)
    if black is not None:
        return "blackout", black.reason
    if own and not any(each.opens <= at < each.closes for each in own):
        opening = next((each for each in own if each.opens > at), None)
        return "window", f"opens {opening.opens:%Y-%m-%d %H:%M}Z" if opening else "no opening follows"
    return "places", "limits.cuttingOver, or a look that was due"


def _hold(machine: MachineForecast, reason: Reason, span: Span, what: str) -> Hold:
    return Hold(machine=machine.name, wave=machine.wave, reason=reason, begin=span[0], end=span[1], what=what)


def _approvals(events: Events) -> dict[tuple[str, str], datetime]:
    """Give when the cutover of each machine was approved, by its wave and name."""
    found: dict[tuple[str, str], datetime] = {}
    for event in events.all:
        decision = event.get("decision") or {}
        if not str(event["what"]).startswith("decided-cutover"):
            continue
        for wave in decision.get("waves") or [event.get("wave") or ""]:
            for name in decision.get("machines") or ():
                found[wave, name] = event["moment"]
    return found


def costs_of(holds: Iterable[Hold], report: Mapping[str, Any]) -> Iterator[WaitCost]:
    """Give what each reason comes to: hours of machines, and what their copies in Azure occupy meanwhile."""
    sizes = {row["name"]: _disks(row) for row in report["machines"]}
    by_reason: dict[Reason, list[Hold]] = {}
    for hold in holds:
        by_reason.setdefault(hold.reason, []).append(hold)
    for reason, found in by_reason.items():
        copied = 0.0 if reason == "replication places" else sum(sizes[each.machine] * each.seconds for each in found)
        each_machine = {each.machine: 0.0 for each in found}
        for each in found:
            each_machine[each.machine] += each.seconds
        yield WaitCost(
            reason=reason,
            machines=len(each_machine),
            machine_hours=round(sum(each_machine.values()) / HOUR, 2),
            replica_gb_days=round(copied / DAY, 1),
            longest_seconds=max(each_machine.values()),
        )


def _disks(row: Mapping[str, Any]) -> float:
    return sum(float(disk.get("sizeGib") or 0) for disk in (row.get("source") or {}).get("disks") or ())
