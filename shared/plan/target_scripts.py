"""Scripts of your own that run on the migrated VM: DNS, agents, domain, backup, each in its turn."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from shared.intake.text import Lines
from shared.plan.values import Duration, Flag, Name, Part

System = Literal["linux", "windows"]


class TargetScript(Part):
    """A script of your own that runs on the VM in Azure once it has booted, before its checks, as root or SYSTEM.

    It is done when its exit code is 0. On Linux the first line may name what runs it (`#!/bin/bash`), else `/bin/sh` does; on
    Windows PowerShell does. It finds in its environment `AZFERRY_MACHINE`, and `AZFERRY_RUN`: `rehearsal` or `cutover`.
    """

    name: Name = Field(description="tells it from the others of its list")
    when: Literal["rehearsal", "cutover", "both"] = Field(
        description="on the test copy, on the migrated machine, or on both; a copy in an isolated network reaches nobody"
    )
    script: Annotated[Lines, Field(min_length=1, max_length=16_384)] = Field(description="its text")
    system: System | None = Field(default=None, description="only machines that run this; left out: all")
    timeout: Duration = Field(default=timedelta(minutes=10), description="it is ended after this, and has failed")
    must_succeed: Flag = Field(
        default=True,
        description="a failure stops the machine, which serves nobody yet; false: it is a concern and the machine goes on",
    )

    def is_due(self, system: str, *, test: bool) -> bool:
        """Whether it runs on the copy (or the migrated machine) of a machine with this system; empty = not known."""
        where = "rehearsal" if test else "cutover"
        return self.when in (where, "both") and (not self.system or not system or self.system == system)


TargetScripts = Annotated[tuple[TargetScript, ...], Field(max_length=20)]


def due(scripts: Iterable[TargetScript], system: str, *, test: bool) -> tuple[TargetScript, ...]:
    """Give those of some scripts that run on a copy, or on the migrated machine, in their order."""
    return tuple(each for each in scripts if each.is_due(system, test=test))


def only_relaxed(before: Sequence[TargetScript], after: Sequence[TargetScript]) -> bool:
    """Whether scripts stayed as they are, but for failures that now may be and time that now is longer."""
    return len(before) == len(after) and all(map(_is_relaxed, before, after))


def _is_relaxed(before: TargetScript, after: TargetScript) -> bool:
    eased = before.model_copy(update={"must_succeed": after.must_succeed, "timeout": after.timeout})
    return eased == after and before.timeout <= after.timeout and before.must_succeed >= after.must_succeed
