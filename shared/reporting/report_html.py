"""The report as one HTML file that needs nothing from outside; everything that is told is escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final

from shared.concerns.registry import Concern
from shared.decisions.people import strongest
from shared.ledger.serving import Outage, Serving
from shared.models import NEVER
from shared.problems import ProblemData
from shared.reporting.report_decisions import MachineDecision, cells
from shared.reporting.report_model import Report
from shared.reporting.views import EventView, MachineView, MigrationView

STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{margin:0}h2{margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.92em}th,td{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}th{background:var(--soft)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.75}dd{margin:0}
details{margin:.4rem 0}summary{cursor:pointer}code{font-size:.95em}
@media print{details{display:block}body{max-width:none}}
"""


def page(report: Report) -> str:
    """Give the whole file."""
    migration, machines, events, decisions = report.migration, report.machines, report.events, report.decisions
    by_machine: dict[str, list[EventView]] = {}
    for event in events:
        by_machine.setdefault(event.machine, []).append(event)
    title = f"Migration {migration.id}"
    parts = [
        f"<h1>{escape(title)}</h1><p>{escape(migration.outcome or migration.status)}</p>",
        "".join(f"<p><strong>{escape(said)}</strong></p>" for said in migration.attention),
        _facts(migration, report.made),
        "<h2>Machines</h2>" + _machines(machines),
        "<h2>Approvals and other decisions</h2>" + _events(report.approvals),
        "<h2>Concerns</h2>" + _concerns((*migration.concerns, *(each for row in machines for each in row.concerns))),
        "<h2>Each machine</h2>"
        + "".join(_machine(row, by_machine.get(row.name, []), decisions.get(row.name, ())) for row in machines),
        "<h2>The migration as a whole</h2>" + _events(by_machine.get("", [])),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{"".join(parts)}</body></html>'
    )


def _facts(row: MigrationView, made: datetime) -> str:
    took = row.ended_at - row.started_at if row.ended_at and row.started_at else None
    pairs = {
        "Plan": row.plan,
        "Road": row.road,
        "Roads of its waves": _roads(row),
        "Outcome": row.outcome or f"none yet ({row.status})",
        "Started": f"{_moment(row.started_at)} by {row.started_by or 'somebody'}",
        "Ended": _moment(row.ended_at) + (f", after {_span(took)}" if took else ""),
        "Machines": ", ".join(f"{count} {state}" for state, count in row.counts.items()) or str(row.machines),
        "Report made": _moment(made),
    }
    return _definitions(pairs) + _problem(row.problem)


def _roads(row: MigrationView) -> str:
    """Name the roads of the waves that go another one than the plan."""
    return ", ".join(f"{wave.wave}: {wave.road}" for wave in row.waves if wave.road not in ("", row.road))


def _machines(rows: Iterable[MachineView]) -> str:
    lines = [
        (
            row.wave,
            row.name,
            row.state.value,
            _serves(row),
            _downtime(row),
            row.source_id,
            row.target_vm_id.rpartition("/")[2],
        )
        for row in rows
    ]
    return _table(("Wave", "Machine", "State", "Serves", "Measured downtime", "Source", "Virtual machine"), lines)


def _machine(row: MachineView, events: Sequence[EventView], decisions: Sequence[MachineDecision]) -> str:
    marks = {f"at {name}": _moment(at) for name, at in sorted(row.marks.items(), key=lambda pair: pair[1])}
    evidence = {f"evidence: {name}": str(value) for name, value in row.evidence.items()}
    outages = {f"Outage {number}": _outage(one) for number, one in enumerate(row.outages, 1)}
    pairs = {"State": row.state.value, "Serves": _serves(row), "Downtime": _downtime(row), **outages}
    pairs |= {"Target": row.target_vm_id, **marks, **evidence}
    pairs |= {f"who let it be cut over: {name}": text for name, text in cells(decisions).items()}
    inside = _definitions(pairs) + _problem(row.problem) + _decisions(decisions) + _events(events)
    return f"<details><summary>{escape(row.name)} ({escape(row.state.value)})</summary>{inside}</details>"


def _decisions(found: Sequence[MachineDecision]) -> str:
    """Tell who decided what about a machine, in which role, why, and for whom else."""
    if not found:
        return ""
    heads = ("When", "Who", "Role", "What", "Why", "With", "By way of")
    lines = [
        (
            _moment(said.at),
            said.who,
            strongest(said.roles),
            f"{said.verb} {said.gate}".strip() + (" (one of two)" if said.first else ""),
            said.comment,
            ", ".join(each.others),
            said.surface,
        )
        for each in found
        for said in (each.decision,)
    ]
    return "<h3>Who decided</h3>" + _table(heads, lines)


def _problem(facts: ProblemData | None) -> str:
    if facts is None:
        return ""
    pairs = {
        "Problem": f"{facts.title}: {facts.detail}",
        "Code": facts.code,
        "Causes": facts.causes,
        "Do": facts.advice,
    }
    return _definitions(pairs)


def _concerns(found: Sequence[Concern]) -> str:
    lines = [
        (each.category, each.id, each.machine or "the plan", each.evidence or each.title, _accepted(each))
        for each in found
    ]
    return _table(("Category", "Concern", "Of", "Evidence", "Acknowledged"), lines)


def _accepted(concern: Concern) -> str:
    return f"{concern.acknowledged_by}: {concern.acknowledged_reason}" if concern.acknowledged_by else ""


def _events(found: Sequence[EventView]) -> str:
    lines = [(_moment(each.at), each.wave, each.machine, each.text or each.what, _who(each)) for each in found]
    return _table(("When", "Wave", "Machine", "What", "Who"), lines)


def _who(event: EventView) -> str:
    comment = event.decision.comment if event.decision else ""
    return f"{event.by}: {comment}" if comment else event.by


def _definitions(pairs: dict[str, str]) -> str:
    return (
        f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in pairs.items() if text)}</dl>"
    )


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return "<p>None.</p>"
    titles = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _serves(row: MachineView) -> str:
    """Say where a machine serves, since when, and how long it is down if it is."""
    down = f", down for {_span(timedelta(seconds=row.outage_seconds))}" if row.outage_seconds is not None else ""
    return f"{row.serving.value} since {_moment(row.serving_since)}{down}"


def _outage(outage: Outage) -> str:
    if outage.ended is None:
        return f"from {_moment(outage.began)}; it has not ended"
    where = f"; it served {'in Azure' if outage.served_by == Serving.TARGET else 'on its source'} again"
    return f"from {_moment(outage.began)} to {_moment(outage.ended)} ({_span(outage.ended - outage.began)}){where}"


def _downtime(row: MachineView) -> str:
    return _span(timedelta(seconds=row.downtime_seconds)) if row.downtime_seconds is not None else ""


def _span(span: timedelta) -> str:
    return str(span - timedelta(microseconds=span.microseconds))


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at and at > NEVER else ""
