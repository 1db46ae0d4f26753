"""Recovery plans: one for a cohort, run once, gone afterwards."""

from collections.abc import Callable

import pytest

from activities.recovery_plan import delete_recovery_plan, make_recovery_plan, plan_name, start_plan_failover
from shared.problems import CloudRefused, Later, Refused
from shared.requests import Cohort, Member
from shared.site_recovery import recovery_plans
from tests.activities.dying import Dying
from tests.activities.ferry import Ferry
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import VAULT

RUN = "*/replicationRecoveryPlans/unplannedFailover/action"
MADE = "*/replicationRecoveryPlans/write"
MEMBERS = (Member(name="web1", boot_group=2), Member(name="db1", boot_group=1))


@pytest.fixture
def stopped(prepared: Ferry) -> Ferry:
    prepared.walk("web1", "db1", until="fail_over")
    return prepared


def cohort(ferry: Ferry, **more: object) -> Cohort:
    """A look of the flow that fails the cohort over."""
    said = {"wave": ferry.wave, "number": 1, "machines": MEMBERS}
    look: Cohort = ferry.look("", "cohort-1-plan", kind=Cohort)
    return look.but(**said).but(**more)


def test_it_is_made_run_and_deleted_once_through_all_deaths(stopped: Ferry, dying: Callable[..., Dying]) -> None:
    asked = cohort(stopped)
    submits_once(stopped, dying, "make_recovery_plan", asked, MADE)
    stopped.cloud.later(60)
    plan = recovery_plans.get_plan(VAULT, plan_name(asked))
    assert plan
    names = [item.rpartition("/")[2].rpartition("-")[2] for item in plan.items]
    assert names == ["db1", "web1"], "databases first"
    assert make_recovery_plan(cohort(stopped)).job == "", "it is there"
    submits_once(stopped, dying, "start_plan_failover", asked.but(now=stopped.cloud.now()), RUN)
    assert all(stopped.row(name).mark("failoverAsked") for name in ("web1", "db1"))
    stopped.cloud.later(1_800)
    again = asked.but(now=stopped.cloud.now())
    assert start_plan_failover(again).job, "the run that ended is found, and none begins"
    assert len(effects(stopped, RUN)) == 1
    submitted = patiently(stopped, "delete_recovery_plan", again)
    assert submitted.job
    stopped.cloud.later(60)
    assert delete_recovery_plan(cohort(stopped)).job == ""


def test_a_run_that_failed_for_one_machine_before_we_knew_is_not_repeated(stopped: Ferry) -> None:
    patiently(stopped, "make_recovery_plan", cohort(stopped))
    stopped.cloud.later(60)
    stopped.cloud.fault("job-fails", scenario="UnplannedFailover", match="web1", code="28031")
    stopped.cloud.fault("drop-after", operation=RUN)
    asked = cohort(stopped)
    with pytest.raises(Later):
        stopped.ask("start_plan_failover", asked)
    stopped.cloud.later(1_800)
    submitted = patiently(stopped, "start_plan_failover", asked.but(now=stopped.cloud.now()))
    assert len(effects(stopped, RUN)) == 1
    with pytest.raises(CloudRefused) as refused:
        stopped.ask("look_job", asked.but(job=submitted.job, now=stopped.cloud.now()))
    assert refused.value.facts.code == "28031"


def test_it_does_not_run_while_a_source_runs(stopped: Ferry) -> None:
    patiently(stopped, "make_recovery_plan", cohort(stopped))
    stopped.cloud.later(60)
    stopped.ec2().start_instances(InstanceIds=[stopped.instances["db1"]])
    with pytest.raises(Refused) as refused:
        start_plan_failover(cohort(stopped))
    assert refused.value.facts.id == "source-runs"
    assert effects(stopped, RUN) == []
    assert stopped.row("web1").mark("failoverAsked") is None


def test_between_two_steps_of_a_run_a_rollback_waits_for_its_end(stopped: Ferry) -> None:
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
        except Later:
            seen.add("between")
    assert "between" in seen
    assert "in Azure" in seen
