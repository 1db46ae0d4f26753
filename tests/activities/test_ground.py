"""Where a retry goes on: not where the ground is gone that its phase stood on."""

import pytest

from activities.ground import not_protected, not_protected_and_off
from shared.ledger import events
from shared.requests import Members
from shared.serving import Serving, down, up
from shared.states import MachineState
from tests.activities.ferry import Ferry


def retried(ferry: Ferry, *names: str, failed_in: str) -> None:
    """Put machines into a second round, as the command does."""
    ferry.round = 2
    for name in names:
        ferry.stands(name, round=2, failed_in=failed_in, state=MachineState.READY_FOR_CUTOVER)


def begins(ferry: Ferry) -> dict[str, str]:
    listed = ferry.ask("list_members", ferry.place(wave=ferry.wave))
    assert isinstance(listed, Members)
    return {one.name: one.resume_at for one in listed.members}


@pytest.fixture
def in_step(prepared: Ferry) -> Ferry:
    prepared.walk("web1", "db1", until="test_failover")
    return prepared


@pytest.mark.parametrize("failed_in", ["quiesce", "initial_sync", "approval", "await_window", "clean_up_test"])
def test_a_machine_whose_replication_was_removed_by_hand_is_replicated_anew(in_step: Ferry, failed_in: str) -> None:
    in_step.unprotect("web1")
    retried(in_step, "web1", "db1", failed_in=failed_in)
    assert begins(in_step) == {"web1": "enable_replication", "db1": failed_in}
    said = [one.text for one in events.page(in_step.migration, size=500)[0] if one.what == "replicated-anew"]
    assert said == ["somebody removed the replication of web1: it is replicated anew"]


def test_with_its_source_off_it_must_be_rolled_back_first(in_step: Ferry) -> None:
    in_step.stands("web1", service=down(in_step.cloud.now()))
    in_step.unprotect("web1")
    retried(in_step, "web1", failed_in="fail_over")
    assert begins(in_step)["web1"] == "fail_over"
    in_step.stands("web1", service=up(Serving.SOURCE, in_step.cloud.now()))
    assert begins(in_step)["web1"] == "enable_replication"


def test_a_first_round_asks_nothing_and_many_who_are_retried_cost_one_listing(in_step: Ferry) -> None:
    in_step.cloud.ask("DELETE", "log")
    begins(in_step)
    assert in_step.cloud.log("*replicationProtectedItems/read") == []
    retried(in_step, "web1", "db1", failed_in="quiesce")
    begins(in_step)
    assert len(in_step.cloud.log("*replicationProtectedItems/read")) == 1


def test_the_problem_says_which_command_brings_it_back(in_step: Ferry) -> None:
    place = in_step.place("web1", "quiesce")
    assert not_protected(place).facts.advice.startswith("Its source serves. Retry")
    refused = not_protected_and_off(place).facts
    assert (refused.advice.startswith("Roll it back"), refused.extra["release"]) == (True, "rollback")
