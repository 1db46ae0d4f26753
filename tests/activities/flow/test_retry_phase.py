"""Where a retry goes on: from an earlier phase where what its own phase needs is gone."""

import pytest

from activities.flow.retry_phase import not_protected, not_protected_and_off
from shared.contracts.rounds import Members
from shared.ledger import events
from shared.ledger.serving import Serving, down, up
from shared.states import MachineState
from tests.activities.migration_harness import MigrationHarness


def retried(ferry: MigrationHarness, *names: str, failed_in: str) -> None:
    """Put machines into a second round, as the command does."""
    ferry.round = 2
    for name in names:
        ferry.stands(name, round=2, failed_in=failed_in, state=MachineState.READY_FOR_CUTOVER)


def begins(ferry: MigrationHarness) -> dict[str, str]:
    listed = ferry.ask("list_members", ferry.place(wave=ferry.wave))
    assert isinstance(listed, Members)
    return {each.name: each.resume_at for each in listed.members}


@pytest.fixture
def in_step(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", "db1", until="start_test_failover")
    return prepared


@pytest.mark.parametrize("failed_in", ["quiesce", "initial_sync", "approval", "await_window", "clean_up_test_failover"])
def test_a_machine_whose_replication_was_removed_by_hand_is_replicated_anew(
    in_step: MigrationHarness, failed_in: str
) -> None:
    in_step.unprotect("web1")
    retried(in_step, "web1", "db1", failed_in=failed_in)
    assert begins(in_step) == {"web1": "enable_replication", "db1": failed_in}
    texts = [each.text for each in events.page(in_step.migration, size=500)[0] if each.what == "replicated-anew"]
    assert texts == ["somebody removed the replication of web1: it is replicated anew"]


def test_with_its_source_off_it_must_be_rolled_back_first(in_step: MigrationHarness) -> None:
    in_step.stands("web1", service=down(in_step.cloud.now()))
    in_step.unprotect("web1")
    retried(in_step, "web1", failed_in="fail_over")
    assert begins(in_step)["web1"] == "fail_over"
    in_step.stands("web1", service=up(Serving.SOURCE, in_step.cloud.now()))
    assert begins(in_step)["web1"] == "enable_replication"


def test_a_first_round_asks_nothing_and_many_who_are_retried_cost_one_listing(in_step: MigrationHarness) -> None:
    in_step.cloud.ask("DELETE", "log")
    begins(in_step)
    assert in_step.cloud.log("*replicationProtectedItems/read") == []
    retried(in_step, "web1", "db1", failed_in="quiesce")
    begins(in_step)
    assert len(in_step.cloud.log("*replicationProtectedItems/read")) == 1


def test_the_problem_says_which_command_brings_it_back(in_step: MigrationHarness) -> None:
    place = in_step.place("web1", "quiesce")
    assert not_protected(place).facts.advice.startswith("Its source serves. Retry")
    refused = not_protected_and_off(place).facts
    assert (refused.advice.startswith("Roll it back"), refused.extra["release"]) == (True, "rollback")
