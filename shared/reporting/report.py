"""The report of a migration: outcome, machines with measured downtime and time line, concerns, approvals, evidence."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from shared.ledger.machine_row import Mark
from shared.reporting import report_decisions
from shared.reporting.csv_lines import csv_text
from shared.reporting.report_decisions import MachineDecision, decisions_of
from shared.reporting.report_html import page
from shared.reporting.report_model import Report
from shared.reporting.views import EventView, MachineView, MigrationView

KINDS = ("html", "json", "csv", "xlsx")
COLUMNS = (
    "wave", "name", "state", "phase", "serving", "servingSince", "outageSeconds", "downtimeSeconds", "sourceId",
    "privateIp", "targetVmId", "round", "problem", "advice", "waitingFor", *report_decisions.COLUMNS,
    "since", "eta", "recoveryPointAt", *(f"{mark}At" for mark in Mark),
)  # fmt: skip
DECISIONS = (
    "decided-",
    "seconded-",
    "gate-",
    "skipped-",
    "acknowledged-",
    "cutover-now",
    "plan-accepted",
    "paused",
    "resumed",
)


def report_of(
    migration: MigrationView, machines: Iterable[MachineView], events: Iterable[EventView], made: datetime
) -> Report:
    """Put a report together."""
    rows, history = tuple(machines), tuple(events)
    measured = [row.downtime_seconds for row in rows if row.downtime_seconds is not None]
    return Report(
        made=made,
        migration=migration,
        machines=rows,
        approvals=tuple(each for each in history if each.what.startswith(DECISIONS) or each.what.endswith("-asked")),
        decisions=decisions_of(history),
        events=history,
        longest_downtime_seconds=max(measured, default=None),
    )


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
            **report_decisions.cells(decisions.get(row.name, ())),
            **{f"{mark}At": values["marks"].get(mark, "") for mark in Mark},
        }
        lines.append([values[name] for name in COLUMNS])
    return csv_text(COLUMNS, lines)
