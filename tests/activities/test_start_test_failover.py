"""Test failover: one copy, however often it is asked for, and whatever went before."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from activities.start_test_failover import submit_test_failover
from shared.contracts.requests import Poll
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent, Skip
from shared.ids import request_id
from shared.problems import Busy, CloudRefused, Interrupted
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import effects, patiently, submits_once
from tests.clouds import VAULT

TEST = "*/testFailover/action"
PHASE = "start_test_failover"


@pytest.fixture
def synced(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until=PHASE)
    return prepared


def waiting(ferry: MigrationHarness) -> list[str]:
    """The jobs that somebody waits for."""
    return [wait.subject for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.kind == "job" and wait.subject]


def test_it_is_submitted_and_waited_for(synced: MigrationHarness) -> None:
    look = synced.look("web1", PHASE)
    submitted = submit_test_failover(look)
    assert waiting(synced) == [submitted.job]
    assert synced.row("web1").jobs["test-failover.1"] == submitted.job
    (sent,) = effects(synced, TEST)
    assert sent["client_request_id"] == request_id(look.key, "test-failover")


def test_it_is_submitted_once_through_all_deaths(synced: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = synced.look("web1", PHASE)
    submits_once(synced, dying, "submit_test_failover", look, TEST)
    assert len(waiting(synced)) == 1


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "server-error", "throttle"])
def test_a_lost_answer_is_busy_and_the_copy_is_found_again(synced: MigrationHarness, kind: str) -> None:
    synced.cloud.fault(kind, operation=TEST)
    look = synced.look("web1", PHASE)
    with pytest.raises(Busy):
        synced.ask("submit_test_failover", look)
    synced.cloud.later(30)
    submitted = synced.ask("submit_test_failover", look.replace(now=synced.cloud.now()))
    assert len(effects(synced, TEST)) == 1
    assert waiting(synced) == [submitted.job]


def test_one_that_was_throttled_is_not_searched_for(synced: MigrationHarness) -> None:
    synced.cloud.fault("throttle", operation=TEST)
    look = synced.look("web1", PHASE)
    with pytest.raises(Busy):
        synced.ask("submit_test_failover", look)
    synced.cloud.ask("DELETE", "log")
    synced.ask("submit_test_failover", look)
    assert synced.cloud.log("*/replicationJobs/read") == []


def test_one_that_failed_before_we_knew_of_it_is_not_repeated(synced: MigrationHarness) -> None:
    synced.cloud.fault("job-fails", scenario="TestFailover", code="28031")
    synced.cloud.fault("drop-after", operation=TEST)
    look = synced.look("web1", PHASE)
    with pytest.raises(Busy):
        synced.ask("submit_test_failover", look)
    synced.cloud.later(1_200)
    later = look.replace(now=synced.cloud.now())
    submitted = synced.ask("submit_test_failover", later)
    assert len(effects(synced, TEST)) == 1
    with pytest.raises(CloudRefused) as refused:
        synced.ask("poll_job", later.replace(job=submitted.job, tag="submit_test_failover"))
    assert refused.value.facts.code == "28031"
    assert refused.value.facts.causes
    assert refused.value.facts.advice


def test_a_test_that_is_up_is_taken_as_it_is(synced: MigrationHarness) -> None:
    synced.step("web1", PHASE)
    assert submit_test_failover(synced.look("web1", PHASE, round=2)).job == ""
    assert len(effects(synced, TEST)) == 1


def test_a_test_that_failed_in_an_earlier_round_is_cleaned_up_first(synced: MigrationHarness) -> None:
    synced.cloud.fault("job-fails", scenario="TestFailover")
    with pytest.raises(CloudRefused):
        synced.step("web1", PHASE)
    again = synced.look("web1", PHASE).replace(round=2)
    assert patiently(synced, "submit_test_failover", again).job
    assert len(effects(synced, "*/testFailoverCleanup/action")) == 1
    assert len(effects(synced, TEST)) == 2


def test_another_job_on_the_machine_is_waited_for(synced: MigrationHarness) -> None:
    item = synced.row("web1").item_id
    synced.cloud.control.post(
        f"{item}/repairReplication?api-version=2025-08-01", headers={"Authorization": "Bearer x"}
    ).raise_for_status()
    with pytest.raises(Busy, match="under way"):
        synced.ask("submit_test_failover", synced.look("web1", PHASE))
    assert effects(synced, TEST) == []


def test_what_site_recovery_does_not_offer_is_told_with_its_reasons(prepared: MigrationHarness) -> None:
    prepared.cloud.fault("stalled-replication", times=None)
    prepared.walk("web1", until="initial_sync")
    with pytest.raises(CloudRefused) as refused:
        prepared.ask("submit_test_failover", prepared.look("web1", PHASE))
    assert "Initial replication is in progress" in refused.value.facts.detail
    assert "DisableProtection" in refused.value.facts.advice


def test_a_skipped_test_is_not_begun(synced: MigrationHarness) -> None:
    operator_intents.request_skip(Skip(migration=synced.migration, machine="web1", phase=PHASE, by="ann"))
    assert submit_test_failover(synced.look("web1", PHASE)).job == ""
    assert effects(synced, TEST) == []


def test_a_stopped_machine_is_not_tested(synced: MigrationHarness) -> None:
    operator_intents.set_intent(
        Control(migration=synced.migration, machine="web1", intent=Intent.CANCEL, at=synced.cloud.now())
    )
    with pytest.raises(Interrupted):
        submit_test_failover(synced.look("web1", PHASE))


def test_one_that_comes_late_does_not_submit_any_more(synced: MigrationHarness) -> None:
    look: Poll = synced.look("web1", PHASE)
    synced.cloud.later(60)
    synced.ask("leave", synced.place("web1", "accept_test_vm"))  # the flow has gone on
    with pytest.raises(Busy):
        submit_test_failover(look.replace(now=look.now - timedelta(minutes=1)))
    assert effects(synced, TEST) == []
