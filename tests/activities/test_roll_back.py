"""Roll back: service comes back on the source, source and target are never both live, and nothing else is touched."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.roll_back import fence_target, read_standing, start_source_machine
from shared.azure import compute
from shared.contracts.requests import PhaseExit, Poll, where
from shared.contracts.rounds import Round
from shared.coordination import operator_intents, waits
from shared.coordination.decision import Decision
from shared.coordination.operator_intents import AcknowledgementRow, Control, Intent, acknowledge
from shared.decisions.rounds import retry
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineRow, Mark
from shared.models import Scope
from shared.problems import Interrupted, Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.activities.setup_snapshots import retraced
from tests.clouds import VAULT

DEALLOCATE = "*/virtualMachines/deallocate/action"
S = MachineState


def state(ferry: MigrationHarness, machine: str) -> str:
    """What EC2 says of a source."""
    answer = ferry.ec2().describe_instances(InstanceIds=[ferry.instances[machine]])
    return str(answer["Reservations"][0]["Instances"][0]["State"]["Name"])


def power(ferry: MigrationHarness, machine: str) -> str:
    """What Azure says of a target."""
    shown = ferry.cloud.control.get(
        f"{ferry.row(machine).target_vm_id}/instanceView?api-version=2024-07-01",
        headers={"Authorization": "Bearer x"},
    )
    codes = [each["code"] for each in shown.raise_for_status().json()["statuses"]]
    return next(code for code in codes if code.startswith("PowerState/"))


@retraced
def back(ferry: MigrationHarness, machine: str, purpose: str = "rollback", number: int = 2) -> None:
    """Walk a machine back with the real orchestrator in another round."""
    machines.change(ferry.place(machine).replace(round=number), round=number, owner="")
    control = Control(migration=ferry.migration, machine=machine, intent=Intent(purpose), at=ferry.cloud.now())
    operator_intents.set_intent(control)
    rollback = ferry.place(machine, purpose, kind=Round, purpose=purpose, round=number)
    ferry.play("roll_back_machine", rollback)


def stands(ferry: MigrationHarness, machine: str = "web1") -> dict[str, Any]:
    """Everything that is so about a machine's standing."""
    return read_standing(ferry.place(machine, "rollback")).model_dump(exclude_defaults=True)


@pytest.fixture
def synced(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", "db1", until="start_test_failover")
    return prepared


def test_it_is_read_how_far_a_machine_came(synced: MigrationHarness) -> None:
    assert stands(synced) == {"protected": True}
    synced.step("web1", "start_test_failover")
    assert stands(synced) == {"protected": True, "test_running": True}
    synced.walk("web1", until="stop_source")
    assert stands(synced) == {"protected": True}, "the plan stops no services"
    synced.stands("web1", marks={Mark.SERVICES_ASKED: synced.cloud.now()})
    assert stands(synced) == {"protected": True, "services_stopped": True}
    synced.walk("web1", until="fail_over")
    assert stands(synced) == {"protected": True, "source_stopped": True}
    job = synced.ask("start_failover", synced.look("web1", "fail_over")).job
    synced.cloud.later(60)
    assert stands(synced)["failover_job"] == job
    synced.cloud.later(1_200)
    assert stands(synced) == {"protected": True, "source_stopped": True, "failed_over": True, "target_exists": True}


def test_before_the_failover_replication_is_kept(synced: MigrationHarness) -> None:
    synced.walk("web1", until="fail_over")
    back(synced, "web1")
    row = synced.row("web1")
    assert state(synced, "web1") == "running"
    assert (row.state, row.failed_in) == (S.READY_FOR_CUTOVER, "approval")
    assert stands(synced) == {"protected": True}
    assert effects(synced, "*/remove/action") == []


def test_after_the_failover_the_target_is_fenced_and_replication_removed(synced: MigrationHarness) -> None:
    synced.walk("web1", until="accept")
    assert state(synced, "web1") == "stopped"
    back(synced, "web1")
    row = synced.row("web1")
    assert (power(synced, "web1"), state(synced, "web1")) == ("PowerState/deallocated", "running")
    assert (row.state, row.item_id) == (S.ROLLED_BACK, "")
    assert stands(synced) == {}
    rows = [wait for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.machine == "web1"]
    assert rows == [], "nobody waits for it any more, nor looks at its copy"


def test_a_failover_under_way_is_waited_for_and_then_taken_back(synced: MigrationHarness) -> None:
    synced.walk("web1", until="fail_over")
    synced.ask("start_failover", synced.look("web1", "fail_over"))
    back(synced, "web1")
    assert (state(synced, "web1"), synced.row("web1").state) == ("running", S.ROLLED_BACK)
    assert effects(synced, DEALLOCATE), "it was fenced although nobody had seen that it lives in Azure"


def test_a_failover_that_failed_leaves_the_machine_ready(synced: MigrationHarness) -> None:
    synced.walk("web1", until="fail_over")
    synced.cloud.fault("job-fails", scenario="UnplannedFailover")
    synced.ask("start_failover", synced.look("web1", "fail_over"))
    back(synced, "web1")
    assert (state(synced, "web1"), synced.row("web1").state) == ("running", S.READY_FOR_CUTOVER)


def test_a_running_test_is_cleaned_up(synced: MigrationHarness) -> None:
    synced.walk("web1", until="verify_test_vm")
    back(synced, "web1", "cancel")
    assert len(effects(synced, "*/testFailoverCleanup/action")) == 1
    assert len(effects(synced, "*/remove/action")) == 1
    assert synced.row("web1").state == S.CANCELLED


def test_a_machine_whose_enabling_failed_can_be_cancelled(prepared: MigrationHarness) -> None:
    prepared.cloud.fault("job-fails", scenario="EnableDr")
    with pytest.raises(Refused):
        prepared.walk("web1")
    began = prepared.cloud.now()
    back(prepared, "web1", "cancel")
    assert prepared.row("web1").state == S.CANCELLED
    assert (prepared.cloud.now() - began).total_seconds() < 3 * 3_600, "the job that failed was not waited for"


def test_marks_of_before_a_rollback_count_no_more(synced: MigrationHarness) -> None:
    synced.walk("web1", until="accept")
    back(synced, "web1")
    row = synced.row("web1")
    assert {Mark.STOP_REQUESTED, Mark.FAILED_OVER, Mark.UP} <= row.marks.keys()
    assert not any(
        row.mark(name) for name in (Mark.STOP_REQUESTED, Mark.FAILED_OVER, Mark.FAILOVER_ASKED, Mark.UP, Mark.QUIESCED)
    )


@pytest.fixture
def moved(synced: MigrationHarness) -> MigrationHarness:
    """Two machines that serve in Azure."""
    synced.walk("web1", "db1", until="accept")
    return synced


def test_the_target_is_fenced_once_through_all_deaths(moved: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = moved.look("web1", "rollback")
    assert not after_many_deaths(dying, lambda: fence_target(look)).settled
    assert len(effects(moved, DEALLOCATE)) == 1
    moved.cloud.later(300)
    later = look.replace(now=moved.cloud.now())
    assert after_many_deaths(dying, lambda: fence_target(later)).settled
    assert power(moved, "web1") == "PowerState/deallocated"


def test_no_source_starts_while_its_target_may_run(moved: MigrationHarness) -> None:
    with pytest.raises(Refused) as refused:
        start_source_machine(moved.look("web1", "rollback"))
    assert refused.value.facts.id == "target-not-fenced"
    assert state(moved, "web1") == "stopped"


def test_the_source_starts_and_is_seen_running_through_all_deaths(
    moved: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    patiently(moved, "fence_target", moved.look("web1", "rollback"))
    moved.cloud.later(300)
    look: Poll = moved.look("web1", "rollback")
    assert after_many_deaths(dying, lambda: start_source_machine(look)).settled
    assert moved.row("web1").marks[Mark.SOURCE_BACK] == look.now


def test_a_source_that_may_yet_stop_is_looked_at_again(synced: MigrationHarness) -> None:
    machines.change(synced.place("web1", "stop_source"), marks={Mark.STOP_REQUESTED: synced.cloud.now()})
    assert stands(synced)["source_stopped"]
    look = synced.look("web1", "rollback")
    assert not start_source_machine(look).settled, "EC2 may still tell the state of before the stop"
    synced.cloud.later(60)
    assert start_source_machine(look.replace(now=synced.cloud.now())).settled


def test_a_source_that_does_not_come_up_is_told(synced: MigrationHarness) -> None:
    look: Poll = synced.look("web1", "rollback")
    synced.ec2().terminate_instances(InstanceIds=[synced.instances["web1"]])
    with pytest.raises(Refused) as refused:
        start_source_machine(look)
    assert refused.value.facts.id == "source-gone"


def test_who_walks_a_machine_lets_go_of_it_before(synced: MigrationHarness) -> None:
    control = Control(migration=synced.migration, machine="web1", intent=Intent.ROLLBACK, at=synced.cloud.now())
    here: Scope = synced.place("web1", "start_test_failover")
    synced.ask("enter", Poll(**where(here), owner="walk-web1"))
    operator_intents.set_intent(control)
    with pytest.raises(Interrupted):
        synced.play("start_test_failover", here)
    synced.ask("leave", PhaseExit(**where(here.replace(now=synced.cloud.now())), owner="walk-web1"))
    back(synced, "web1")
    assert synced.row("web1").state == S.ROLLED_BACK


# --- and then a retry --------------------------------------------------------------------------------------------------


def again(ferry: MigrationHarness) -> MachineRow:
    """A person retries what can be retried; the round is assessed."""
    ferry.cloud.later(60)
    begun = retry(ferry.migration, (), Decision(by="ann", at=ferry.cloud.now())).begin
    assert begun
    ferry.round = begun.round
    for step in ("read_sources", "read_target", "judge_machines"):
        ferry.ask(step, ferry.place(phase="assess"))
    return ferry.row("web1")


def blocking(row: MachineRow) -> list[str]:
    return [concern.id for concern in row.concerns if concern.blocks]


def test_a_machine_that_came_back_moves_again_once_its_name_in_azure_is_given_up(
    prepared: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    prepared.walk("web1", until="accept")
    back(prepared, "web1")
    fenced = compute.get_vm(prepared.row("web1").target_vm_id)
    assert fenced
    stopped = again(prepared)
    assert (stopped.state, stopped.failed_in, blocking(stopped)) == (S.FAILED, "assess", ["fenced-target-left"])
    assert compute.get_vm(fenced.id), "nobody agreed to lose it"

    acknowledgement = {"concern": "fenced-target-left", "machine": "web1", "by": "ann", "reason": "we looked at it"}
    acknowledge(AcknowledgementRow(migration=prepared.migration, at=prepared.cloud.now(), **acknowledgement))
    assert blocking(again(prepared)) == []
    prepared.walk("web1", until="enable_replication")
    look = prepared.look("web1", "enable_replication")
    assert after_many_deaths(dying, lambda: patiently(prepared, "start_replication", look)).job
    assert len(effects(prepared, "*/virtualMachines/delete")) == 1
    assert effects(prepared, "*/disks/delete") == []
    (gone,) = [each for each in events.page(prepared.migration, size=1000)[0] if each.what == "fenced-target-gone"]
    assert gone.data.disks == fenced.disk_ids

    prepared.walk("web1")
    assert (prepared.row("web1").state, power(prepared, "web1")) == (S.FINALIZED, "PowerState/running")


def test_a_retry_of_a_cutover_is_stopped_by_a_new_concern_only_and_keeps_its_place(prepared: MigrationHarness) -> None:
    prepared.stands("web1", state=S.FAILED, failed_in="fail_over", marks={Mark.STOP_REQUESTED: prepared.cloud.now()})
    prepared.ec2().stop_instances(InstanceIds=[prepared.instances["web1"]])
    assert blocking(again(prepared)) == [], "its source is off because we stopped it"
    prepared.stands("web1", state=S.FAILED, failed_in="fail_over")
    tags = [{"Key": "aws:autoscaling:groupName", "Value": "web"}]
    prepared.ec2().create_tags(Resources=[prepared.instances["web1"]], Tags=tags)
    row = again(prepared)
    assert (row.state, row.failed_in, blocking(row)) == (S.FAILED, "fail_over", ["auto-scaling-group"])


def test_a_machine_that_is_in_azure_is_not_judged_again(prepared: MigrationHarness) -> None:
    prepared.stands("web1", state=S.FAILED, failed_in="verify", marks={Mark.FAILED_OVER: prepared.cloud.now()})
    prepared.ec2().terminate_instances(InstanceIds=[prepared.instances["web1"]])
    assert again(prepared).failed_in == "verify"
    assert prepared.row("web1").state != S.FAILED
