"""What a source side can do: find its machines with all facts, say how they stand, stop and start them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Protocol

from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.plan.selection import SourceMatch
from shared.problems import Refused
from shared.sources.command_runner import CommandRunner
from shared.sources.source_removal import SourceRemoval


@dataclass(frozen=True)
class Sources:
    """A plan of single machines, the facts of each by name, and the entries (JSON pointers) that nothing matched."""

    plan: Plan
    facts: Mapping[str, SourceFacts]
    unmatched: tuple[str, ...] = ()


class SourceSide(Protocol):
    """One module per kind of source implements this; which one a plan has, its road says (shared/roads)."""

    has_power: ClassVar[bool]  # the app itself can stop and start its machines; else a person is asked
    failover_shuts_down: ClassVar[bool]  # Site Recovery shuts the source down as part of the failover
    told_within: ClassVar[
        timedelta
    ]  # how old the power that it tells may be: a machine that was just shut down runs there

    sees_network: ClassVar[bool] = False  # it tells the rules, routes and ACLs between machines and their server
    runner: ClassVar[CommandRunner | None] = None  # who runs scripts on its machines; None: only people can
    removal: ClassVar[SourceRemoval | None] = None  # who terminates its machines; None: only people can

    def looks_inside(self, plan: Plan) -> bool:  # noqa: ARG002 - most cannot, whatever the plan
        """Whether commands may look into its machines while they are assessed."""
        return False

    def region(self, plan: Plan) -> str | None:  # noqa: ARG002 - most are not in Azure
        """Return the Azure region that the machines come from; None where they come from elsewhere."""
        return None

    def read(self, plan: Plan, names: Collection[str] | None = None) -> Sources:
        """Find the machines of a plan (or only those named) and read their facts; changes nothing."""

    def listed(self, plan: Plan) -> tuple[SourceMatch, ...]:
        """List every machine that the plan's source shows; changes nothing. Raise `Refused` where none can be listed."""

    def state(self, plan: Plan, source_id: str) -> str:
        """Give running, stopped, stopping, pending, gone, or unknown where nobody can tell."""

    def stop(self, plan: Plan, source_id: str) -> None:
        """Ask for a stop unless it is under way."""

    def start(self, plan: Plan, source_id: str) -> None:
        """Ask for a start unless it is under way."""


class PowerlessSide(SourceSide):
    """A side whose machines the app itself cannot switch; activities ask a person instead."""

    has_power: ClassVar[bool] = False
    machines: ClassVar[str]  # what it cannot switch, in words

    def stop(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - the side's
        """Raise `Refused`: the failover, or a person, shuts the machine down."""
        raise _no_power(self.machines)

    def start(self, plan: Plan, source_id: str) -> None:  # noqa: ARG002 - the side's
        """Raise `Refused`: a person starts the machine."""
        raise _no_power(self.machines)


def _no_power(what: str) -> Refused:
    return Refused(
        f"the app cannot switch {what}",
        id="no-power",
        title="The app cannot switch this machine",
        advice="Switch it at its source, then confirm at the gate.",
    )
