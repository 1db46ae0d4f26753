"""What a forecast tells, as JSON and for its page."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.models import Model

Reason = Literal["gate", "dependency", "window", "blackout", "places", "replication places"]


class Stretch(Model):
    """A part of a machine's time: a phase, or a wait between phases."""

    name: str
    begin: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.end - self.begin).total_seconds()


class Hold(Stretch):
    """A time in which something holds a machine back."""

    name: str = ""
    machine: str
    wave: str
    reason: Reason
    what: str = Field(default="", description="the gate, the wave, the window, or the limit")


class Opening(Model):
    """An opening of a wave's window."""

    opens: datetime
    closes: datetime
    owner: str = Field(default="", description="whose window: the wave, `application.` or `machine.` with its name")
    time_zone: str = "UTC"
    capacity: int = Field(default=0, description="0 = no limit of its own")
    machines: tuple[str, ...] = Field(default=(), description="those whose cutover begins in it")


class Blackout(Model):
    """A time in which no cutover begins."""

    begin: datetime
    end: datetime
    reason: str = ""


class MachineForecast(Model):
    """One machine."""

    name: str
    wave: str
    application: str = ""
    state: str = ""
    problem: str = ""
    begin: datetime | None = None
    ready: datetime | None = Field(default=None, description="it came to the approval of its cutover")
    cutover: datetime | None = Field(default=None, description="its cutover begins")
    end: datetime | None = None
    windows: str = Field(default="", description="whose windows hold for it: the owner of its openings")
    opening: datetime | None = Field(default=None, description="the opening of the window in which its cutover begins")
    downtime_seconds: int | None = Field(default=None, description="as played: half of all cutovers take longer")
    downtime90_seconds: int | None = Field(default=None, description="nine of ten cutovers take no longer")
    stretches: tuple[Stretch, ...] = ()


class WaveForecast(Model):
    """One wave."""

    name: str
    begin: datetime | None = None
    first_cutover: datetime | None = None
    last_cutover: datetime | None = None
    end: datetime | None = None
    depends_on: tuple[str, ...] = ()
    openings: tuple[Opening, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    counts: dict[str, int] = Field(default={}, description="machine state -> how many")


class Duty(Model):
    """A gate, and who must be there."""

    gate: str
    wave: str = ""
    machines: tuple[str, ...] = ()
    opens: datetime
    decided: datetime | None = Field(default=None, description="as the world's people do it; none: nobody came")
    latest: datetime | None = Field(default=None, description="it expires then")
    who: tuple[str, ...] = Field(default=(), description="whom the plan names; none = every approver")
    text: str = ""


class WaitCost(Model):
    """What waiting for one reason comes to."""

    reason: Reason
    machines: int
    machine_hours: float = Field(description="of all machines together")
    replica_gb_days: float = Field(description="disks in Azure that are kept in step meanwhile")
    longest_seconds: float = 0


class CriticalStep(Stretch):
    """A stretch that the end of the migration hangs on."""

    machine: str = ""
    wave: str = ""


class Trouble(Model):
    """A fault that was put in on purpose."""

    what: str
    at: datetime | None = None
    until: datetime | None = None
    hits: int = 0


class Verdict(Model):
    """Whether the plan bore it."""

    borne: bool
    reasons: tuple[str, ...] = Field(default=(), description="what it did not bear, in words")


class Forecast(Model):
    """A plan, played to its end before anything moves."""

    plan: str
    made: datetime
    begin: datetime
    end: datetime
    outcome: str = ""
    basis: tuple[str, ...] = Field(default=(), description="what its durations, sizes and people come from")
    machines: tuple[MachineForecast, ...] = ()
    waves: tuple[WaveForecast, ...] = ()
    holds: tuple[Hold, ...] = ()
    costs: tuple[WaitCost, ...] = ()
    duties: tuple[Duty, ...] = ()
    critical_path: tuple[CriticalStep, ...] = Field(default=(), description="from the beginning to the end")
    downtime_median_seconds: int | None = None
    downtime90_seconds: int | None = None
    spread: float = Field(default=1.0, description="how much longer than the median nine of ten cutovers take at most")
    troubles: tuple[Trouble, ...] = ()
    verdict: Verdict | None = None

    @property
    def makespan(self) -> float:
        """Seconds from beginning to end."""
        return (self.end - self.begin).total_seconds()
