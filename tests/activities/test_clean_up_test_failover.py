"""Clean up test: the copy is removed once, also when the test failed, and nothing is asked when none is up."""

from collections.abc import Callable

import pytest

from activities.clean_up_test_failover import start_test_clean_up
from shared.problems import CloudRefused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import effects, patiently, submits_once

CLEAN = "*/testFailoverCleanup/action"
PHASE = "clean_up_test_failover"


@pytest.fixture
def synced(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until="start_test_failover")
    return prepared


def test_the_copy_is_removed_once_through_all_deaths(synced: MigrationHarness, dying: Callable[..., Dying]) -> None:
    synced.step("web1", "start_test_failover")
    submits_once(synced, dying, "start_test_clean_up", synced.look("web1", PHASE), CLEAN)
    synced.cloud.later(600)
    assert start_test_clean_up(synced.look("web1", PHASE).replace(round=2)).job == "", (
        "the state that it shows stays (recorded)"
    )


def test_a_failed_test_is_cleaned_up_too(synced: MigrationHarness) -> None:
    synced.cloud.fault("job-fails", scenario="TestFailover")
    with pytest.raises(CloudRefused):
        synced.step("web1", "start_test_failover")
    assert start_test_clean_up(synced.look("web1", PHASE)).job


def test_a_test_under_way_is_waited_for(synced: MigrationHarness) -> None:
    synced.ask("submit_test_failover", synced.look("web1", "start_test_failover"))
    synced.cloud.later(60)
    assert patiently(synced, "start_test_clean_up", synced.look("web1", PHASE)).job
    assert len(effects(synced, CLEAN)) == 1


def test_where_no_test_is_up_nothing_is_asked(synced: MigrationHarness) -> None:
    assert start_test_clean_up(synced.look("web1", PHASE)).job == ""
    assert start_test_clean_up(synced.look("db1", PHASE)).job == "", "it has no item yet"
    assert effects(synced, CLEAN) == []
