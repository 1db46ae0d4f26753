"""A migration's waves in time."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.decisions.people import played
from shared.intake.register import take_in
from shared.plan.model import Plan
from shared.plan.schema import EXAMPLE
from shared.problems import NotFound
from shared.reporting.timeline import AHEAD, timeline
from shared.scheduling.window_capacity import opening_of, take
from shared.settings import settings
from tests.storage_in_memory import Tables

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NIGHTLY = {
    "start": "2026-11-21T22:00",
    "length": "PT4H",
    "timeZone": "Europe/Amsterdam",
    "every": "daily",
    "capacity": 3,
}
FREEZE = {"start": "2026-11-24T00:00", "end": "2026-11-26T00:00", "reason": "month end"}


@pytest.fixture
def migration(monkeypatch):
    storage = Tables()
    monkeypatch.setattr("shared.storage.rows.table", storage.table)
    monkeypatch.setattr("shared.storage.blobs.container", storage.container)
    settings.cache_clear()
    first, *others = EXAMPLE["waves"]
    waves = [first | {"cutover": {"windows": [NIGHTLY | {"blackouts": [FREEZE]}]}}, *others]
    return take_in(Plan.model_validate(EXAMPLE | {"waves": waves}), played("ada"), AT).migration


def test_a_wave_has_the_openings_of_its_windows_as_moments_with_the_zone_of_the_plan(migration):
    first, second, *_ = timeline(migration, AT).waves[0].windows

    assert (AT.replace(hour=21), AT.replace(hour=21) + timedelta(hours=4)) == (first.opens_at, first.closes_at)
    assert ("Europe/Amsterdam", 3) == (first.time_zone, first.capacity)
    assert timedelta(days=1) == second.opens_at - first.opens_at


def test_it_tells_how_many_places_of_an_opening_are_taken(migration):
    take(opening_of(migration, EXAMPLE["waves"][0]["name"], AT.replace(hour=21)), 3, ["a", "b"])

    assert [2, 0] == [each.taken for each in timeline(migration, AT).waves[0].windows[:2]]


def test_a_blackout_is_told_with_its_reason_and_a_recurring_window_does_not_go_on_for_ever(migration):
    drawn = timeline(migration, AT)

    assert [("month end", timedelta(days=2))] == [
        (each.reason, each.end - each.start) for each in drawn.waves[0].blackouts
    ]
    assert max(each.opens_at for each in drawn.waves[0].windows) < AT + AHEAD


def test_the_same_is_told_within_an_hour_so_that_it_need_not_be_sent_again(migration):
    assert timeline(migration, AT) == timeline(migration, AT + timedelta(minutes=59))


def test_there_is_no_time_of_a_migration_that_is_not_there(migration):
    with pytest.raises(NotFound):
        timeline("nowhere.1", AT)


def test_the_blackouts_of_the_company_stand_in_every_wave(migration, monkeypatch):
    freeze = '[{"start": "2026-11-27T00:00", "end": "2026-11-30T00:00", "reason": "audit"}]'
    monkeypatch.setenv("AZFERRY_BLACKOUTS", freeze)
    settings.cache_clear()
    found = [[(each.reason, each.company) for each in wave.blackouts] for wave in timeline(migration, AT).waves]
    settings.cache_clear()

    assert [("month end", False), ("audit", True)] == found[0]
    assert all(("audit", True) in wave for wave in found)


def test_windows_of_machines_and_applications_stand_beside_those_of_their_wave(monkeypatch):
    storage = Tables()
    monkeypatch.setattr("shared.storage.rows.table", storage.table)
    monkeypatch.setattr("shared.storage.blobs.container", storage.container)
    first, *others = EXAMPLE["waves"]
    own = first["machines"][0]
    other = {"name": "erp1", "source": {"instanceId": "i-0eee1111"}, "application": "erp"}
    waves = [first | {"machines": [own | {"windows": [NIGHTLY]}, other]}]
    plan = EXAMPLE | {
        "name": "own-windows",
        "waves": [*waves, *others],
        "applications": [{"name": "erp", "windows": [NIGHTLY]}],
    }
    taken = take_in(Plan.model_validate(plan), played("ada"), AT)

    wave = timeline(taken.migration, AT).waves[0]
    assert {f"machine {own['name']}", "application erp"} == {each.whose for each in wave.windows}
