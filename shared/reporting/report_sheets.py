"""What stands in the sheets of a report's workbook: texts, numbers, moments and spans, each in its own column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.decisions.people import strongest
from shared.itinerary import STEPS
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Outage
from shared.reporting.report_decisions import MachineDecision, let_by
from shared.reporting.report_model import Report
from shared.reporting.views import EventView, MachineView

Cell = str | int | float | datetime | timedelta | None
Line = tuple[Cell, ...]


@dataclass(frozen=True)
class ReportSheet:
    """A sheet: its name, what its columns hold, and its lines."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def sheets_of(report: Report) -> tuple[ReportSheet, ...]:
    """Give all sheets of a report; every moment is in UTC, and its column says so."""
    return (
        ReportSheet("Summary", ("What", "Value"), tuple(_summary(report))),
        ReportSheet("Machines", MACHINE, tuple(_machine(each, report.decisions) for each in report.machines)),
        ReportSheet("Outages", OUTAGE, tuple(line for each in report.machines for line in _outages(each, report.made))),
        ReportSheet("Phases", PHASE, tuple(_phases(report.events))),
        ReportSheet("Decisions", DECISION, tuple(line for each in report.approvals for line in _decided(each))),
        ReportSheet("Concerns", CONCERN, tuple(_concerns(report))),
    )


def _summary(report: Report) -> Iterator[Line]:
    migration, summary = report.migration, report.summary
    yield "Migration", migration.id
    yield "Plan", migration.plan
    yield "Road", migration.road
    yield "Outcome", migration.outcome.value or f"none yet ({migration.status.value})"
    yield "Started by", migration.started_by
    yield "Started (UTC)", migration.started_at
    yield "Ended (UTC)", migration.ended_at
    yield "Report made (UTC)", report.made
    yield "Machines", len(report.machines)
    yield from ((f"Machines {state}", count) for state, count in migration.counts.items())
    yield "Machines that serve nowhere", migration.serving_nowhere
    yield "Machines with measured downtime", summary.measured
    yield "Median downtime", _span(summary.median_downtime_seconds)
    yield "Downtime of nine machines in ten, at most", _span(summary.ninth_downtime_seconds)
    yield "Longest downtime", _span(summary.longest_downtime_seconds)
    yield from ((f"Machines down {each.text}", each.machines) for each in summary.bands)
    yield "Cutovers with a window", summary.windows.of
    yield "Cutovers that kept to it", summary.windows.kept
    yield "Machines that passed a rehearsal", summary.rehearsed
    yield "Failures that rehearsals found", len(summary.found_early)
    yield "Machines that failed while they cut over", summary.failed_in_cutover
    yield from (("To know first", sentence) for sentence in migration.attention)


MARKS = {
    Mark.SOUGHT: "Server sought",
    Mark.TEST_ASKED: "Rehearsal submitted",
    Mark.TEST_UP: "Rehearsal passed",
    Mark.READY: "Ready for cutover",
    Mark.FACTS_READ_AGAIN: "Facts read again",
    Mark.TARGET_LOOKED: "Target looked at",
    Mark.SERVICES_ASKED: "Stop of services sent",
    Mark.QUIESCED: "Services stopped",
    Mark.SERVICES_BACK: "Services started again",
    Mark.STOP_REQUESTED: "Stop of source sent",
    Mark.STOPPED: "Source seen off",
    Mark.FAILOVER_ASKED: "Failover submitted",
    Mark.FAILED_OVER: "Failed over",
    Mark.UP: "Verified in Azure",
    Mark.FENCED: "VM in Azure off",
    Mark.SOURCE_BACK: "Source back",
    Mark.ROLLED_BACK: "Rolled back",
}
MACHINE = (
    "Wave", "Machine", "Application", "State", "Phase", "Round", "In it since (UTC)", "Expected end (UTC)",
    "Latest recovery point (UTC)", "Serves", "Serves since (UTC)", "Outage now", "Downtime", "Expected downtime",
    *(f"{text} (UTC)" for text in MARKS.values()),
    "Cutover approved by", "Cutover approved (UTC)", "Comment", "Source", "Private address", "VM in Azure",
    "Waits for", "Problem", "Code", "Advice", "Dropped by", "Dropped (UTC)", "Why dropped",
)  # fmt: skip


def _machine(row: MachineView, decisions: Mapping[str, Sequence[MachineDecision]]) -> Line:
    by = let_by(decisions.get(row.name, ()))
    problem = row.problem
    return (
        *(row.wave, row.name, row.application, row.state.value, row.phase, row.round, row.since, row.eta),
        *(row.recovery_point_at, row.serving.value, row.serving_since),
        *(_span(each) for each in (row.outage_seconds, row.downtime_seconds, row.expected_downtime_seconds)),
        *(row.marks.get(mark) for mark in MARKS),
        ", ".join(each.decision.who for each in by),
        by[-1].decision.at if by else None,
        "; ".join(each.decision.comment for each in by if each.decision.comment),
        *(row.source_id, row.private_ip, row.target_vm_id, row.waiting_for),
        *((f"{problem.title}: {problem.detail}", problem.code, problem.advice) if problem else ("", "", "")),
        *((row.dropped.by or "somebody", row.dropped.at, row.dropped.why) if row.dropped else ("", None, "")),
    )


OUTAGE = ("Wave", "Machine", "Began (UTC)", "Ended (UTC)", "Lasted", "Served then by")


def _outages(row: MachineView, now: datetime) -> Iterator[Line]:
    """Tell each time in which a machine served nowhere; one that goes on has no end, and lasted until the report."""
    yield from ((row.wave, row.name, each.began, each.ended, each.lasted(now), _server(each)) for each in row.outages)


def _server(outage: Outage) -> str:
    return outage.served_by.value if outage.served_by else ""


PHASE = ("Wave", "Machine", "Round", "Phase", "Began (UTC)", "Next phase began (UTC)", "Took", "What it does")


def _phases(events: Iterable[EventView]) -> Iterator[Line]:
    """Tell each phase that began; the last one of a machine has none behind it."""
    began: dict[str, list[EventView]] = {}
    for event in events:
        if event.phase in STEPS and event.what == f"{event.phase.replace('_', '-')}-began":
            began.setdefault(event.machine or event.wave, []).append(event)
    for of_machine in began.values():
        ends = (*(each.at for each in of_machine[1:]), None)
        for event, until in zip(of_machine, ends, strict=True):
            took = until - event.at if until else None
            yield event.wave, event.machine, event.round, event.phase, event.at, until, took, event.text


DECISION = (
    "When (UTC)", "Wave", "Machine", "Who", "Role", "Verb", "Gate", "Verdict", "One of two", "Why", "By way of",
    "Machines in it", "What happened",
)  # fmt: skip


def _decided(event: EventView) -> Iterator[Line]:
    """Tell a decision once for each machine that it names, so that a spreadsheet can filter by machine."""
    decision = event.decision
    if decision is None:
        yield event.at, event.wave, event.machine, event.by, "", "", "", "", "", "", "", None, event.text or event.what
        return
    wave = event.wave or ", ".join(decision.waves)
    what = (decision.verb, decision.gate, decision.verdict.value if decision.verdict else "")
    why = ("yes" if decision.first else "", decision.comment, decision.surface, len(decision.machines) or None)
    for machine in decision.machines or (event.machine,):
        yield decision.at, wave, machine, decision.who, strongest(decision.roles), *what, *why, event.text or event.what


CONCERN = ("Category", "Concern", "Machine", "Title", "Evidence", "Advice", "Acknowledged by", "Reason")


def _concerns(report: Report) -> Iterator[Line]:
    for each in (*report.migration.concerns, *(found for row in report.machines for found in row.concerns)):
        about = (each.category, each.id, each.machine or "the plan", each.title, each.evidence, each.advice)
        yield *about, each.acknowledged_by, each.acknowledged_reason


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
