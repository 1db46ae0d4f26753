"""The report as one HTML file that needs nothing from outside; everything that is told is escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from shared.concerns.registry import Concern
from shared.decisions.people import strongest
from shared.ledger.serving import Outage, Serving
from shared.problems import ProblemData
from shared.reporting.html_parts import definitions, document, moment, span, table
from shared.reporting.report_decisions import MachineDecision, cells
from shared.reporting.report_model import Report
from shared.reporting.summary_html import STYLE, summary_html
from shared.reporting.views import EventView, MachineView, MigrationView


def page(report: Report) -> str:
    """Give the whole file."""
    migration, machines, events, decisions = report.migration, report.machines, report.events, report.decisions
    by_machine: dict[str, list[EventView]] = {}
    for event in events:
        by_machine.setdefault(event.machine, []).append(event)
    title = f"Migration {migration.id}"
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(migration.outcome or migration.status)}</p>",
        "".join(f"<p><strong>{escape(sentence)}</strong></p>" for sentence in migration.attention),
        _facts(migration, report.made),
        summary_html(report.summary),
        "<h2>Machines</h2>" + _machines(machines),
        "<h2>Approvals and other decisions</h2>" + _events(report.approvals),
        "<h2>Concerns</h2>" + _concerns((*migration.concerns, *(each for row in machines for each in row.concerns))),
        "<h2>Each machine</h2>"
        + "".join(_machine(row, by_machine.get(row.name, []), decisions.get(row.name, ())) for row in machines),
        "<h2>The migration as a whole</h2>" + _events(by_machine.get("", [])),
    ]
    return document(title, "".join(parts), STYLE)


def _facts(row: MigrationView, made: datetime) -> str:
    took = row.ended_at - row.started_at if row.ended_at and row.started_at else None
    pairs = {
        "Plan": row.plan,
        "Road": row.road,
        "Roads of its waves": _roads(row),
        "Outcome": row.outcome or f"none yet ({row.status})",
        "Started": f"{moment(row.started_at)} by {row.started_by or 'somebody'}",
        "Ended": moment(row.ended_at) + (f", after {span(took)}" if took else ""),
        "Machines": ", ".join(f"{count} {state}" for state, count in row.counts.items()) or str(row.machines),
        "Report made": moment(made),
    }
    return definitions(pairs) + _problem(row.problem)


def _roads(row: MigrationView) -> str:
    """Name the roads of the waves that go another one than the plan."""
    return ", ".join(f"{wave.wave}: {wave.road}" for wave in row.waves if wave.road not in ("", row.road))


def _machines(rows: Iterable[MachineView]) -> str:
    lines = [
        (
            row.wave,
            row.name,
            row.state.value + (" (dropped)" if row.dropped else ""),
            _serves(row),
            _downtime(row),
            row.source_id,
            row.target_vm_id.rpartition("/")[2],
        )
        for row in rows
    ]
    return table(("Wave", "Machine", "State", "Serves", "Measured downtime", "Source", "Virtual machine"), lines)


def _machine(row: MachineView, events: Sequence[EventView], decisions: Sequence[MachineDecision]) -> str:
    marks = {f"at {name}": moment(at) for name, at in sorted(row.marks.items(), key=lambda pair: pair[1])}
    shown = row.evidence.model_dump(mode="json", exclude={"left_overs"})
    evidence = {f"evidence: {name}": str(value) for name, value in shown.items()}
    left = {
        f"left behind {number}": f"{each.words}, {each.state.value}"
        for number, each in enumerate(row.evidence.left_overs, 1)
    }
    outages = {f"Outage {number}": _outage(outage) for number, outage in enumerate(row.outages, 1)}
    pairs = {"State": row.state.value, "Serves": _serves(row), "Downtime": _downtime(row), **outages}
    if row.dropped:
        pairs["Dropped"] = f"{moment(row.dropped.at)} by {row.dropped.by or 'somebody'}: {row.dropped.why}"
    pairs |= {"Target": row.target_vm_id, **left, **marks, **evidence}
    pairs |= {f"who let it be cut over: {name}": text for name, text in cells(decisions).items()}
    inside = definitions(pairs) + _problem(row.problem) + _decisions(decisions) + _events(events)
    return f"<details><summary>{escape(row.name)} ({escape(row.state.value)})</summary>{inside}</details>"


def _decisions(found: Sequence[MachineDecision]) -> str:
    """Tell who decided what about a machine, in which role, why, and for whom else."""
    if not found:
        return ""
    heads = ("When", "Who", "Role", "What", "Why", "With", "By way of")
    lines = [
        (
            moment(decision.at),
            decision.who,
            strongest(decision.roles),
            f"{decision.verb} {decision.gate}".strip() + (" (one of two)" if decision.first else ""),
            decision.comment,
            ", ".join(each.others),
            decision.surface,
        )
        for each in found
        for decision in (each.decision,)
    ]
    return "<h3>Who decided</h3>" + table(heads, lines)


def _problem(facts: ProblemData | None) -> str:
    if facts is None:
        return ""
    pairs = {
        "Problem": f"{facts.title}: {facts.detail}",
        "Code": facts.code,
        "Causes": facts.causes,
        "Do": facts.advice,
    }
    return definitions(pairs)


def _concerns(found: Sequence[Concern]) -> str:
    lines = [
        (each.category, each.id, each.machine or "the plan", each.evidence or each.title, _accepted(each))
        for each in found
    ]
    return table(("Category", "Concern", "Of", "Evidence", "Acknowledged"), lines)


def _accepted(concern: Concern) -> str:
    return f"{concern.acknowledged_by}: {concern.acknowledged_reason}" if concern.acknowledged_by else ""


def _events(found: Sequence[EventView]) -> str:
    lines = [(moment(each.at), each.wave, each.machine, each.text or each.what, _who(each)) for each in found]
    return table(("When", "Wave", "Machine", "What", "Who"), lines)


def _who(event: EventView) -> str:
    comment = event.decision.comment if event.decision else ""
    return f"{event.by}: {comment}" if comment else event.by


def _serves(row: MachineView) -> str:
    """Say where a machine serves, since when, and how long it is down if it is."""
    down = f", down for {span(timedelta(seconds=row.outage_seconds))}" if row.outage_seconds is not None else ""
    return f"{row.serving.value} since {moment(row.serving_since)}{down}"


def _outage(outage: Outage) -> str:
    if outage.ended is None:
        return f"from {moment(outage.began)}; it has not ended"
    where = f"; it served {'in Azure' if outage.served_by == Serving.TARGET else 'on its source'} again"
    return f"from {moment(outage.began)} to {moment(outage.ended)} ({span(outage.ended - outage.began)}){where}"


def _downtime(row: MachineView) -> str:
    return span(timedelta(seconds=row.downtime_seconds)) if row.downtime_seconds is not None else ""
