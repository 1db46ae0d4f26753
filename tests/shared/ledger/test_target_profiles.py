"""Profiles are kept version by version: each change is a row of its own, and none is ever written over."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.coordination.decision import Decision
from shared.ledger import target_profiles
from shared.problems import PlanMoved

pytestmark = pytest.mark.usefixtures("store")

NOW = datetime(2026, 11, 21, tzinfo=UTC)
FIRST, SECOND = {"limits": {"cuttingOver": 5}}, {"limits": {"cuttingOver": 6}}


def add(settings, expected=None, minutes=0, by="ann"):
    decision = Decision(by=by, at=NOW + timedelta(minutes=minutes), comment="as agreed")
    return target_profiles.add("prod-weu", settings, decision, lambda held: expected in (None, held))


def test_each_change_is_a_version_that_says_who_when_and_why():
    assert [True, True] == [add(FIRST)[1], add(SECOND, by="bob", minutes=5)[1]]

    first, second = target_profiles.versions("prod-weu")
    assert [(1, "ann", NOW, FIRST), (2, "bob", NOW + timedelta(minutes=5), SECOND)] == [
        (row.version, row.by, row.at, row.settings) for row in (first, second)
    ]
    assert "as agreed" == second.comment
    assert (second,) == target_profiles.newest()


def test_the_same_settings_again_are_no_change():
    made, _ = add(FIRST)

    assert (made, False) == add(FIRST, by="bob", minutes=5)


def test_what_goes_by_an_earlier_version_is_refused():
    add(FIRST, expected=0)
    add(SECOND, expected=1)

    for late in (0, 1):
        with pytest.raises(PlanMoved, match="version 2"):
            add(FIRST, expected=late)


def test_who_comes_second_in_one_moment_is_told(monkeypatch):
    read = target_profiles.versions
    monkeypatch.setattr(target_profiles, "versions", lambda _name: ())  # both read before either wrote
    add(FIRST)

    with pytest.raises(PlanMoved):
        add(SECOND)
    assert [FIRST] == [row.settings for row in read("prod-weu")]


def test_a_dropped_profile_is_found_by_nobody_and_can_come_back_as_a_further_version():
    add(FIRST)
    add({})

    assert () == target_profiles.newest()
    back, fresh = add(FIRST, expected=0)
    assert (3, True) == (back.version, fresh)
