"""Recovery plans: one for a cohort, run once, gone afterwards."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.pipeline.transport import RequestsTransport

from activities.recovery_plans.recovery_plan import (
    delete_recovery_plan,
    make_recovery_plan,
    plan_name,
    start_plan_failover,
)
from shared.contracts.cohorts import Cohort
from shared.contracts.requests import Poll
from shared.contracts.rounds import Member
from shared.coordination.decision import Decision
from shared.decisions.rounds import retry
from shared.ledger import events
from shared.ledger.machine_row import Mark
from shared.problems import Busy, CloudRefused, Refused
from shared.site_recovery import recovery_plans
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.in_step import in_step
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently, submits_once
from tests.clouds import VAULT

RUN = "*/replicationRecoveryPlans/unplannedFailover/action"
MADE = "*/replicationRecoveryPlans/write"
MEMBERS = (Member(name="web1", boot_group=2), Member(name="db1", boot_group=1))


@pytest.fixture
def stopped(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", "db1", until="fail_over")
    return prepared


@pytest.fixture
def ready(ferry: MigrationHarness) -> MigrationHarness:
    """The same machines, of which EC2 knows nothing."""
    in_step(ferry, plan_of("web1", "db1"))
    return ferry


def cohort(ferry: MigrationHarness, **more: object) -> Cohort:
    """A look of the flow that fails the cohort over."""
    values = {"wave": ferry.wave, "number": 1, "machines": MEMBERS}
    look: Cohort = ferry.look("", "cohort-1-plan", kind=Cohort)
    return look.replace(**values).replace(**more)


def test_it_is_made_run_and_deleted_once_through_all_deaths(
    ready: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    poll = cohort(ready)
    submits_once(ready, dying, "make_recovery_plan", poll, MADE)
    ready.cloud.later(60)
    plan = recovery_plans.get_plan(VAULT, plan_name(poll))
    assert plan
    names = [item.rpartition("/")[2].rpartition("-")[2] for item in plan.items]
    assert names == ["db1", "web1"], "databases first"
    assert make_recovery_plan(cohort(ready)).job == "", "it is there"
    submits_once(ready, dying, "start_plan_failover", poll.replace(now=ready.cloud.now()), RUN)
    assert "plan-failover-1" in [each.what for each in events.page(ready.migration, size=1_000)[0]]
    assert all(ready.row(name).mark(Mark.FAILOVER_ASKED) for name in ("web1", "db1"))
    ready.cloud.later(1_800)
    again = poll.replace(now=ready.cloud.now())
    assert start_plan_failover(again).job, "the run that ended is found, and none begins"
    assert len(effects(ready, RUN)) == 1
    submitted = patiently(ready, "delete_recovery_plan", again)
    assert submitted.job
    ready.cloud.later(60)
    assert delete_recovery_plan(cohort(ready)).job == ""


def test_a_run_that_failed_for_one_machine_before_we_knew_is_not_repeated(ready: MigrationHarness) -> None:
    patiently(ready, "make_recovery_plan", cohort(ready))
    ready.cloud.later(60)
    ready.cloud.fault("job-fails", scenario="UnplannedFailover", match="web1", code="28031")
    ready.cloud.fault("drop-after", operation=RUN)
    poll = cohort(ready)
    with pytest.raises(Busy):
        ready.ask("start_plan_failover", poll)
    ready.cloud.later(1_800)
    submitted = patiently(ready, "start_plan_failover", poll.replace(now=ready.cloud.now()))
    assert len(effects(ready, RUN)) == 1
    with pytest.raises(CloudRefused) as refused:
        ready.ask("poll_job", poll.replace(job=submitted.job, now=ready.cloud.now()))
    assert refused.value.facts.code == "28031"


def test_it_does_not_run_while_a_source_runs(stopped: MigrationHarness) -> None:
    patiently(stopped, "make_recovery_plan", cohort(stopped))
    stopped.cloud.later(60)
    stopped.ec2().start_instances(InstanceIds=[stopped.instances["db1"]])
    with pytest.raises(Refused) as refused:
        start_plan_failover(cohort(stopped))
    assert refused.value.facts.id == "source-runs"
    assert effects(stopped, RUN) == []
    assert stopped.row("web1").mark(Mark.FAILOVER_ASKED) is None


def test_between_two_steps_of_a_run_a_rollback_waits_for_its_end(stopped: MigrationHarness) -> None:
    stopped.cloud.ask(
        "PATCH", "durations", {"seconds": {"plan.group": 3_600, "UnplannedFailover.StartVmOnSecondary": 3_600}}
    )
    patiently(stopped, "make_recovery_plan", cohort(stopped))
    stopped.cloud.later(60)
    patiently(stopped, "start_plan_failover", cohort(stopped))
    seen = set()
    for _ in range(40):
        stopped.cloud.later(300)
        try:
            standing = stopped.ask("read_standing", stopped.place("web1", "rollback"))
            seen.add("a job" if standing.failover_job else "in Azure" if standing.failed_over else "at home")
        except Busy:
            seen.add("between")
    assert "between" in seen
    assert "in Azure" in seen


def test_while_it_runs_its_machines_stand_at_their_failover_and_a_cancel_waits_for_that_and_tells_of_its_end(
    stopped: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    patiently(stopped, "make_recovery_plan", cohort(stopped))
    stopped.cloud.later(60)
    stopped.stands("web1", owner="cohort")
    patiently(stopped, "start_plan_failover", cohort(stopped))
    standing = [(stopped.row(name).phase, stopped.row(name).state) for name in ("web1", "db1")]
    assert standing == [("fail_over", MachineState.CUTTING_OVER)] * 2
    taking: Poll = stopped.look("web1", "cancel", owner="roll-back")
    assert not stopped.ask("take_over", taking).settled
    assert stopped.row("web1").waiting_for == "the running step (fail_over) to come to a safe end, then cancel begins"
    stopped.cloud.later(7_200)
    here = stopped.place("web1", "cancel")
    assert after_many_deaths(dying, lambda: stopped.ask("read_standing", here)).failed_over
    (event,) = (each for each in events.page(stopped.migration, size=1_000)[0] if each.what == "failed-over")
    assert event.text.startswith("web1 was failed over and starts in Azure")


def planned_together(*names: str) -> dict[str, Any]:
    plan = plan_of(*names)
    plan["waves"][0]["cutover"] = {"mode": "recoveryPlan"}
    return plan


def going(ferry: MigrationHarness, *names: str) -> Cohort:
    """A cohort of machines that go on at their failover, and finish there."""
    members = tuple(Member(name=name, resume_at="fail_over") for name in names)
    label = f"cohort-{ferry.round}"
    poll: Cohort = ferry.look("", label, kind=Cohort)
    land = ("verify", "accept", "complete_migration")
    return poll.replace(wave=ferry.wave, number=1, machines=members, land=land, owner=f"flow-{ferry.round}")


def test_of_three_machines_in_one_plan_one_fails_and_two_arrive_and_a_retry_moves_that_one_only(
    ferry: MigrationHarness,
) -> None:
    names = ("app1", "db1", "web1")
    in_step(ferry, planned_together(*names))
    ferry.cloud.fault("job-fails", scenario="UnplannedFailover", match="web1", code="28031", times=2)
    ferry.play("cut_over_cohort", going(ferry, *names))
    assert {name: ferry.row(name).state for name in names} == {
        "app1": MachineState.CUT_OVER,
        "db1": MachineState.CUT_OVER,
        "web1": MachineState.FAILED,
    }
    failed = ferry.row("web1")
    assert failed.problem
    assert (failed.failed_in, failed.problem.code) == ("fail_over", "28031")
    alone = effects(ferry, "*/replicationProtectedItems/unplannedFailover/action")
    assert [each["path"].rpartition("/unplannedFailover")[0].rpartition("/")[2] for each in alone] == ["web1"]

    ferry.cloud.later(3_600)
    retry(ferry.migration, ["web1"], Decision(by="ann", at=ferry.cloud.now()))
    ferry.round = 2
    (member,) = ferry.ask("list_members", ferry.place(wave=ferry.wave)).members
    assert (member.name, member.resume_at) == ("web1", "fail_over")
    ferry.play("cut_over_cohort", going(ferry, "web1"))
    assert ferry.row("web1").state == MachineState.CUT_OVER
    assert len(effects(ferry, RUN)) == 2, "each plan ran once"
    assert effects(ferry, "*/replicationProtectedItems/unplannedFailover/action") == alone
    assert effects(ferry, "*/replicationRecoveryPlans/delete") != []
    moved = [each["effect"] for each in effects(ferry, "*/replicationProtectedItems/remove/action")]
    assert len(moved) == 3


@pytest.mark.parametrize("shared", [True, False])
def test_machines_that_are_kept_consistent_start_from_a_point_that_they_share(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch, *, shared: bool
) -> None:
    in_step(ferry, planned_together("db1") | {"policy": {"multiVmSync": shared}})
    poll = cohort(ferry).replace(machines=(Member(name="db1"),))
    patiently(ferry, "make_recovery_plan", poll)
    ferry.cloud.later(60)
    sent = list[Any]()
    send = RequestsTransport.send

    def listen(transport: Any, request: Any, **more: Any) -> Any:
        sent.append((request.url, request.data or request.body))
        return send(transport, request, **more)

    monkeypatch.setattr(RequestsTransport, "send", listen)
    patiently(ferry, "start_plan_failover", poll)
    (body,) = [json.loads(data) for url, data in sent if "/unplannedFailover" in url]
    (details,) = body["properties"]["providerSpecificDetails"]
    assert details["useMultiVmSyncPoint"] == str(shared).lower()
