"""What importing lists comes to."""

from typing import Any

from pydantic import Field

from shared.lists.records import Finding, Severity
from shared.models import Model
from shared.problems import Fault


class PlanChange(Model):
    """One thing that becomes otherwise in a plan."""

    kind: str = Field(description="added, changed or moved")
    machine: str
    wave: str = ""
    field: str = Field(default="", description="of the machine, e.g. target.size")
    before: Any = None
    after: Any = None


class ReadList(Model):
    """One list that was read."""

    file: str
    format: str
    rows: int = 0
    machines: int = 0


class ImportResult(Model):
    """What lists come to in a plan."""

    lists: tuple[ReadList, ...] = ()
    machines: int = Field(default=0, description="machines that the lists hold, each once")
    changes: tuple[PlanChange, ...] = Field(default=(), description="what becomes otherwise in the plan")
    findings: tuple[Finding, ...] = Field(default=(), description="errors first, then warnings, then what was left out")
    plan: str = Field(default="", description="the whole text of the plan, as it is with the lists")
    changed: bool = Field(default=False, description="whether that text differs from the one that was given")
    valid: bool = Field(default=False, description="whether the plan could be started")
    errors: tuple[Fault, ...] = Field(default=(), description="what the plan still lacks")

    @property
    def complete(self) -> bool:
        """Whether every row was taken over."""
        return not any(each.severity is Severity.ERROR for each in self.findings)
