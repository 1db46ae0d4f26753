"""Clean up test: the copy is removed once, also when the test failed, and nothing is asked when none is up."""

from collections.abc import Callable

import pytest

from activities.clean_up_test import start_test_clean_up
from shared.problems import CloudRefused
from tests.activities.dying import Dying
from tests.activities.ferry import Ferry
from tests.activities.repeating import effects, patiently, submits_once

CLEAN = "*/testFailoverCleanup/action"
PHASE = "clean_up_test"


@pytest.fixture
def synced(prepared: Ferry) -> Ferry:
    prepared.walk("web1", until="test_failover")
    return prepared


def test_the_copy_is_removed_once_through_all_deaths(synced: Ferry, dying: Callable[..., Dying]) -> None:
    synced.step("web1", "test_failover")
    submits_once(synced, dying, "start_test_clean_up", synced.look("web1", PHASE), CLEAN)
    synced.cloud.later(600)
    assert start_test_clean_up(synced.look("web1", PHASE).but(round=2)).job == "", (
        "the state that it shows stays (recorded)"
    )


def test_a_failed_test_is_cleaned_up_too(synced: Ferry) -> None:
    synced.cloud.fault("job-fails", scenario="TestFailover")
    with pytest.raises(CloudRefused):
        synced.step("web1", "test_failover")
    assert start_test_clean_up(synced.look("web1", PHASE)).job


def test_a_test_under_way_is_waited_for(synced: Ferry) -> None:
    synced.ask("start_test_failover", synced.look("web1", "test_failover"))
    synced.cloud.later(60)
    assert patiently(synced, "start_test_clean_up", synced.look("web1", PHASE)).job
    assert len(effects(synced, CLEAN)) == 1


def test_where_no_test_is_up_nothing_is_asked(synced: Ferry) -> None:
    assert start_test_clean_up(synced.look("web1", PHASE)).job == ""
    assert start_test_clean_up(synced.look("db1", PHASE)).job == "", "it has no item yet"
    assert effects(synced, CLEAN) == []
