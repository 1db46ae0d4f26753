"""The run of a recovery plan: it holds for people, is resumed for what they approved and for nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.flow.vault_watcher import read_vault
from activities.recovery_plans import recovery_plan_job
from activities.recovery_plans.recovery_plan import plan_name
from shared.contracts.cohorts import Cohort
from shared.contracts.rounds import Member
from shared.contracts.watcher import Watch
from shared.coordination import gates, operator_intents, waits
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.operator_intents import ALL_MACHINES, Control, Intent
from shared.ledger import events
from shared.problems import CloudRefused, Refused
from shared.site_recovery import jobs, recovery_plans
from shared.site_recovery.plan_groups import BootGroup
from shared.site_recovery.recovery_plans import Planned
from shared.site_recovery.vault import VaultRef
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.in_step import in_step
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import VAULT
from tests.gate_answers import record

RESUME, CANCEL = "*/replicationJobs/resume/action", "*/replicationJobs/cancel/action"
RUNBOOK = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ops/providers/Microsoft.Automation"
    "/automationAccounts/ops/runbooks/Switch-Dns"
)
LOOK_AT_IT = {"name": "database", "bootGroup": 1, "manual": "See that the database answers."}
PHONES = {"name": "phones", "when": "before", "bootGroup": 2, "manual": "Switch the phones."}
DNS = {"name": "dns", "bootGroup": 2, "runbook": {"id": RUNBOOK, "timeout": "PT30M"}}
OWNER = "cohort-flow"
MEMBERS = (Member(name="db1", boot_group=1), Member(name="web1", boot_group=2))


def acted(*actions: dict[str, Any]) -> dict[str, Any]:
    """A plan of a database and a web server whose recovery plan has these actions."""
    plan = plan_of("db1", "web1")
    plan["waves"][0]["cutover"] = {"mode": "recoveryPlan", "actions": list(actions)}
    plan["waves"][0]["machines"][1]["bootGroup"] = 2
    return plan


def cohort(ferry: MigrationHarness, **more: object) -> Cohort:
    look: Cohort = ferry.look("", "cohort-1", kind=Cohort)
    return look.replace(wave=WAVE, number=1, machines=MEMBERS, owner=OWNER).replace(**more)


def stopped(ferry: MigrationHarness, *actions: dict[str, Any]) -> Cohort:
    """Two machines in step whose sources are off, and whose recovery plan is made."""
    in_step(ferry, acted(*actions))
    poll = cohort(ferry)
    ferry.ask("hold_cohort", poll)
    patiently(ferry, "make_recovery_plan", poll)
    ferry.cloud.later(60)
    return poll


def running(ferry: MigrationHarness, *actions: dict[str, Any]) -> Cohort:
    """Their plan runs, and an hour has passed."""
    poll = stopped(ferry, *actions)
    job = patiently(ferry, "start_plan_failover", poll).job
    ferry.cloud.later(3_600)
    return poll.replace(job=job)


def look(ferry: MigrationHarness, poll: Cohort) -> Any:
    return ferry.ask("poll_plan_job", poll.replace(now=ferry.cloud.now()))


def open_gate(ferry: MigrationHarness) -> GateRow | None:
    return next(iter(gates.of_migration(ferry.migration)), None)


def decide(ferry: MigrationHarness, verdict: Verdict = Verdict.APPROVE, *names: str) -> None:
    record(
        ferry.migration,
        WAVE,
        "manual-action",
        Decision(verdict=verdict, by="ann", comment="done", at=ferry.cloud.now()),
        names or None,
    )


def states(ferry: MigrationHarness) -> set[MachineState]:
    return {ferry.row(name).state for name in ("db1", "web1")}


def job_state(poll: Cohort) -> str:
    job = jobs.get_job(VAULT, poll.job)
    assert job
    return job.state


def test_actions_stand_in_the_recovery_plan_and_one_that_was_changed_is_set_right(ferry: MigrationHarness) -> None:
    poll = stopped(ferry, LOOK_AT_IT, PHONES, DNS)
    plan = recovery_plans.get_plan(VAULT, plan_name(poll))
    assert plan
    first, second = [group for group in plan.groups if group.group_type == "Boot"]
    assert [action.custom_details.description for action in first.end_group_actions] == [LOOK_AT_IT["manual"]]
    assert [action.action_name for action in second.start_group_actions] == ["phones"]
    (dns,) = second.end_group_actions
    assert (dns.custom_details.runbook_id, dns.custom_details.fabric_location) == (RUNBOOK, "Recovery")
    assert patiently(ferry, "make_recovery_plan", poll).job == "", "it is as it should be"
    bare = Planned(primary_fabric_id="", boot_groups=(BootGroup(items=plan.items),))
    recovery_plans.update_plan(VAULT, plan, bare, "someone-else")
    ferry.cloud.later(60)
    assert patiently(ferry, "make_recovery_plan", poll).job
    ferry.cloud.later(60)
    right = recovery_plans.get_plan(VAULT, plan_name(poll))
    assert right
    assert right.groups == plan.groups


def test_actions_of_a_boot_group_that_is_not_in_the_cohort_are_left_out(ferry: MigrationHarness) -> None:
    poll = stopped(ferry, LOOK_AT_IT, PHONES).replace(machines=MEMBERS[1:], attempt=2)
    patiently(ferry, "make_recovery_plan", poll)
    ferry.cloud.later(60)
    plan = recovery_plans.get_plan(VAULT, plan_name(poll))
    assert plan
    named = [
        action.action_name for group in plan.groups for action in group.start_group_actions + group.end_group_actions
    ]
    assert named == ["phones"]


def test_while_it_holds_its_machines_wait_at_one_gate_with_the_instruction(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT)
    assert not look(ferry, poll).settled
    gate = open_gate(ferry)
    assert gate
    assert "manual action database of the recovery plan: See that the database answers." in gate.text
    assert gate.pending == ("db1", "web1")
    assert states(ferry) == {MachineState.AWAITING_USER_ACTION}
    assert ferry.row("web1").release == gate.release
    assert gate.release.endswith("--gate manual-action --machine db1")
    ferry.cloud.later(14_400)
    look(ferry, poll)
    assert job_state(poll) == "Suspended", "it waits as long as it takes"
    assert effects(ferry, RESUME) == []


def test_the_answer_for_one_machine_is_for_all_and_resumes_it_once_through_all_deaths(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    poll = running(ferry, LOOK_AT_IT)
    look(ferry, poll)
    decide(ferry, Verdict.APPROVE, "web1")
    moment = poll.replace(now=ferry.cloud.now())
    after_many_deaths(dying, lambda: patiently(ferry, "poll_plan_job", moment))
    ferry.cloud.later(300)
    patiently(ferry, "poll_plan_job", moment.replace(now=ferry.cloud.now()))
    assert len(effects(ferry, RESUME)) == 1
    ferry.cloud.later(3_600)
    assert look(ferry, poll).settled
    assert states(ferry) == {MachineState.CUTTING_OVER}
    assert open_gate(ferry) is None
    assert [wait.machine for wait in waits.of_migration(ferry.migration) if wait.kind == "gate"] == []


def test_a_lost_answer_to_the_resumption_costs_a_moment_only(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT)
    look(ferry, poll)
    decide(ferry)
    ferry.cloud.fault("drop-before", operation=RESUME)
    patiently(ferry, "poll_plan_job", poll.replace(now=ferry.cloud.now()))
    for _ in range(6):
        ferry.cloud.later(30)
        look(ferry, poll)
    ferry.cloud.later(3_600)
    assert look(ferry, poll).settled
    assert len(effects(ferry, RESUME)) == 1


def test_the_next_manual_action_is_another_gate(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT, PHONES)
    look(ferry, poll)
    decide(ferry)
    look(ferry, poll)
    ferry.cloud.later(3_600)
    assert not look(ferry, poll).settled
    gate = open_gate(ferry)
    assert gate
    assert "Switch the phones." in gate.text
    assert (gate.number, len(effects(ferry, RESUME))) == (2, 1)


def test_an_approval_is_for_one_action_even_where_the_job_tells_none(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where manual actions stand in a job is in no recording: they may be told nowhere."""

    def silent(vault: VaultRef, name: str) -> jobs.Job | None:
        job = jobs.get_job(vault, name)
        return job.replace(tasks=()) if job else None

    monkeypatch.setattr(recovery_plan_job, "read_job", silent)
    poll = running(ferry, LOOK_AT_IT, PHONES)
    look(ferry, poll)
    decide(ferry)
    look(ferry, poll)
    for _ in range(10):
        ferry.cloud.later(600)
        look(ferry, poll)
    gate = open_gate(ferry)
    assert gate
    assert (gate.number, gate.pending, len(effects(ferry, RESUME))) == (2, ("db1", "web1"), 1)
    decide(ferry)
    look(ferry, poll)
    ferry.cloud.later(3_600)
    assert look(ferry, poll).settled
    assert len(effects(ferry, RESUME)) == 2


def test_steps_are_read_on_every_level_of_a_plans_job() -> None:
    manual = {
        "taskId": "m",
        "name": "phones",
        "state": "InProgress",
        "customDetails": {"instanceType": "ManualActionTaskDetails", "instructions": "Switch the phones."},
    }
    inner = {"taskId": "Group1", "customDetails": None, "groupTaskCustomDetails": {"childTasks": [manual]}}
    outer = {"taskId": "ShutdownAllActionGroup", "groupTaskCustomDetails": {"childTasks": [inner]}}
    job = jobs.Job.model_validate({"name": "j", "tasks": [{"taskId": "first"}, outer]})
    assert [task.task_id for task in job.all_tasks] == ["first", "ShutdownAllActionGroup", "Group1", "m"]
    (action,) = job.manual_actions
    assert action.custom_details.instructions == "Switch the phones."


def test_who_answers_in_the_portal_closes_the_gate(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT)
    look(ferry, poll)
    jobs.resume_job(VAULT, poll.job, "done in the portal", "0c0a7c5e-0000-4000-8000-000000000001")
    ferry.cloud.later(30)
    look(ferry, poll)
    assert open_gate(ferry) is None
    assert states(ferry) == {MachineState.CUTTING_OVER}


def test_who_rejects_ends_the_run_and_no_machine_is_failed_over_by_itself_before_a_retry(
    ferry: MigrationHarness,
) -> None:
    poll = running(ferry, {**LOOK_AT_IT, "when": "before"})
    look(ferry, poll)
    decide(ferry, Verdict.REJECT)
    look(ferry, poll)
    ferry.cloud.later(60)
    with pytest.raises(CloudRefused, match="ended as Cancelled"):
        look(ferry, poll)
    assert len(effects(ferry, CANCEL)) == 1
    ferry.ask("release_cohort", poll.replace(now=ferry.cloud.now()))
    with pytest.raises(Refused) as refused:
        ferry.step("web1", "fail_over")
    assert (refused.value.facts.id, "ann said no" in refused.value.facts.detail) == ("gate-rejected", True)
    ferry.round = 2
    assert patiently(ferry, "start_failover", ferry.look("web1", "fail_over")).job


def test_a_rollback_of_the_migration_does_not_wait_for_the_answer(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT)
    look(ferry, poll)
    operator_intents.set_intent(
        Control(migration=ferry.migration, machine=ALL_MACHINES, intent=Intent.ROLLBACK, by="ann", at=ferry.cloud.now())
    )
    look(ferry, poll)
    assert job_state(poll) == "Cancelled"


def test_what_the_run_bore_on_its_way_is_told(ferry: MigrationHarness) -> None:
    poll = stopped(ferry, DNS)
    ferry.cloud.fault("job-fails", scenario="RecoveryPlan.*", task="dns", message="no such runbook")
    job = patiently(ferry, "start_plan_failover", poll).job
    ferry.cloud.later(3_600)
    assert look(ferry, poll.replace(job=job)).settled
    happened, _ = events.page(ferry.migration, size=1_000)
    assert [event.text for event in happened if "no such runbook" in event.text]


def test_the_watcher_tells_that_it_holds_and_that_it_goes_on_and_nothing_in_between(ferry: MigrationHarness) -> None:
    poll = running(ferry, LOOK_AT_IT)

    def events_raised() -> list[str]:
        watch = Watch(vault=waits.watch_key(VAULT.id), now=ferry.cloud.now())
        return [each.event for each in read_vault(watch).announcements if each.instance == poll.instance]

    assert events_raised(), "it holds"
    look(ferry, poll)
    assert events_raised() == [], "that is known"
    jobs.resume_job(VAULT, poll.job, "done", "0c0a7c5e-0000-4000-8000-000000000002")
    ferry.cloud.later(30)
    assert events_raised(), "it goes on"
