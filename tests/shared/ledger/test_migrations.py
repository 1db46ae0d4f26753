"""The ledger of migrations: ids are never reused, rounds open and close once, the last one gives the outcome."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.ledger import machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import close_round, open_round
from shared.ledger.migration_row import MigrationRow
from shared.models import Scope
from shared.problems import Conflict, NotFound
from shared.states import MachineState, MigrationStatus, Outcome

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def machine(name: str, state: MachineState) -> MachineRow:
    return MachineRow(migration="m.1", name=name, state=state)


def test_an_id_is_used_once() -> None:
    migrations.create(MigrationRow(id="m.1", plan_hash="a"))

    with pytest.raises(Conflict, match=r"m\.1"):
        migrations.create(MigrationRow(id="m.1", plan_hash="b"))

    kept = migrations.get("m.1")
    assert kept
    assert kept.plan_hash == "a"


def test_a_twin_of_the_creator_is_no_conflict_and_a_late_one_takes_nothing_back(at: At) -> None:
    created = MigrationRow(id="m.1", plan_hash="a")
    migrations.create(created)
    migrations.create(created)
    moved = migrations.change(Scope(migration="m.1", now=at(1)), phase="later")

    with pytest.raises(Conflict):
        migrations.create(created)

    assert migrations.existing("m.1") == moved


def test_one_of_many_creators_wins(together: Callable) -> None:
    def create(number: int) -> str:
        migrations.create(MigrationRow(id="m.1", started_by=f"p{number}"))
        return "won"

    answers = together(create, list(range(12)))

    assert answers.count("won") == 1
    assert sum(isinstance(each, Conflict) for each in answers) == 11


def test_migrations_are_paged_newest_first(at: At) -> None:
    for number in (3, 1, 5, 2, 4):
        migrations.create(MigrationRow(id=f"m.{number}", started_at=at(number)))

    first, token = migrations.page("", 2)
    migrations.create(MigrationRow(id="m.6", started_at=at(6)))
    second, token = migrations.page(token, 2)
    third, end = migrations.page(token, 2)

    assert [each.id for each in first + second + third] == ["m.5", "m.4", "m.3", "m.2", "m.1"]
    assert end == ""


def test_the_last_round_to_close_ends_the_migration(at: At) -> None:
    migrations.create(MigrationRow(id="m.1", instances=("m.1",)))
    open_round(Scope(migration="m.1", round=2, now=at(1)), "m.1.r2")
    machines.create_many([machine("a", MachineState.FINALIZED), machine("b", MachineState.FAILED)])

    first = close_round("m.1", 1, at(2))
    last = close_round("m.1", 2, at(3))

    assert (first.status, first.open_rounds, first.outcome) == (MigrationStatus.RUNNING, (2,), Outcome.NONE)
    assert (last.status, last.open_rounds, last.ended_at) == (MigrationStatus.ENDED, (), at(3))
    assert last.outcome == Outcome.PARTIALLY_SUCCEEDED


def test_closing_a_round_twice_is_closing_it_once(at: At) -> None:
    migrations.create(MigrationRow(id="m.1"))
    machines.create_many([machine("a", MachineState.FINALIZED)])
    first = close_round("m.1", 1, at(2))

    assert close_round("m.1", 1, at(9)) == first


def test_rounds_that_close_at_once_end_the_migration_once(together: Callable, at: At) -> None:
    migrations.create(MigrationRow(id="m.1", round=8, open_rounds=tuple(range(1, 9))))
    machines.create_many([machine("a", MachineState.FINALIZED)])

    answers = together(lambda number: close_round("m.1", number, at(number)), list(range(1, 9)))

    assert sum(each.status == MigrationStatus.ENDED for each in answers) == 1
    kept = migrations.get("m.1")
    assert kept
    assert (kept.status, kept.outcome) == (MigrationStatus.ENDED, Outcome.SUCCEEDED)


def test_an_ended_migration_runs_again_with_a_new_round(at: At) -> None:
    migrations.create(MigrationRow(id="m.1", instances=("m.1",)))
    machines.create_many([machine("a", MachineState.FAILED)])
    close_round("m.1", 1, at(1))

    again = open_round(Scope(migration="m.1", round=2, now=at(2)), "m.1.r2")

    assert (again.status, again.outcome, again.ended_at) == (MigrationStatus.RUNNING, Outcome.NONE, None)
    assert (again.round, again.open_rounds, again.instances) == (2, (2,), ("m.1", "m.1.r2"))


def test_a_round_is_opened_once_and_in_order(at: At) -> None:
    migrations.create(MigrationRow(id="m.1"))
    place = Scope(migration="m.1", round=2, now=at(1))
    once = open_round(place, "m.1.r2")

    assert open_round(place, "m.1.r2") == once
    with pytest.raises(Conflict):
        open_round(place, "m.1.r2", "another command")
    with pytest.raises(Conflict):
        open_round(place.replace(round=4), "m.1.r4")


def test_a_late_twin_changes_nothing(at: At) -> None:
    migrations.create(MigrationRow(id="m.1"))
    migrations.change(Scope(migration="m.1", now=at(2)), phase="later")

    assert migrations.change(Scope(migration="m.1", now=at(1)), phase="late").phase == "later"


def test_what_is_not_there_is_not_found(at: At) -> None:
    assert migrations.get("m.9") is None
    with pytest.raises(NotFound):
        migrations.change(Scope(migration="m.9", now=at(1)), phase="x")
    with pytest.raises(NotFound):
        close_round("m.9", 1, at(1))
