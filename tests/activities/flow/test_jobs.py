"""Jobs: one look at one job; what it came to, in Site Recovery's own words."""

from collections.abc import Callable

import pytest

from activities.flow.jobs import poll_job
from shared.coordination import operator_intents, waits
from shared.coordination.operator_intents import Control, Intent
from shared.problems import CloudRefused, Interrupted
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, patiently
from tests.clouds import VAULT

PHASE = "enable_replication"


@pytest.fixture
def enabling(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until=PHASE)
    return prepared


def begin(ferry: MigrationHarness) -> str:
    return str(patiently(ferry, "start_replication", ferry.look("web1", PHASE, tag="start_replication")).job)


def waiting(ferry: MigrationHarness) -> list[str]:
    return [wait.subject for wait in waits.of_watch(waits.watch_key(VAULT.id)) if wait.subject]


def test_it_is_waited_for_by_the_one_wait_that_its_submission_armed(
    enabling: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    job = begin(enabling)
    assert waiting(enabling) == [job]
    enabling.cloud.later(60)
    look = enabling.look("web1", PHASE, job=job, tag="start_replication")
    assert not poll_job(look).settled
    assert waiting(enabling) == [job]
    assert enabling.row("web1").waiting_for.startswith("Enable replication: ")
    enabling.cloud.later(2_400)
    later = look.replace(now=enabling.cloud.now(), event="look:2")
    assert after_many_deaths(dying, lambda: poll_job(later)).settled
    assert waiting(enabling) == []
    assert enabling.row("web1").waiting_for == ""


def test_one_that_failed_is_refused_with_code_causes_and_advice(enabling: MigrationHarness) -> None:
    enabling.cloud.fault("job-fails", scenario="EnableDr", code="310056")
    job = begin(enabling)
    enabling.cloud.later(2_400)
    for _ in range(2):
        with pytest.raises(CloudRefused) as refused:
            poll_job(enabling.look("web1", PHASE, job=job, tag="start_replication"))
        problem = refused.value.facts
        assert (problem.code, bool(problem.causes), bool(problem.advice)) == ("310056", True, True)
    assert waiting(enabling) == []


def test_one_that_does_not_show_yet_is_looked_for_a_while(enabling: MigrationHarness) -> None:
    look = enabling.look("web1", PHASE, job="11111111-1111-4111-8111-111111111111")
    assert not poll_job(look).settled
    enabling.cloud.later(700)
    with pytest.raises(CloudRefused, match="knows no job"):
        poll_job(look.replace(now=enabling.cloud.now()))


def test_an_operator_interrupts_the_wait_for_it(enabling: MigrationHarness) -> None:
    job = begin(enabling)
    operator_intents.set_intent(Control(migration=enabling.migration, intent=Intent.CANCEL, at=enabling.cloud.now()))
    with pytest.raises(Interrupted):
        poll_job(enabling.look("web1", PHASE, job=job))
    rolling = enabling.look("web1", "rollback", job=job)
    assert not poll_job(rolling).settled, "who takes it back waits for it undisturbed"
