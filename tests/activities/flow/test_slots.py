"""Slots: places within the limits of plan, appliance and app."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.cohorts import Slots
from shared.coordination import operator_intents, slots, waits
from shared.coordination.operator_intents import Control, Intent
from shared.coordination.slot_queue import Status
from shared.problems import Interrupted
from shared.settings import settings
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.migration_harness import MigrationHarness, plan_of


@pytest.fixture
def narrow(ferry: MigrationHarness) -> MigrationHarness:
    """Three machines, of which one at a time may replicate, and two cut over."""
    ferry.take_in(plan_of("a1", "a2", "a3", limits={"replicating": 1, "cuttingOver": 2}))
    ferry.enlist()
    return ferry


def want(ferry: MigrationHarness, machine: str, turn: int = 1, **more: Any) -> Slots:
    values = {"kind": Slots, "limit": "replicating", "tag": "replicating"} | more
    return ferry.look(machine, "enable_replication", turn, **values)


def holders(ferry: MigrationHarness, limit: str = "replicating") -> list[str]:
    held = (each for each in slots.everything()[0] if each.status != Status.QUEUED)
    return [each.holder for each in held if f"{ferry.migration} {limit}" in each.limits]


def test_a_free_place_is_taken_at_once(narrow: MigrationHarness) -> None:
    assert narrow.ask("take_slots", want(narrow, "a1")).settled
    assert holders(narrow) == [f"{narrow.migration}/a1/replicating"]
    assert narrow.row("a1").waiting_for == ""


def test_taken_twice_it_is_one_place(narrow: MigrationHarness) -> None:
    request = want(narrow, "a1")
    assert narrow.ask("take_slots", request) == narrow.ask("take_slots", request)
    assert len(holders(narrow)) == 1


def test_who_finds_none_waits_and_says_for_which_limit(narrow: MigrationHarness) -> None:
    narrow.ask("take_slots", want(narrow, "a1"))
    assert not narrow.ask("take_slots", want(narrow, "a2")).settled
    assert f"at most 1 in {narrow.migration} replicating" in narrow.row("a2").waiting_for
    (wait,) = waits.of_migration(narrow.migration)
    assert (wait.machine, wait.kind) == ("a2", waits.WaitKind.SLOT)


def test_a_freed_place_is_kept_for_the_first_in_the_queue(narrow: MigrationHarness) -> None:
    narrow.ask("take_slots", want(narrow, "a1"))
    for name in ("a2", "a3"):
        narrow.cloud.later(1)
        narrow.ask("take_slots", want(narrow, name))
    announcements = narrow.ask("free_slots", want(narrow, "a1"))
    assert [each.event for each in announcements.announcements] == ["look:1"]
    assert not narrow.ask("take_slots", want(narrow, "a3", 2)).settled
    assert narrow.ask("take_slots", want(narrow, "a2", 2)).settled
    assert narrow.row("a2").waiting_for == ""


def test_freed_twice_it_wakes_the_same_one_again(narrow: MigrationHarness) -> None:
    narrow.ask("take_slots", want(narrow, "a1"))
    narrow.ask("take_slots", want(narrow, "a2"))
    request = want(narrow, "a1")
    assert narrow.ask("free_slots", request) == narrow.ask("free_slots", request)


def test_a_cohort_takes_places_for_all_its_machines(narrow: MigrationHarness) -> None:
    def cohort(name: str, count: int) -> Slots:
        more = {"kind": Slots, "limit": "cuttingOver", "count": count, "owner": name, "tag": name}
        return narrow.look("", name, **more)

    assert narrow.ask("take_slots", cohort("c1", 2)).settled
    assert not narrow.ask("take_slots", cohort("c2", 1)).settled
    assert narrow.ask("free_slots", cohort("c1", 2)).announcements
    assert narrow.ask("take_slots", cohort("c2", 1)).settled


def test_the_apps_own_limit_counts_over_all_migrations(
    narrow: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZFERRY_MAX_REPLICATING", "1")
    settings.cache_clear()
    narrow.ask("take_slots", want(narrow, "a1"))
    narrow.take_in(plan_of("b1", name="other"))
    narrow.enlist()
    assert not narrow.ask("take_slots", want(narrow, "b1")).settled
    assert "at most 1 in app replicating" in narrow.row("b1").waiting_for


def test_a_stopped_machine_takes_no_place(narrow: MigrationHarness) -> None:
    operator_intents.set_intent(
        Control(migration=narrow.migration, machine="a1", intent=Intent.CANCEL, at=narrow.cloud.now())
    )
    with pytest.raises(Interrupted):
        narrow.ask("take_slots", want(narrow, "a1"))
    assert holders(narrow) == []


def test_queueing_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    names = iter(f"plan-{number}" for number in range(1000))

    def fresh() -> Callable[[], Any]:
        ferry.take_in(plan_of("a1", "a2", name=next(names), limits={"replicating": 1}))
        ferry.enlist()
        ferry.ask("take_slots", want(ferry, "a1"))
        request = want(ferry, "a2")
        return lambda: ferry.ask("take_slots", request)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))
