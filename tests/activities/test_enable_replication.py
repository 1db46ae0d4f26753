"""Enable replication and its undoing: one item, however often it is asked for."""

from collections.abc import Callable

import pytest

from activities.enable_replication import poll_gone, start_disabling, start_replication
from activities.flow.job_submission import ASKED, earlier
from shared.coordination import waits
from shared.ids import request_id
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import machine_context
from shared.problems import Busy, CloudRefused, Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, effects, patiently, submits_once
from tests.clouds import VAULT

ENABLE, REMOVE = "*/replicationProtectedItems/write", "*/remove/action"
PHASE = "enable_replication"


@pytest.fixture
def installed(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until=PHASE)
    return prepared


@pytest.fixture
def enabled(installed: MigrationHarness) -> MigrationHarness:
    installed.step("web1", PHASE)
    return installed


def test_it_is_enabled_once_through_all_deaths(installed: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = installed.look("web1", PHASE)
    sent = submits_once(installed, dying, "start_replication", look, ENABLE)
    assert sent["client_request_id"] == request_id(look.key, "enable")
    assert installed.row("web1").item_id.lower() == sent["path"].lower()
    installed.cloud.later(1_800)  # enabling takes 27 minutes, as recorded
    assert start_replication(installed.look("web1", PHASE).replace(round=2)).job == "", "it is there already"


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "throttle"])
def test_a_lost_answer_is_busy_and_the_item_is_found_again(installed: MigrationHarness, kind: str) -> None:
    installed.cloud.fault(kind, operation=ENABLE)
    look = installed.look("web1", PHASE)
    with pytest.raises(Busy):
        installed.ask("start_replication", look)
    assert patiently(installed, "start_replication", look).job
    assert len(effects(installed, ENABLE)) == 1


def test_a_retry_finds_the_job_of_a_request_whose_answer_died_with_the_host(installed: MigrationHarness) -> None:
    look = installed.look("web1", PHASE)
    job = installed.ask("start_replication", look).job
    machines.change(look, jobs={"enable.1": ASKED})  # as a host leaves it that dies right after sending
    installed.cloud.later(120)
    retried = installed.look("web1", PHASE).replace(round=2)
    hidden = machine_context(retried)
    assert earlier(retried, hidden, "enable") is not None
    assert patiently(installed, "start_replication", retried).job == job
    assert installed.row("web1").jobs["enable.2"] == job
    assert len(effects(installed, ENABLE)) == 1


def test_an_enabling_that_failed_tells_why_and_is_removed_before_the_next(
    installed: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    installed.cloud.fault("job-fails", scenario="EnableDr", code="310056")
    look = installed.look("web1", PHASE)
    job = patiently(installed, "start_replication", look).job
    installed.cloud.later(1_800)  # enabling takes 27 minutes, as recorded
    later = look.replace(now=installed.cloud.now())
    assert patiently(installed, "start_replication", later).job == job, (
        "the same call again follows the job that failed"
    )
    with pytest.raises(CloudRefused) as refused:
        installed.ask("poll_job", later.replace(job=job, tag="start_replication"))
    problem = refused.value.facts
    assert (problem.code, bool(problem.causes), bool(problem.advice)) == ("310056", True, True)
    again = installed.look("web1", PHASE).replace(round=2)
    after_many_deaths(dying, lambda: patiently(installed, "start_replication", again))
    assert len(effects(installed, REMOVE)) == 1
    assert len(effects(installed, ENABLE)) == 2
    assert "failed-item-removed" in [each.what for each in events.page(installed.migration)[0]]


def test_a_removal_that_fails_is_told_instead_of_tried_for_ever(installed: MigrationHarness) -> None:
    installed.cloud.fault("job-fails", scenario="EnableDr")
    patiently(installed, "start_replication", installed.look("web1", PHASE))
    installed.cloud.later(1_800)  # enabling takes 27 minutes, as recorded
    installed.cloud.fault("job-fails", scenario="DisableDr", times=None)
    with pytest.raises(Refused) as refused:
        patiently(installed, "start_replication", installed.look("web1", PHASE).replace(round=2))
    assert refused.value.facts.id == "removal-failed"
    assert len(effects(installed, REMOVE)) == 1


def test_a_refusal_of_site_recovery_keeps_its_words(installed: MigrationHarness) -> None:
    machines.change(installed.place("web1", PHASE), evidence=Evidence(discovered_machine="/sites/none/machines/none"))
    with pytest.raises(CloudRefused, match="was not discovered"):
        installed.ask("start_replication", installed.look("web1", PHASE))


def test_nothing_is_marked_while_something_that_it_names_does_not_show(installed: MigrationHarness) -> None:
    machines.change(installed.place("web1", PHASE), evidence=Evidence(discovered_machine=""))
    with pytest.raises(Busy):
        installed.ask("start_replication", installed.look("web1", PHASE))
    assert installed.row("web1").jobs.get("enable.1", "") == ""


def test_replication_is_disabled_once_through_all_deaths(
    enabled: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    look = enabled.look("web1", "cancel")
    submits_once(enabled, dying, "start_disabling", look, REMOVE)
    enabled.cloud.later(300)
    gone = enabled.look("web1", "cancel")
    assert after_many_deaths(dying, lambda: poll_gone(gone)).settled
    assert enabled.row("web1").item_id == ""
    assert start_disabling(enabled.look("web1", "cancel")).job == ""
    assert [wait for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.kind == "item-gone"] == []


def test_until_it_is_gone_somebody_waits(enabled: MigrationHarness) -> None:
    patiently(enabled, "start_disabling", enabled.look("web1", "cancel"))
    assert not poll_gone(enabled.look("web1", "cancel")).settled
    wanted = [wait for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.kind == "item-gone"]
    assert [wait.subject for wait in wanted] == [enabled.row("web1").item_id]


def test_a_removal_that_got_stuck_says_what_a_person_can_do(enabled: MigrationHarness) -> None:
    enabled.cloud.fault("job-fails", scenario="DisableDr")
    look = enabled.look("web1", "cancel")
    patiently(enabled, "start_disabling", look)
    enabled.cloud.later(300)
    with pytest.raises(Refused) as refused:
        poll_gone(look.replace(now=enabled.cloud.now()))
    assert "portal" in refused.value.facts.advice
