"""What the API answers, as far as the command line shows it; what is missing has a default, what is more is ignored."""

from datetime import datetime
from typing import Any

from pydantic import Field

from shared.models import NEVER, Model
from shared.problems import ProblemData


class GateSeen(Model):
    """A gate that waits for people."""

    name: str
    wave: str = ""
    machine: str = ""
    text: str = ""
    release: str = ""
    since: datetime | None = None
    expires: datetime | None = None
    pending: tuple[str, ...] = ()


class ConcernSeen(Model):
    """A concern of a machine or of the plan; that of `shared` would bring all rules of plans into every command."""

    id: str
    category: str = ""
    title: str = ""
    machine: str = ""
    evidence: str = ""
    advice: str = ""
    acknowledged_by: str = ""


class WaveSeen(Model):
    """A wave and how far it is."""

    wave: str
    road: str = ""
    state: str = ""
    counts: dict[str, int] = Field(default={})


class MigrationSeen(Model):
    """A migration, with its waves and open gates where they were asked for."""

    id: str
    plan: str = ""
    scenario: str = ""
    road: str = ""
    mode: str = ""
    status: str = ""
    outcome: str = ""
    phase: str = ""
    waiting_for: str = ""
    release: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    started_by: str = ""
    stamp: datetime | None = None
    machines: int = 0
    counts: dict[str, int] = Field(default={})
    percent: float | None = None
    waves: tuple[WaveSeen, ...] = ()
    gates: tuple[GateSeen, ...] = ()
    left_out: dict[str, str] = Field(default={})
    attention: tuple[str, ...] = ()
    problem: ProblemData | None = None
    concerns: tuple[ConcernSeen, ...] = ()

    @property
    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self.status == "Ended"


class LeftOverSeen(Model):
    """Something that is left behind of a machine."""

    kind: str = ""
    id: str = ""
    state: str = ""
    detail: str = ""


class MachineEvidenceSeen(Model):
    """What of a machine's evidence is shown."""

    left_overs: tuple[LeftOverSeen, ...] = ()


class MachineSeen(Model):
    """A machine of a migration."""

    name: str
    wave: str = ""
    state: str = ""
    phase: str = ""
    failed_in: str = ""
    waiting_for: str = ""
    release: str = ""
    percent: float | None = None
    lag_seconds: int | None = None
    eta: datetime | None = None
    problem: ProblemData | None = None
    concerns: tuple[ConcernSeen, ...] = ()
    serving: str = ""
    outage_seconds: int | None = None
    downtime_seconds: int | None = None
    unfit: str = ""
    paused_by: str = ""
    evidence: MachineEvidenceSeen = MachineEvidenceSeen()
    stamp: datetime | None = None


class EventSeen(Model):
    """Something that happened."""

    id: str
    at: datetime
    wave: str = ""
    machine: str = ""
    phase: str = ""
    what: str = ""
    text: str = ""
    by: str = ""


class RuleFindingSeen(Model):
    """What a rule found at a machine, or at the plan."""

    machine: str = ""
    evidence: str = ""
    acknowledged_by: str = ""


class JudgedRuleSeen(Model):
    """A rule of an assessment that found something."""

    id: str
    category: str = ""
    title: str = ""
    advice: str = ""
    findings: tuple[RuleFindingSeen, ...] = ()


class AssessedMachineSeen(Model):
    """A machine of an assessment."""

    name: str
    wave: str = ""
    found: bool = True
    blocked: bool = False
    state: str = ""
    os_name: str = ""
    os_family: str = ""
    cores: int | None = None
    memory_gb: float | None = None
    disks_gb: tuple[float, ...] = ()
    concerns: tuple[str, ...] = ()


class AssessmentSeen(Model):
    """A plan as it was judged before anything was started."""

    id: str
    plan: str = ""
    blocked: bool = False
    machines: tuple[AssessedMachineSeen, ...] = ()
    rules: tuple[JudgedRuleSeen, ...] = ()
    unmatched: tuple[str, ...] = ()

    @property
    def stops(self) -> bool:
        """Tell whether something would be stopped."""
        return self.blocked or any(each.blocked for each in self.machines)


class InventoriedMachineSeen(AssessedMachineSeen):
    """A machine of an inventory."""

    instance_id: str = ""
    vm_id: str = ""
    source_name: str = ""
    covered_by: tuple[str, ...] = ()


class InventorySeen(Model):
    """What a source has."""

    id: str
    uncovered: int = 0
    target_known: bool = True
    machines: tuple[InventoriedMachineSeen, ...] = ()


class SelectedMachineSeen(Model):
    """A machine that an entry selects."""

    name: str
    source_id: str = ""
    source_name: str = ""
    private_ip: str = ""


class SelectionSeen(Model):
    """An entry that may mean several machines."""

    wave: str
    selects: str = ""
    machines: tuple[SelectedMachineSeen, ...] = ()
    elsewhere: tuple[str, ...] = ()


class SelectionPreviewSeen(Model):
    """What the selections of a plan find."""

    plan: str = ""
    entries: tuple[SelectionSeen, ...] = ()


class ProfileVersionSeen(Model):
    """One version of a profile, and what it made otherwise."""

    version: int
    at: datetime = NEVER
    by: str = ""
    comment: str = ""
    dropped: bool = False
    changes: tuple[str, ...] = ()


class ProfileSeen(Model):
    """A profile, alone or in the list."""

    name: str
    version: int
    description: str = ""
    at: datetime = NEVER
    by: str = ""
    settings: dict[str, Any] = Field(default={})
    versions: tuple[ProfileVersionSeen, ...] = ()


class ProfilesSeen(Model):
    """All profiles."""

    value: tuple[ProfileSeen, ...] = ()
