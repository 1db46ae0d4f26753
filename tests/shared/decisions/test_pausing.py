"""Pause and resume: what is held, what goes on, and what is refused."""

import pytest

from shared.coordination.operator_intents import Intent, intent
from shared.coordination.waits import WaitKind
from shared.decisions.pausing import pause, resume
from shared.ledger import events, migrations
from shared.models import Scope
from shared.problems import NotAllowedNow, NotFound
from shared.states import MigrationStatus


def test_a_paused_migration_says_who_held_it_and_how_it_goes_on(migration, decision):
    pause(migration, (), decision)

    row = migrations.get(migration)
    assert (row.status, row.waiting_for) == (MigrationStatus.PAUSED, "paused by eve: because")
    assert row.release == f"azferry resume {migration}"
    assert intent(migration, "b").intent == Intent.PAUSE


def test_a_machine_is_held_alone(migration, decision):
    pause(migration, ["b"], decision)

    held = {name: intent(migration, name).intent for name in "abc"}
    assert held == {"a": Intent.RUN, "b": Intent.PAUSE, "c": Intent.RUN}
    assert migrations.get(migration).status == MigrationStatus.RUNNING


def test_resume_wakes_only_those_who_wait_for_it(migration, decision, waits):
    waits("a", WaitKind.RESUME)
    waits("b", WaitKind.RESUME)
    waits("b", WaitKind.GATE)
    pause(migration, (), decision)

    assert [each.event for each in resume(migration, ["b"], decision).announcements] == ["b"]
    assert [each.event for each in resume(migration, (), decision).announcements] == ["a", "b"]
    assert migrations.get(migration).status == MigrationStatus.RUNNING


def test_both_are_told_in_the_ledger(migration, decision):
    pause(migration, ["b"], decision)
    resume(migration, ["b"], decision.replace(at=decision.at.replace(minute=1)))

    lines = [(each.what, each.by, each.text) for each in events.page(migration)[0] if each.by == "eve"]
    assert lines == [
        ("paused", "eve", "eve: pause of wave first for b: because"),
        ("resumed", "eve", "eve: resume of wave first for b: because"),
    ]


@pytest.mark.parametrize("names", [(), ("b",)])
def test_a_resume_of_what_is_not_paused_is_refused(migration, decision, names):
    with pytest.raises(NotAllowedNow, match="is not paused"):
        resume(migration, names, decision)


def test_a_machine_that_was_paused_by_name_is_resumed_by_name(migration, decision):
    pause(migration, ["b"], decision)

    with pytest.raises(NotAllowedNow) as refused:
        resume(migration, (), decision.replace(at=decision.at.replace(minute=1)))
    assert "Paused by name: b" in refused.value.facts.advice
    resume(migration, ["b"], decision.replace(at=decision.at.replace(minute=1)))


def test_strangers_are_refused_and_nothing_is_held(migration, decision):
    with pytest.raises(NotFound, match="x, y"):
        pause(migration, ["b", "y", "x"], decision)

    assert intent(migration, "b").intent == Intent.RUN


@pytest.mark.parametrize("command", [pause, resume])
def test_what_has_ended_is_neither_held_nor_let_go(migration, decision, command):
    migrations.change(Scope(migration=migration, now=decision.at), status=MigrationStatus.ENDED)

    with pytest.raises(NotAllowedNow, match="has ended"):
        command(migration, (), decision)
