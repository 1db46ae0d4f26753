"""Fail over: once, from a source that rests; found again after a crash."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from activities.fail_over import read_failover, start_failover
from activities.flow.failover_rules import check_source_rests
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.ids import request_id
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import Mark
from shared.problems import Busy, CloudRefused, Interrupted, Refused
from shared.site_recovery import failover
from shared.site_recovery.recovery_points import RecoveryPoint, list_recovery_points
from tests.activities.crash_injection import Dying
from tests.activities.in_step import in_step, protect, stand
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import RCM, VAULT

FAILOVER = "*/unplannedFailover/action"
PHASE = "fail_over"


@pytest.fixture
def stopped(prepared: MigrationHarness) -> MigrationHarness:
    """Two machines whose sources are stopped for their failover."""
    prepared.walk("web1", "db1", until=PHASE)
    return prepared


def test_it_is_submitted_once_through_all_deaths(stopped: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = stopped.look("web1", PHASE)
    sent = submits_once(stopped, dying, "start_failover", look, FAILOVER)
    assert sent["client_request_id"] == request_id(look.key, "failover")
    assert stopped.row("web1").mark(Mark.FAILOVER_ASKED)
    stopped.cloud.later(1_200)
    done = stopped.place("web1", PHASE)
    for _ in range(2):
        read_failover(done)
    row = stopped.row("web1")
    assert row.marks[Mark.FAILED_OVER] == done.now
    assert row.target_vm_id.endswith("/virtualMachines/web1")
    assert start_failover(stopped.look("web1", PHASE, round=1)).job, "its own job is followed, however late"
    assert start_failover(stopped.look("web1", PHASE).replace(round=2)).job == "", "it lives in Azure: nothing is asked"


def test_lost_answers_are_busy_and_the_failover_is_found_again(stopped: MigrationHarness) -> None:
    for name, kind in (("web1", "drop-after"), ("db1", "drop-before")):
        stopped.cloud.fault(kind, operation=FAILOVER)
        look = stopped.look(name, PHASE)
        with pytest.raises(Busy):
            stopped.ask("start_failover", look)
        stopped.cloud.later(1_200)  # it may have ended before we are back
        assert patiently(stopped, "start_failover", look.replace(now=stopped.cloud.now())).job
    assert len(effects(stopped, FAILOVER)) == 2


def test_a_source_that_runs_again_is_never_failed_over(stopped: MigrationHarness) -> None:
    stopped.ec2().start_instances(InstanceIds=[stopped.instances["web1"]])
    with pytest.raises(Refused) as refused:
        stopped.ask("start_failover", stopped.look("web1", PHASE))
    assert refused.value.facts.id == "source-runs"
    assert effects(stopped, FAILOVER) == []
    check_source_rests(machine_context(stopped.place("db1", PHASE)))


def test_a_rollback_comes_before_the_failover_but_a_cancellation_too_late(stopped: MigrationHarness) -> None:
    for name, intent in (("web1", Intent.ROLLBACK), ("db1", Intent.CANCEL)):
        control = Control(migration=stopped.migration, machine=name, intent=intent, at=stopped.cloud.now())
        operator_intents.set_intent(control)
    with pytest.raises(Interrupted):
        start_failover(stopped.look("web1", PHASE))
    assert start_failover(stopped.look("db1", PHASE)).job
    assert len(effects(stopped, FAILOVER)) == 1


def test_a_failover_that_failed_tells_why_and_a_retry_asks_again(stopped: MigrationHarness) -> None:
    stopped.cloud.fault("job-fails", scenario="UnplannedFailover", code="28031")
    with pytest.raises(CloudRefused) as refused:
        stopped.step("web1", PHASE)
    problem = refused.value.facts
    assert (problem.code, bool(problem.causes), bool(problem.advice)) == ("28031", True, True)
    with pytest.raises(CloudRefused, match="Failover failed"):
        read_failover(stopped.place("web1", PHASE))
    again = stopped.look("web1", PHASE).replace(round=2)
    assert patiently(stopped, "start_failover", again).job
    assert len(effects(stopped, FAILOVER)) == 2


def test_while_it_is_under_way_its_end_is_waited_for(stopped: MigrationHarness) -> None:
    start_failover(stopped.look("web1", PHASE))
    stopped.cloud.later(60)
    with pytest.raises(Busy):
        stopped.ask("read_failover", stopped.place("web1", PHASE))


def test_a_machine_that_is_not_protected_any_more_is_refused(stopped: MigrationHarness) -> None:
    stopped.cloud.control.delete(
        f"{stopped.row('web1').item_id}?api-version=2025-08-01", headers={"Authorization": "Bearer x"}
    ).raise_for_status()
    stopped.cloud.later(60)
    for act in (
        lambda: start_failover(stopped.look("web1", PHASE)),
        lambda: read_failover(stopped.place("web1", PHASE)),
    ):
        with pytest.raises(CloudRefused, match="not protected any more"):
            act()


@pytest.mark.parametrize(("wanted", "found"), [("latestCrashConsistent", True), ("latestAppConsistent", False)])
def test_the_kind_of_recovery_point_is_the_plans_choice(ferry: MigrationHarness, wanted: str, *, found: bool) -> None:
    plan = plan_of("web1")
    plan["waves"][0]["cutover"] = {"recoveryPoint": wanted}
    in_step(ferry, plan)
    if found:
        assert start_failover(ferry.look("web1", PHASE)).job
        return
    with pytest.raises(Refused, match="no recovery point of the kind latestAppConsistent"):
        start_failover(ferry.look("web1", PHASE))
    assert effects(ferry, FAILOVER) == []


def pointed(ferry: MigrationHarness, wanted: Callable[[RecoveryPoint], str]) -> RecoveryPoint:
    """Put a machine in step, whose plan then wants its third last recovery point in some words; give that point."""
    items = protect(ferry, "web1")
    ferry.cloud.later(3_600)
    point = list_recovery_points(VAULT, ferry.cloud.ref("web1"))[2]
    plan = plan_of("web1")
    plan["waves"][0]["machines"][0]["recoveryPoint"] = wanted(point)
    stand(ferry, plan, items)
    return point


def by_moment(point: RecoveryPoint) -> str:
    assert point.recovery_point_time
    return (point.recovery_point_time + timedelta(seconds=30)).isoformat(timespec="seconds")


@pytest.mark.parametrize("wanted", [lambda point: point.name, by_moment])
def test_a_machine_may_start_from_a_point_of_its_own(
    ferry: MigrationHarness, wanted: Callable[[RecoveryPoint], str]
) -> None:
    point = pointed(ferry, wanted)
    assert start_failover(ferry.look("web1", PHASE)).job
    ferry.cloud.later(1_800)
    item = ferry.cloud.control.get(
        f"{ferry.row('web1').item_id}?api-version=2025-08-01", headers={"Authorization": "Bearer x"}
    ).json()
    assert item["properties"]["providerSpecificDetails"]["failoverRecoveryPointId"].endswith(point.name)
    assert point.name in ferry.row("web1").evidence.failed_over_to


@pytest.mark.parametrize("gone", ["3f7c0a4e-9a77-4f51-8c31-1f0e6f2b7d11", "2020-01-01T00:00:00Z"])
def test_a_point_that_is_not_there_is_refused_before_anything_is_asked(ferry: MigrationHarness, gone: str) -> None:
    pointed(ferry, lambda _: gone)
    with pytest.raises(Refused) as refused:
        start_failover(ferry.look("web1", PHASE))
    assert (refused.value.facts.id, gone in refused.value.facts.detail) == ("no-such-recovery-point", True)
    assert effects(ferry, FAILOVER) == []


def test_a_point_that_went_since_is_refused_by_azure(ferry: MigrationHarness) -> None:
    in_step(ferry, plan_of("web1"))
    gone = f"{ferry.row('web1').item_id}/recoveryPoints/3f7c0a4e-9a77-4f51-8c31-1f0e6f2b7d11"
    with pytest.raises(CloudRefused) as refused:
        failover.fail_over(
            VAULT, ferry.cloud.ref("web1"), RCM, shut_down=False, recovery_point_id=gone, request=request_id("x", "y")
        )
    assert refused.value.facts.code == "RecoveryPointNotFound"
