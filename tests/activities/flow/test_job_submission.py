"""Submitting: what the ledger keeps of it, and who may submit; each phase's own tests kill it around every write."""

import pytest

from activities.flow.job_submission import ASKED, earlier, submit_once
from shared.contracts.requests import Poll
from shared.ledger import machines
from shared.ledger.machine_context import machine_context
from shared.problems import Busy
from tests.activities.migration_harness import MigrationHarness


def send(look: Poll, job: str = "job-1") -> str:
    return submit_once(look, machine_context(look), "test", lambda _: job).job


def test_the_job_is_kept_and_followed_by_whoever_asks_again(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "start_test_failover")
    assert earlier(look, machine_context(look), "test") is None
    assert send(look) == "job-1"
    assert enlisted.row("web1").jobs == {"test.1": "job-1"}
    found = earlier(look, machine_context(look), "test")
    assert found
    assert found.job == "job-1"
    assert earlier(look.replace(round=2), machine_context(look), "test") is None, "another round asks anew"


def test_what_surely_had_no_effect_leaves_no_mark_and_all_else_does(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "start_test_failover")

    def busy(untouched: bool) -> str:
        raise Busy("busy", untouched=untouched)

    for untouched, jobs in ((True, {}), (False, {"test.1": ASKED})):
        with pytest.raises(Busy):
            submit_once(look, machine_context(look), "test", lambda _, untouched=untouched: busy(untouched))
        assert enlisted.row("web1").jobs == jobs


def test_a_quicker_twin_wins(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "start_test_failover")
    machines.change(look, jobs={"test.1": "job-of-the-twin"})
    with pytest.raises(Busy):
        send(look)
    assert enlisted.row("web1").jobs == {"test.1": "job-of-the-twin"}


def test_one_that_comes_late_sends_nothing(enlisted: MigrationHarness) -> None:
    look = enlisted.look("web1", "start_test_failover")
    enlisted.cloud.later(60)
    machines.change(enlisted.place("web1", "accept_test_vm"), waiting_for="people")
    with pytest.raises(Busy):
        submit_once(look, machine_context(look), "test", lambda _: pytest.fail("it was sent"))
