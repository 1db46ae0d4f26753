"""Complete migration: the evidence is kept, then replication is removed once and for all."""

from collections.abc import Callable

import pytest

from activities.complete_migration import start_completion
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Control, Intent
from shared.problems import CloudRefused, Interrupted
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, effects, patiently, submits_once

REMOVE = "*/remove/action"
PHASE = "complete_migration"


@pytest.fixture
def moved(prepared: MigrationHarness) -> MigrationHarness:
    prepared.walk("web1", until=PHASE)
    return prepared


def test_evidence_is_kept_and_never_replaced_by_less(moved: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = moved.look("web1", PHASE)
    after_many_deaths(dying, lambda: patiently(moved, "start_completion", look))
    kept = moved.row("web1").evidence
    assert kept.item.active_location == "Recovery"
    assert kept.item.model_extra["providerSpecificDetails"], "and all else that was told"
    assert kept.vm.name == "web1"
    moved.cloud.later(30)
    start_completion(look.replace(now=moved.cloud.now()))  # it is being removed
    moved.cloud.later(600)
    start_completion(moved.look("web1", PHASE).replace(round=2))  # it is gone
    assert moved.row("web1").evidence.item == kept.item


def test_a_machine_whose_verification_was_left_out_is_read_for_the_evidence(prepared: MigrationHarness) -> None:
    prepared.walk("web1", until="verify")
    assert prepared.row("web1").evidence.vm is None
    prepared.cloud.later(600)
    start_completion(prepared.look("web1", PHASE))
    assert prepared.row("web1").evidence.vm.name == "web1"


def test_it_is_submitted_once_through_all_deaths(moved: MigrationHarness, dying: Callable[..., Dying]) -> None:
    look = moved.look("web1", PHASE)
    submits_once(moved, dying, "start_completion", look, REMOVE)
    moved.cloud.later(600)
    assert start_completion(moved.look("web1", PHASE).replace(round=2)).job == "", "the item is gone: it is complete"


def test_a_rollback_comes_before_it(moved: MigrationHarness) -> None:
    control = Control(migration=moved.migration, machine="web1", intent=Intent.ROLLBACK, at=moved.cloud.now())
    operator_intents.set_intent(control)
    with pytest.raises(Interrupted):
        start_completion(moved.look("web1", PHASE))
    assert effects(moved, REMOVE) == []


def test_a_machine_that_did_not_fail_over_is_not_completed(prepared: MigrationHarness) -> None:
    prepared.walk("web1", until="start_test_failover")
    with pytest.raises(CloudRefused, match="does not offer CompleteMigration") as refused:
        start_completion(prepared.look("web1", PHASE))
    assert refused.value.facts.advice
    assert effects(prepared, REMOVE) == []
