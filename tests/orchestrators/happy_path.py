"""A stage on which everything goes well at once; a test overrides the one thing that it is about."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from orchestrators import (
    accept,
    accept_test_vm,
    assess,
    await_window,
    check_connectivity,
    clean_up,
    clean_up_test_failover,
    complete_migration,
    cut_over_cohort,
    decommission_source,
    enable_replication,
    fail_over,
    initial_sync,
    install_agent,
    migrate,
    migrate_wave,
    open_security_groups,
    prepare_vault,
    protect_target,
    quiesce,
    register_appliance,
    rehearse,
    restore_source,
    roll_back,
    set_replication_policy,
    start_test_failover,
    stop_source,
    verify,
    verify_test_vm,
    walk_machine,
    watch_vault,
)
from shared.contracts import contracts
from shared.contracts.cohorts import Cohorts, CutoverMode, WindowPollResult
from shared.contracts.inspections import Inspecting
from shared.contracts.requests import BootResult, FailoverResult, GatePollResult, PollResult, Submitted, SyncResult
from shared.contracts.rounds import CutoverProgress, Member, Members, RoadWalk, Waves
from shared.contracts.sources import AppliancePollResult, CommandStarted, Installation, Preparation, RouteJudgement
from shared.contracts.unverified import VerificationOutlook
from shared.contracts.watcher import WatcherTick
from shared.durable.fan_out import BRANCH, branch
from shared.models import Done, Scope, Settled
from shared.problems import HeldByPause
from tests.play import Stage

PLAN = Scope(migration="finance.1")
MACHINE = Scope(migration="finance.1", wave="shop", machine="db1")
PREPARE = (
    "check_connectivity",
    "install_agent",
    "enable_replication",
    "initial_sync",
    "start_test_failover",
    "verify_test_vm",
    "accept_test_vm",
    "clean_up_test_failover",
)
PREPARATION = tuple(phase for phase in contracts.PLAN_PHASES if phase != "assess")
LAND = ("verify", "accept", "complete_migration", "clean_up")

MODULES = (
    accept, accept_test_vm, assess, await_window, check_connectivity, clean_up, clean_up_test_failover, complete_migration,
    decommission_source, enable_replication, fail_over, initial_sync, install_agent, open_security_groups,
    prepare_vault, protect_target, quiesce, register_appliance, rehearse, set_replication_policy, restore_source, stop_source, start_test_failover,
    verify, verify_test_vm, walk_machine, migrate_wave, cut_over_cohort, migrate, roll_back, watch_vault,
)  # fmt: skip


@cache
def bodies() -> Mapping[str, Any]:
    """Every orchestrator's plain body by its contract's name."""
    phases = [phase for phase in vars(contracts).values() if isinstance(phase, contracts.Phase)]
    found = {
        phase.name: (phase, getattr(module, phase.name))
        for phase in phases
        for module in MODULES
        if hasattr(module, phase.name) and callable(getattr(module, phase.name))
    }
    return found | {"branch": (BRANCH, branch)}


def says(reply: Any) -> Callable[[Any], Any]:
    """An activity that always replies the same."""
    return lambda wire: reply


def approves_all(*members: Member) -> Callable[[Any], Cohorts]:
    """The gate of a wave that is approved for all as soon as all are prepared."""

    def look(wire: dict[str, Any]) -> Cohorts:
        if wire.get("taken"):
            return Cohorts(settled=True, taken=1)
        if not wire.get("prepared"):
            return Cohorts(patience=86_400)
        return Cohorts(settled=True, taken=1, cohorts=(members,) if members else ())

    return look


def _named(wire: dict[str, Any]) -> tuple[Member, ...]:
    """The machines of a cohort."""
    return tuple(Member.model_validate(each) for each in wire["machines"])


AT_ONCE: dict[Any, Any] = {
    PollResult: PollResult(settled=True),
    Installation: Installation(settled=True),
    SyncResult: SyncResult(settled=True, differs=True),
    BootResult: BootResult(settled=True, checks=True),
    Done: Done(),
    Settled: Settled(),
}


@cache
def _usual() -> Mapping[str, Any]:
    """What activities reply of which nothing special is wanted."""
    activities = [each for each in vars(contracts).values() if isinstance(each, contracts.Activity)]
    replies = {activity.name: says(AT_ONCE.get(activity.gives)) for activity in activities}
    return replies | {
        activity.name: says(Submitted(job=f"job-{activity.name}", patience=600))
        for activity in activities
        if activity.gives is Submitted
    }


def happy_stage(*members: Member, **overrides: Any) -> Stage:
    """Give a stage for one wave with these machines."""
    special = {
        "begin_round": says(Waves(phases=("assess",), roads=(RoadWalk(phases=PREPARATION, waves=("shop",)),))),
        "list_members": says(Members(members=members, prepare=PREPARE, land=LAND)),
        "hold_cohort": lambda wire: Members(members=_named(wire)),
        "hold_rehearsal": lambda wire: Members(members=_named(wire)),
        "gather_rehearsal": lambda wire: Cohorts(settled=True, cohorts=(_named(wire),)),
        "start_inspection": says(Inspecting()),
        "check_routes": says(RouteJudgement()),
        "list_finalized": says(Members()),
        "list_protections": says(Members()),
        "list_round": says(Members()),
        "poll_gate": says(GatePollResult(settled=True, decision="approve")),
        "send_command": says(CommandStarted(command="command-1")),
        "read_preparation": says(Preparation()),
        "poll_appliance": says(AppliancePollResult(settled=True, registered=True, healthy=True)),
        "poll_approval": approves_all(*members),
        "read_cutover_mode": says(CutoverMode()),
        "poll_window": lambda wire: WindowPollResult(settled=True, machines=_named(wire)),
        "read_decommission": says(WindowPollResult(settled=True)),
        "read_failover": says(FailoverResult()),
        "read_standing": says(CutoverProgress()),
        "read_services": says(CutoverProgress()),
        "read_vault": says(WatcherTick()),
        "judge_verification": says(VerificationOutlook()),
    }
    acts = {**_usual(), **special, **overrides}
    return Stage(children=bodies(), **{name: entering(act, acts["enter"]) for name, act in acts.items()})


def entering(act: Callable[[Any], Any], enter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An activity that enters its phase first, where it is asked to: as `enter` would. A real one does so itself."""

    def entered(wire: dict[str, Any]) -> Any:
        if wire.get("enters"):
            request = {name: value for name, value in wire.items() if name != "enters"}
            if not enter(request | {"owner": wire["enters"], "tag": wire["phase"]}).settled:
                raise HeldByPause("paused by bob")
        return act(wire)

    return act if getattr(act, "is_real", False) else entered


HOUR = timedelta(hours=1)
