"""A running plan is changed as a whole or not at all, by whom it may, and everybody who waits is wakes."""

from datetime import timedelta
from typing import Any

import pytest

from shared.decisions.changing import change_plan, judge_change, settle_again
from shared.decisions.people import Role, played
from shared.decisions.steered import said_by
from shared.ledger import events, machines, migrations, plans
from shared.ledger.expanded_plans import entry_of, save_expanded
from shared.models import Scope
from shared.plan.model import Plan
from shared.problems import InvalidPlan, NotAllowedNow, NotPermitted, PlanMoved
from shared.storage import blobs
from tests.activities.migration_harness import plan_of
from tests.shared.decisions.conftest import MIGRATION, NOW, WAVE

WINDOW = {"start": "+PT2H", "length": "PT4H"}
LATER = {"start": "+PT30H", "length": "PT4H"}


def changed(windows: list[Any] | None = None, **more: Any) -> Plan:
    document = plan_of("a", "b", "c")
    if windows is not None:
        document["waves"][0]["cutover"] = document["waves"][0].get("cutover", {}) | {"windows": windows}
    return Plan.model_validate(document | more)


@pytest.fixture
def assessed(migration: str) -> str:
    """The migration, whose machines are known."""
    save_expanded(migration, plans.plan_of(migration))
    return migration


def windows_now() -> list[str]:
    return [each.start for each in plans.plan_of(MIGRATION).wave(WAVE).cutover.windows]


def changes_told() -> list[tuple[str, Any, Any]]:
    found = [each.data for each in events.page(MIGRATION)[0] if each.what.startswith("plan-changed")]
    return [(each.changed or "", each.before, each.after) for each in found if each]


def test_a_change_holds_at_once_and_is_told_with_both_values(assessed, decision, waits):
    waits("b", "window", "waiting")
    waits("a", "job", "walking")

    change, _, wakes = change_plan(assessed, changed([WINDOW]), 1, decision)

    assert (change.version, change.applied) == (2, True)
    assert windows_now() == ["+PT2H"]
    assert entry_of(assessed, "b")[0].cutover.windows[0].start == "+PT2H"
    assert changes_told() == [("waves/first/cutover/windows", None, [WINDOW])]
    assert [each.event for each in wakes] == ["b"], "who waits for a job is left alone"


def test_a_dry_run_changes_nothing(assessed, decision):
    judged = judge_change(assessed, changed([WINDOW]), decision)

    assert [each.path for each in judged.changes] == ["waves/first/cutover/windows"]
    assert (judged.version, judged.applied, windows_now(), changes_told()) == (1, False, [], [])


def test_a_machine_gets_windows_of_its_own(assessed, decision):
    document = plan_of("a", "b", "c")
    document["waves"][0]["machines"][1]["windows"] = [LATER]
    change_plan(assessed, Plan.model_validate(document), 1, decision)

    assert [each.start for each in entry_of(assessed, "b")[1].windows] == ["+PT30H"]
    assert entry_of(assessed, "a")[1].windows == ()


def test_of_two_changes_of_one_version_only_one_comes_through(assessed, decision, together):
    def act(start: str) -> str:
        try:
            change_plan(assessed, changed([WINDOW | {"start": start}]), 1, decision)
        except PlanMoved:
            return ""
        return start

    came = [each for each in together(act, ["+PT3H", "+PT4H", "+PT5H"]) if each]

    assert windows_now() == came
    assert migrations.existing(assessed).plan_version == 2


def test_who_read_an_earlier_version_is_told_so(assessed, decision):
    change_plan(assessed, changed([WINDOW]), 1, decision)

    with pytest.raises(PlanMoved, match="in version 2, not 1"):
        change_plan(assessed, changed([LATER]), 1, decision)
    assert change_plan(assessed, changed([LATER]), 2, decision).change.version == 3
    assert change_plan(assessed, changed(), 3, decision).change.version == 4, "and back to the first"
    assert windows_now() == []


def test_the_same_plan_again_changes_nothing_and_makes_good_what_was_lost(assessed, decision, waits):
    waits("b", "window", "waiting")
    change_plan(assessed, changed([WINDOW]), 1, decision)
    again, _, wakes = change_plan(assessed, changed([WINDOW]), 1, decision)

    assert (again.applied, again.version, len(changes_told())) == (False, 2, 1)
    assert [each.event for each in wakes] == ["b"]
    row = migrations.existing(assessed)
    assert [each.event for each in settle_again(row, NOW + timedelta(minutes=5))] == ["b"], "as `reconcile` does"
    assert settle_again(row, NOW + timedelta(hours=1)) == ()


@pytest.mark.parametrize("died", range(1, 6))
def test_whoever_dies_in_between_changed_all_or_nothing(assessed, decision, monkeypatch, died):
    """Every write of the change is one after which the host may be gone."""
    writes = []

    def dies(write):
        def wrapped(*given, **named):
            answer = write(*given, **named)
            writes.append(write)
            if len(writes) == died:
                raise SystemExit
            return answer

        return wrapped

    with monkeypatch.context() as patched:
        patched.setattr(blobs, "write_once", dies(blobs.write_once))
        patched.setattr(migrations, "change_row", dies(migrations.change_row))
        patched.setattr(events, "write", dies(events.write))
        try:
            change_plan(assessed, changed([WINDOW], limits={"cuttingOver": 20}), 1, decision)
        except SystemExit:
            assert len(writes) == died
        else:
            assert died > 5 or len(writes) < died
    row = migrations.existing(assessed)
    assert windows_now() == (["+PT2H"] if row.plan_version == 2 else [])
    settle_again(row, NOW)
    assert len(changes_told()) == (2 if row.plan_version == 2 else 0)

    change_plan(assessed, changed([WINDOW], limits={"cuttingOver": 20}), 1, decision)
    assert (windows_now(), len(changes_told()), migrations.existing(assessed).plan_version) == (["+PT2H"], 2, 2)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (changed(limits={"failureTolerance": 0}), "may only be raised"),
        (changed([WINDOW], finish={"decommission": {"mode": "terminate"}}), "cannot be changed while the migration"),
        (changed([{"start": "2026-11-20T22:00", "length": "PT1H"}]), "none of these windows opens any more"),
    ],
)
def test_what_cannot_be_taken_over_is_refused_and_nothing_is_changed(assessed, decision, plan, why):
    with pytest.raises(InvalidPlan) as refused:
        change_plan(assessed, plan, 1, decision)

    assert any(why in fault.message for fault in refused.value.facts.errors)
    assert (windows_now(), migrations.existing(assessed).plan_version) == ([], 1)


def test_only_who_may_approve_the_cutover_moves_it(assessed, decision):
    operator = said_by(played("oscar", (Role.OPERATOR,)), NOW, "because")

    with pytest.raises(NotPermitted):
        change_plan(assessed, changed([WINDOW]), 1, operator)


def test_before_the_assessment_and_after_the_end_nothing_can_be_changed(migration, decision):
    with pytest.raises(NotAllowedNow, match="not assessed yet"):
        change_plan(migration, changed([WINDOW]), 1, decision)
    migrations.change(Scope(migration=migration, round=0, now=NOW), status="Ended")
    with pytest.raises(NotAllowedNow, match="has ended"):
        judge_change(migration, changed([WINDOW]), decision)
    assert next(machines.list(migration)).name == "a"
