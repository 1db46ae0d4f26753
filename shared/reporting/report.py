"""The report of a migration: outcome, machines with measured downtime and time line, concerns, approvals, evidence."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.ledger.machine_row import Mark
from shared.reporting import ledger_views, report_decisions
from shared.reporting.csv_lines import csv_text
from shared.reporting.report_decisions import MachineDecision, decisions_of
from shared.reporting.report_html import page
from shared.reporting.report_model import Report
from shared.reporting.summary import summary_of
from shared.reporting.views import EventView, MachineView, MigrationView
from shared.reporting.wave_views import planned
from shared.reporting.window_keeping import WindowKeeping, window_keeping

KINDS = ("html", "json", "csv", "xlsx")
COLUMNS = (
    "wave", "name", "state", "phase", "serving", "servingSince", "outageSeconds", "downtimeSeconds", "sourceId",
    "privateIp", "targetVmId", "round", "problem", "advice", "waitingFor", *report_decisions.COLUMNS,
    "since", "eta", "recoveryPointAt", *(f"{mark}At" for mark in Mark),
    "dropped",
)  # fmt: skip


def report_of(
    migration: MigrationView, machines: Iterable[MachineView], events: Iterable[EventView], made: datetime
) -> Report:
    """Put a report together; whether windows were kept is told where the ledger has the plan."""
    rows, history = tuple(machines), tuple(events)
    measured = [row.downtime_seconds for row in rows if row.downtime_seconds is not None]
    return Report(
        made=made,
        migration=migration,
        machines=rows,
        summary=summary_of(migration, rows, history, WindowKeeping()),
        approvals=tuple(each for each in history if _is_decided(each)),
        decisions=decisions_of(history),
        events=history,
        longest_downtime_seconds=max(measured, default=None),
    )


def report_at(migration: MigrationView, events: Iterable[EventView], made: datetime) -> Report:
    """Give the report of a migration in the ledger, as of a moment."""
    report = report_of(migration, ledger_views.every_machine(migration.id, made), events, made)
    windows = window_keeping(planned(migration.id), migration.started_at, report.machines)
    return report.replace(summary=report.summary.replace(windows=windows))


def _is_decided(event: EventView) -> bool:
    """Whether somebody decided with it: at a gate, by a command, or with the plan itself, which has no gate."""
    changes = event.data is not None and event.data.changed is not None
    return event.decision is not None or event.what == "plan-accepted" or changes


def file_of(report: Report, kind: str) -> bytes:
    """Give the report as a file of that kind."""
    if kind != "xlsx":
        return rendered(report, kind).encode()
    from shared.reporting.workbooks import workbook_of  # noqa: PLC0415 - few ask for one; the app starts sooner

    return workbook_of(report)


def rendered(report: Report, kind: str) -> str:
    """Give the report as html (one file, nothing from outside), json or csv (a line per machine)."""
    if kind == "csv":
        return as_csv(report.machines, report.decisions)
    if kind == "json":
        return json.dumps(
            report.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False, indent=1
        )
    return page(report)


def as_csv(machines: Sequence[MachineView], decisions: Mapping[str, Sequence[MachineDecision]]) -> str:
    """Give a line per machine."""
    lines = []
    for row in machines:
        values = row.model_dump(mode="json", by_alias=True)
        problem = row.problem
        values |= {
            "problem": f"{problem.code} {problem.detail}".strip() if problem else "",
            "advice": problem.advice if problem else "",
            "dropped": f"{row.dropped.by or 'somebody'}: {row.dropped.why}" if row.dropped else "",
            **report_decisions.cells(decisions.get(row.name, ())),
            **{f"{mark}At": values["marks"].get(mark, "") for mark in Mark},
        }
        lines.append([values[name] for name in COLUMNS])
    return csv_text(COLUMNS, lines)
