"""When and how a wave cuts over: gates, windows, acceptance."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from shared.intake.text import Line
from shared.plan.actions import Action
from shared.plan.values import Duration, Flag, LocalTime, MaybeDuration, MonthDay, Part, Start, TimeZone, Whole

# An app role of Entra, or the object id of a person or group member.
Approver = Annotated[
    str, Field(pattern=r"^([a-z][a-z0-9]*(\.[a-z][a-z0-9]*)+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$")
]
Approvers = Annotated[tuple[Approver, ...], Field(max_length=100)]


class Deciders(Part):
    """Who decides, and what they have to say."""

    approvers: Approvers = Field(
        default=(),
        description="who of the approvers may pass gates: roles or object ids of Entra; none = every approver",
        examples=[["azferry.owner", "0f8fad5b-d9cb-469f-a165-70867728950e"]],
    )
    escalate_to: Approvers = Field(
        default=(), description="who may pass a gate, too, once nine tenths of its time are over"
    )
    comments: Literal["usual", "always"] = Field(
        default="usual",
        description="where people have to say why; usual: reject, skip, acknowledge, rollback, confirm; always: everywhere",
    )


class Gates(Part):
    """Where people decide."""

    test: Literal["manual", "auto", "skip"] = Field(
        default="auto",
        description="manual: test machines stay up until a person accepts; auto: the checks decide; skip: no rehearsal",
    )
    cutover: Literal["manual", "auto"] = Field(default="manual", description="manual: cutover waits for an approval")
    keep_test_for: Duration = Field(
        default=timedelta(hours=24), description="longest time that test machines stay up for people"
    )
    expires: MaybeDuration = Field(
        default=None, description="an open gate counts as rejected after this; left out: never"
    )
    four_eyes: Flag = Field(
        default=False,
        description="who started the migration may pass none of its gates cutover, accept and decommission",
    )
    approvers: Approvers = Field(default=(), description="who may pass its gates; left out: as the plan says")
    escalate_to: Approvers = Field(default=(), description="left out: as the plan says")


class Rehearsal(Part):
    """How the machines of a wave are rehearsed."""

    mode: Literal["machine", "recoveryPlan"] = Field(
        default="machine",
        description="each as soon as it is in step, or all together as recovery plans, once all of the wave are",
    )


class Blackout(Part):
    """A time in which no cutover begins, whatever the windows say; local to the window's time zone."""

    start: LocalTime = Field(description="first moment, e.g. 2026-12-24T00:00")
    end: LocalTime = Field(description="first moment after it")
    reason: Line = Field(default="", max_length=256, description="shown to the operator")


class Window(Part):
    """A time in which machines may cut over."""

    start: Start = Field(
        description="local to the time zone (2026-12-01T22:00), or relative to the plan's acceptance (+PT2H)",
        examples=["2026-12-01T22:00", "+PT2H"],
    )
    length: MaybeDuration = Field(default=None, description="how long it is open; this or `end`")
    end: LocalTime = Field(default="", description="when it closes, local to the time zone; this or `length`")
    time_zone: TimeZone = Field(default="UTC", description="IANA time zone", examples=["Europe/Amsterdam"])
    lockout: Duration = Field(default=timedelta(), description="no cutover begins in this last part of the window")
    capacity: Whole = Field(default=0, ge=0, le=10_000, description="machines per opening; 0 = the plan's limit only")
    every: Literal["", "daily", "weekly", "monthly"] = Field(
        default="", description="opens again at the same local time"
    )
    day: MonthDay = Field(
        default="",
        description="which day of the month a monthly window opens on; left out: that of its start",
        examples=["second saturday", "last sunday", "last day"],
    )
    blackouts: tuple[Blackout, ...] = Field(default=(), max_length=100, description="times left out")
    overrun: Literal["finish", "stop", "rollback"] = Field(
        default="finish",
        description="machines under way when it closes: finish; stop before the next step; or go back to the source",
    )

    @property
    def is_relative(self) -> bool:
        """Tell whether it starts so long after the plan's acceptance; else at a date."""
        return self.start.startswith("+")


class Cutover(Part):
    """How the machines of a wave fail over."""

    mode: Literal["machine", "recoveryPlan"] = Field(
        default="machine", description="one by one, or as a Site Recovery recovery plan made for the cohort"
    )
    failover: Literal["planned", "unplanned"] = Field(
        default="planned",
        description="planned: nothing is lost, where Site Recovery offers it (Hyper-V); unplanned: the fall-back",
    )
    actions: tuple[Action, ...] = Field(
        default=(), max_length=50, description="what people, runbooks and scripts do while a recovery plan runs"
    )
    windows: tuple[Window, ...] = Field(default=(), max_length=20, description="none = at once after approval")
    recovery_point: Literal["latest", "latestProcessed", "latestAppConsistent", "latestCrashConsistent"] = Field(
        default="latest", description="the recovery point that machines start from"
    )
    max_lag: Duration = Field(
        default=timedelta(minutes=15), description="a machine whose replication lags more does not begin"
    )
    together: Flag = Field(
        default=False,
        description="without a gate: all machines of the wave go at once, however long one of them stays behind; else "
        "those that are ready go when the window opens",
    )
    expected_duration: Duration = Field(
        default=timedelta(minutes=30), description="a cutover begins only if so much of the window is left"
    )
    on_verify_failed: Literal["wait", "rollBack"] = Field(
        default="wait",
        description="a migrated machine that does not boot, or whose scripts or checks fail: wait for a person; or try again "
        "until `verifyDeadline`, then roll it back to its source without asking",
    )
    verify_deadline: MaybeDuration = Field(
        default=None, description="with `onVerifyFailed: rollBack`: how long after its failover it has to be verified"
    )

    def is_relaxed_to(self, later: "Cutover") -> bool:
        """Whether machines that are not verified wait for a person then, or go back no sooner than now."""
        if later.on_verify_failed == "wait":
            return True
        before, after = self.verify_deadline, later.verify_deadline
        return self.on_verify_failed == "rollBack" and before is not None and after is not None and before <= after


class Acceptance(Part):
    """A time in which a person looks at the migrated machines."""

    timer: MaybeDuration = Field(
        default=None, description="how long; left out: machines are accepted at once, unless `onTimeout` is wait"
    )
    on_timeout: Literal["accept", "rollback", "wait"] = Field(
        default="accept", description="what happens without a decision; wait: for a person, as long as it takes"
    )

    @property
    def asks(self) -> bool:
        """Tell whether somebody may decide before a machine is accepted."""
        return self.timer is not None or self.on_timeout == "wait"
