"""At the gate of a cutover the facts are read again: who decides sees what changed since the assessment."""

import pytest

from activities.approval import poll_approval
from shared.contracts.cohorts import ApprovalPoll, Cohorts
from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.gate_answers import record

A_DAY, A_QUARTER = 86_400, 900
NAMES = ("web1", "db1")


@pytest.fixture
def asked_for(ferry: MigrationHarness) -> MigrationHarness:
    """Two machines, assessed, whose cutover a person approves."""
    plan = plan_of(*NAMES)
    plan["target"]["size"] = "Standard_D2s_v5"
    plan["waves"][0]["gates"] = {"cutover": "manual"}
    ferry.begin(plan=plan)
    ferry.prepare(until="prepare_vault")
    return ferry


def ready(ferry: MigrationHarness, *names: str) -> None:
    for name in names or NAMES:
        ferry.stands(name, state=MachineState.READY_FOR_CUTOVER)


def look(ferry: MigrationHarness, taken: int = 0) -> Cohorts:
    poll: ApprovalPoll = ferry.look("", "migrate_wave", kind=ApprovalPoll, taken=taken, prepared=True)
    return poll_approval(poll.replace(wave=WAVE))


def stop(ferry: MigrationHarness, name: str) -> None:
    ferry.ec2().stop_instances(InstanceIds=[ferry.instances[name]])


def readings(ferry: MigrationHarness) -> int:
    return len(ferry.cloud.log("*/usages/read"))


def gate_text(ferry: MigrationHarness) -> str:
    gate = gates.get(ferry.migration, WAVE, "cutover")
    assert gate is not None
    return gate.text


def test_where_nothing_changed_the_gate_asks_and_says_no_more(asked_for: MigrationHarness) -> None:
    ready(asked_for)
    look(asked_for)
    assert gate_text(asked_for) == asked_for.row("web1").waiting_for == f"an approval of the cutover of wave {WAVE}"
    came = asked_for.row("web1").since
    asked_for.cloud.later(A_QUARTER)
    look(asked_for)
    assert asked_for.row("web1").since == came, "it waits since it came"


def test_a_source_that_was_stopped_is_told_to_who_decides_and_taken_back_when_it_runs(
    asked_for: MigrationHarness,
) -> None:
    ready(asked_for)
    stop(asked_for, "web1")
    look(asked_for)
    assert "web1 could not be cut over" in gate_text(asked_for)
    assert "db1" not in gate_text(asked_for)
    assert "It could not be cut over now" in asked_for.row("web1").waiting_for
    assert "it is stop" in asked_for.row("web1").waiting_for
    assert "source-drifted" in {each.id for each in asked_for.row("web1").concerns}
    asked_for.ec2().start_instances(InstanceIds=[asked_for.instances["web1"]])
    asked_for.cloud.later(A_DAY)
    look(asked_for)
    assert "could not" not in gate_text(asked_for) + asked_for.row("web1").waiting_for


def test_a_quota_that_others_used_up_is_told_at_the_gate(asked_for: MigrationHarness) -> None:
    ready(asked_for)
    limit = [{"location": "westeurope", "name": "standardDSv5Family", "limit": 0}]
    asked_for.cloud.ask("POST", "quotas", limit)
    look(asked_for)
    assert "db1, web1 could not be cut over" in gate_text(asked_for)
    assert "cores are needed" in asked_for.row("db1").waiting_for


def test_it_is_read_when_the_gate_opens_and_once_a_day(asked_for: MigrationHarness) -> None:
    ready(asked_for)
    before = readings(asked_for)
    for _ in range(3):
        seen = look(asked_for)
        assert seen.patience == A_DAY
        look(asked_for)
        asked_for.cloud.later(A_DAY)
    assert readings(asked_for) == before + 3, "a look a moment later costs none"


def test_machines_that_come_one_by_one_share_a_reading_a_quarter_later(asked_for: MigrationHarness) -> None:
    ready(asked_for, "web1")
    before = readings(asked_for)
    look(asked_for)
    asked_for.cloud.later(60)
    ready(asked_for, "db1")
    assert look(asked_for).patience == A_QUARTER
    assert readings(asked_for) == before + 1
    asked_for.cloud.later(A_QUARTER)
    assert look(asked_for).patience == A_DAY
    assert readings(asked_for) == before + 2


def test_while_azure_is_busy_the_gate_stays_open_and_is_looked_at_soon(asked_for: MigrationHarness) -> None:
    ready(asked_for)
    asked_for.cloud.fault("server-error", operation="*/usages/read", status=503)
    assert look(asked_for).patience == 300
    assert gates.of_migration(asked_for.migration)


def test_who_is_approved_goes_without_waiting_for_a_reading(asked_for: MigrationHarness) -> None:
    ready(asked_for)
    look(asked_for)
    asked_for.cloud.later(A_DAY)
    before = readings(asked_for)
    approval = Decision(verdict=Verdict.APPROVE, by="ann", at=asked_for.cloud.now())
    record(asked_for.migration, WAVE, "cutover", approval, ("web1",))
    seen = look(asked_for, taken=1)
    assert [[each.name for each in part] for part in seen.cohorts] == [["web1"]]
    assert readings(asked_for) == before
