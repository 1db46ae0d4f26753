"""The report of a migration: outcome, machines with measured downtime and time line, concerns, approvals, evidence."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import Field

from shared.models import NEVER, Model
from shared.report_html import page
from shared.views import EventView, MachineView, MigrationView

KINDS = ("html", "json", "csv")
COLUMNS = (
    "wave", "name", "state", "phase", "downtimeSeconds", "sourceId", "privateIp", "targetVmId", "round",
    "problem", "advice", "waitingFor",
)  # fmt: skip
DECISIONS = ("decided-", "gate-", "skipped-", "acknowledged-", "cutover-now", "plan-accepted", "paused", "resumed")
RISKY = "=+-@\t\r"  # a spreadsheet would run a cell that begins with one of these


class Report(Model):
    """Everything that is reported."""

    made: datetime = NEVER
    migration: MigrationView
    machines: tuple[MachineView, ...] = ()
    approvals: tuple[EventView, ...] = Field(default=(), description="who decided what, when and why")
    events: tuple[EventView, ...] = ()
    longest_downtime_seconds: int | None = None


def report_of(
    migration: MigrationView, machines: Iterable[MachineView], events: Iterable[EventView], made: datetime
) -> Report:
    """Put a report together."""
    rows, told = tuple(machines), tuple(events)
    measured = [row.downtime_seconds for row in rows if row.downtime_seconds is not None]
    return Report(
        made=made,
        migration=migration,
        machines=rows,
        approvals=tuple(one for one in told if one.what.startswith(DECISIONS) or one.what.endswith("-asked")),
        events=told,
        longest_downtime_seconds=max(measured, default=None),
    )


def rendered(report: Report, kind: str) -> str:
    """Give the report as html (one file, nothing from outside), json or csv (a line per machine)."""
    if kind == "csv":
        return as_csv(report.machines)
    if kind == "json":
        return json.dumps(
            report.model_dump(mode="json", by_alias=True, exclude_none=True), ensure_ascii=False, indent=1
        )
    return page(report.migration, report.machines, report.approvals, report.events, report.made)


def as_csv(machines: Sequence[MachineView]) -> str:
    """Give a line per machine."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for row in machines:
        told = row.model_dump(mode="json", by_alias=True)
        problem = row.problem
        told |= {
            "problem": f"{problem.code} {problem.detail}".strip() if problem else "",
            "advice": problem.advice if problem else "",
        }
        lines.writerow([_cell(told[name]) for name in COLUMNS])
    return text.getvalue()


def _cell(value: object) -> str:
    """Give a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(tuple(RISKY)) else text
