"""What reading a list gives: machines with where each value stood, and findings that say what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import Field

from shared.models import Model


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"  # the row is not taken over
    WARNING = "warning"  # the row is, but not this value, or not without a look
    INFORMATION = "information"  # left out by design


class Finding(Model):
    """Something about a list that its reader has to know: where, what was read, and what to do."""

    severity: Severity
    file: str
    sheet: str = ""
    row: int = Field(default=0, description="as a spreadsheet counts, the first one is 1; 0 = the whole sheet or file")
    column: str = Field(default="", description="the header as it is written")
    read: str = Field(default="", description="what stands there")
    message: str
    advice: str = Field(default="", description="what to do")


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where in a list something stands."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    read: str = ""

    def finding(self, severity: Severity, message: str, advice: str = "") -> Finding:
        """Return a finding about what stands here."""
        return Finding(
            severity=severity,
            file=self.file,
            sheet=self.sheet,
            row=self.row,
            column=self.column,
            read=self.read,
            message=message,
            advice=advice,
        )

    def __str__(self) -> str:
        sheet = f", sheet {self.sheet}" if self.sheet else ""
        return f"{self.file}{sheet}, row {self.row}" if self.row else f"{self.file}{sheet}"


@dataclass(frozen=True, slots=True)
class ListedValue:
    """A value for one field of a plan's machine, e.g. `target.size`, and where it was read."""

    path: tuple[str, ...]
    value: Any
    place: CellPlace


@dataclass(frozen=True, slots=True)
class ListedMachine:
    """A machine as a list tells it; what the list does not say is not there."""

    key: str  # what the list calls it
    place: CellPlace
    identity: str = ""  # what tells it from others of that name, where the list has such a thing
    wave: ListedValue | None = None
    values: tuple[ListedValue, ...] = ()
    selectors: tuple[ListedValue, ...] = ()  # how it may be found at its source; which one counts the road says


@dataclass(frozen=True)
class ListReading:
    """Everything that one list says."""

    format: str
    machines: tuple[ListedMachine, ...] = ()
    findings: tuple[Finding, ...] = ()
    scenario: str = ""  # the road that it speaks of, as far as it tells
    plan: Mapping[str, Any] = field(default_factory=dict)  # what it says of the plan as a whole
    rows: int = 0
    waves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # by title: what a new one has of its own
