"""What a look finds: what was seen, what it means, and what to do about it."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from shared.models import Model


class FindingSeverity(StrEnum):
    """How bad a finding is; the worst of all decides the exit code."""

    OK = "ok"
    NOTICE = "notice"
    WARNING = "warning"
    ERROR = "error"


ORDER: Final = tuple(FindingSeverity)


class HealthFinding(Model):
    """One finding."""

    id: str = Field(description="stable id, documented in docs/doctor.md")
    area: str = Field(description="versions, zones, clock, storage, sign-in, rights, aws, channels or connection")
    severity: FindingSeverity
    seen: str = Field(description="what was seen, and where")
    meaning: str = Field(default="", description="what follows from it; empty where all is well")
    remedy: str = Field(default="", description="what to do: a command, wherever there is one")


class FindingKind(Model):
    """One kind of finding: it always has the same area, severity, meaning and remedy; the remedy has places to fill."""

    id: str
    area: str
    severity: FindingSeverity = FindingSeverity.ERROR
    meaning: str = ""
    remedy: str = ""

    def seen(self, what: str, **places: str) -> HealthFinding:
        """Give a finding of this kind."""
        remedy = self.remedy.format(**places)
        return HealthFinding(
            id=self.id, area=self.area, severity=self.severity, seen=what, meaning=self.meaning, remedy=remedy
        )


class Diagnosis(Model):
    """All findings of one look, the worst first."""

    version: str = Field(default="", description="of the app that looked")
    severity: FindingSeverity = Field(default=FindingSeverity.OK, description="of the worst finding")
    findings: tuple[HealthFinding, ...] = ()


def diagnosis_of(findings: list[HealthFinding], version: str) -> Diagnosis:
    """Put findings together, the worst first; those that are alike stay in the order in which they were made."""
    ordered = sorted(findings, key=lambda each: -ORDER.index(each.severity))
    worst = ordered[0].severity if ordered else FindingSeverity.OK
    return Diagnosis(version=version, severity=worst, findings=tuple(ordered))
