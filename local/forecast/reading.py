"""From the report of a migration to what became of each machine in time: phases from their events, cutovers from marks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shared.itinerary import CUTTING_OVER, STEPS

from .model import MachineForecast, Stretch

WAITS_FOR_PLACE: Final = "waits for a place to replicate"
APPROVAL, AWAITED = "approval", "waits for its cutover"
TURNS: Final = frozenset(phase for phase in CUTTING_OVER if phase not in ("approval", "await_window"))


def moment(text: str | None) -> datetime | None:
    """Give a moment of the report."""
    return datetime.fromisoformat(text) if text else None


class Events:
    """The events of a report, by machine, in order."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        """Sort them once."""
        listed = sorted(report.get("events") or (), key=lambda each: str(each["at"]))
        self.all: list[dict[str, Any]] = [{**each, "moment": datetime.fromisoformat(each["at"])} for each in listed]
        self._by_machine: dict[str, list[dict[str, Any]]] = {}
        for each in self.all:
            self._by_machine.setdefault(each.get("machine") or "", []).append(each)

    def of(self, machine: str) -> list[dict[str, Any]]:
        """Give those of a machine."""
        return self._by_machine.get(machine, [])

    def first(self, what: str, **where: str) -> datetime | None:
        """Give when something happened first."""
        found = (each for each in self.all if each["what"] == what)
        fits = (each for each in found if all((each.get(name) or "") == value for name, value in where.items()))
        return next((each["moment"] for each in fits), None)


def machines_of(report: Mapping[str, Any], events: Events) -> Iterator[MachineForecast]:
    """Give every machine in time."""
    for row in report["machines"]:
        yield _machine(row, events.of(row["name"]))


def _machine(row: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> MachineForecast:
    marks = {name: datetime.fromisoformat(at) for name, at in (row.get("marks") or {}).items()}
    began = [(each["moment"], str(each["phase"])) for each in events if each["what"] == _began(each)]
    end = max([each["moment"] for each in events], default=None)
    cutover = next((at for at, phase in began if phase in TURNS), None)
    problem = row.get("problem") or {}
    return MachineForecast(
        name=row["name"],
        wave=row.get("wave") or "",
        application=row.get("application") or "",
        state=row.get("state") or "",
        problem=f"{problem.get('title', '')}: {problem.get('detail', '')}" if problem else "",
        begin=began[0][0] if began else None,
        ready=marks.get("readyForCutover"),
        cutover=cutover,
        end=end,
        downtime_seconds=row.get("downtimeSeconds"),
        stretches=tuple(_stretches(began, events, end)),
    )


def _began(event: Mapping[str, Any]) -> str:
    phase = event.get("phase") or ""
    return f"{phase.replace('_', '-')}-began" if phase in STEPS else "-"


def _stretches(
    began: Sequence[tuple[datetime, str]], events: Sequence[Mapping[str, Any]], end: datetime | None
) -> Iterator[Stretch]:
    """Give the phases with their ends; what lies between the last one before the cutover and the cutover is waiting."""
    for number, (at, phase) in enumerate(began):
        following = began[number + 1] if number + 1 < len(began) else (end or at, "")
        until, goes_on = following
        if goes_on in TURNS and phase not in TURNS:
            own = [each["moment"] for each in events if each.get("phase") == phase and each["moment"] <= until]
            ended = max([at, *own])
            yield Stretch(name=phase, begin=at, end=ended)
            if until > ended:
                yield Stretch(name=AWAITED, begin=ended, end=until)
        elif phase == "enable_replication" and (sent := _sent(events, at, until)) and sent > at:
            yield Stretch(name=WAITS_FOR_PLACE, begin=at, end=sent)
            yield Stretch(name=phase, begin=sent, end=until)
        elif until > at:
            yield Stretch(name=phase, begin=at, end=until)


def _sent(events: Sequence[Mapping[str, Any]], begin: datetime, end: datetime) -> datetime | None:
    """Give when the enabling was asked for, which a free place was waited for."""
    return next(
        (each["moment"] for each in events if each["what"] == "enable-submitted" and begin <= each["moment"] <= end),
        None,
    )
