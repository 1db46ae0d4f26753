"""What people, runbooks and scripts do while a recovery plan runs, before or after one of its boot groups."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from shared.intake.text import Label, Statement
from shared.plan.choices import exactly_one, one_of
from shared.plan.values import MaybeDuration, Part, Whole, not_null

KINDS = ("manual", "runbook", "script")
RUNBOOK_ID = (
    r"^/subscriptions/[0-9A-Fa-f-]{36}/resourceGroups/[^/\s]{1,90}/providers/Microsoft\.Automation"
    r"/automationAccounts/[^/\s]{1,50}/runbooks/[^/\s]{1,63}$"
)

Side = Literal["source", "target"]
Run = Literal["failover", "testFailover"]


class Runbook(Part):
    """A runbook of Azure Automation."""

    id: str = Field(pattern=RUNBOOK_ID, description="its ARM id")
    timeout: MaybeDuration = Field(default=None, description="how long it may take; left out: Site Recovery's own")
    side: Side = Field(default="target", description="for which side it runs")


class Script(Part):
    """A script in the library of a VMM server; it runs on that server, which is at the source."""

    path: Label = Field(
        min_length=1, max_length=1024, description="relative to the library's share", examples=[r"\Scripts\dns.ps1"]
    )
    timeout: MaybeDuration = Field(default=None, description="how long it may take; left out: Site Recovery's own")


class Action(Part):
    """Something that is done while a recovery plan runs; exactly one of manual, runbook, script.

    Every recovery plan that is made for machines of its boot group has it: a wave that cuts over in several parts, or
    is retried, asks for it again.
    """

    model_config = ConfigDict(json_schema_extra=one_of(KINDS))

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _-]{0,63}$", description="unique in the wave")
    when: Literal["before", "after"] = Field(
        default="after", description="before or after the machines of the group start"
    )
    boot_group: Whole = Field(default=1, ge=1, le=7, description="the group, as machines of the wave name it")
    during: tuple[Run, ...] = Field(
        default=("failover",),
        min_length=1,
        max_length=2,
        description="in which runs; rehearsals as recovery plans only",
    )
    manual: Statement = Field(
        default="",
        min_length=1,
        max_length=4096,
        description="what a person has to do; the run waits until somebody approves that it was done",
    )
    runbook: Annotated[Runbook | None, BeforeValidator(not_null)] = Field(default=None, description="a runbook to run")
    script: Annotated[Script | None, BeforeValidator(not_null)] = Field(
        default=None, description="a script to run (Hyper-V with VMM only)"
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        exactly_one(self, KINDS)
        return self
