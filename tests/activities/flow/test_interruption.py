"""Whether an operator stopped a machine."""

import pytest

from activities.flow.interruption import raise_if_stopped
from shared.coordination.operator_intents import Control, Intent, set_intent
from shared.problems import Interrupted
from tests.activities.migration_harness import MigrationHarness


def order(ferry: MigrationHarness, intent: Intent, machine: str = "*") -> None:
    now = ferry.cloud.now()
    set_intent(
        Control(migration=ferry.migration, machine=machine, intent=intent, by="bob", at=now, comment="bad weather")
    )


def test_nothing_is_struck_while_nobody_says_anything(enlisted: MigrationHarness) -> None:
    raise_if_stopped(enlisted.place("web1", "initial_sync"))


@pytest.mark.parametrize("intent", [Intent.CANCEL, Intent.ROLLBACK])
def test_who_stopped_a_machine_and_why_is_said(enlisted: MigrationHarness, intent: Intent) -> None:
    order(enlisted, intent, "web1")
    with pytest.raises(Interrupted) as raised:
        raise_if_stopped(enlisted.place("web1", "initial_sync"))
    assert raised.value.facts.extra == {"intent": intent.value}
    assert "bob" in str(raised.value)
    assert "bad weather" in str(raised.value)


def test_other_machines_go_on(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.CANCEL, "web1")
    raise_if_stopped(enlisted.place("db1", "initial_sync"))


def test_an_order_for_all_stops_each_machine_and_the_plans_own_phases(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.CANCEL)
    for place in (enlisted.place("web1", "quiesce"), enlisted.place(phase="prepare_vault")):
        with pytest.raises(Interrupted):
            raise_if_stopped(place)


@pytest.mark.parametrize("phase", ["fail_over", "verify", "accept", "complete_migration"])
def test_past_the_failover_only_a_rollback_strikes(enlisted: MigrationHarness, phase: str) -> None:
    order(enlisted, Intent.CANCEL, "web1")
    raise_if_stopped(enlisted.place("web1", phase))
    order(enlisted, Intent.ROLLBACK, "web1")
    with pytest.raises(Interrupted):
        raise_if_stopped(enlisted.place("web1", phase))


@pytest.mark.parametrize("phase", ["rollback", "cancel", "clean_up_test_failover"])
def test_who_tidies_up_is_never_struck(enlisted: MigrationHarness, phase: str) -> None:
    order(enlisted, Intent.ROLLBACK, "web1")
    raise_if_stopped(enlisted.place("web1", phase))


def test_a_pause_strikes_nobody(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.PAUSE)
    raise_if_stopped(enlisted.place("web1", "quiesce"))
