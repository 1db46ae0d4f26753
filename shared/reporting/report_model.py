"""What a report holds, before it is rendered."""

from datetime import datetime

from pydantic import Field

from shared.models import NEVER, Model
from shared.reporting.report_decisions import MachineDecision
from shared.reporting.summary import ReportSummary
from shared.reporting.views import EventView, MachineView, MigrationView


class Report(Model):
    """Everything that is reported."""

    made: datetime = NEVER
    migration: MigrationView
    summary: ReportSummary = ReportSummary()
    machines: tuple[MachineView, ...] = ()
    approvals: tuple[EventView, ...] = Field(default=(), description="who decided what, when and why")
    decisions: dict[str, tuple[MachineDecision, ...]] = Field(default={}, description="what was decided, by machine")
    events: tuple[EventView, ...] = ()
    longest_downtime_seconds: int | None = None
