"""In a blackout no cutover begins, whoever's it is, and everybody is told why."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.plan.cutover import Blackout, Window
from shared.problems import Busy
from shared.scheduling.blackouts import company
from shared.scheduling.windows import closed_by, next_opening
from shared.settings import settings

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
FREEZE = {"start": "2026-12-01T18:00", "end": "2026-12-08T06:00", "timeZone": "Europe/Amsterdam", "reason": "freeze"}
NIGHTLY = Window(start="2026-12-01T22:00", length=timedelta(hours=4), every="daily", time_zone="Europe/Amsterdam")
Calendar = Callable[..., None]


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calendar]:
    """The company's calendar, as a deployment sets it."""

    def set_to(*blackouts: Any) -> None:
        monkeypatch.setenv("AZFERRY_BLACKOUTS", json.dumps(blackouts))
        settings.cache_clear()

    yield set_to
    settings.cache_clear()


def test_a_blackout_of_the_company_moves_every_window_and_says_why(calendar: Calendar) -> None:
    calendar(FREEZE)
    opening = next_opening([NIGHTLY], NOW, NOW)

    assert opening is not None
    assert opening.begin == datetime(2026, 12, 8, 21, tzinfo=UTC)
    assert [str(each) for each in opening.closed] == ["the company's blackout until 2026-12-08 05:00 UTC (freeze)"]


def test_it_holds_where_there_is_no_window_too(calendar: Calendar) -> None:
    calendar(FREEZE)
    within, before = NOW.replace(hour=20), NOW
    held, free = next_opening((), NOW, within), next_opening((), NOW, before)

    assert held is not None
    assert free is not None
    assert (held.begin, held.is_open(within)) == (datetime(2026, 12, 8, 5, tzinfo=UTC), False)
    assert (free.is_open(before), free.closed) == (True, ())
    over = next_opening((), NOW, held.begin)
    assert over is not None
    assert over.closed == (), "its end is not in it"


def test_blackouts_that_follow_each_other_are_one(calendar: Calendar) -> None:
    calendar(FREEZE, {"start": "2026-12-08T04:00", "end": "2026-12-09T22:30", "reason": "audit"})
    own = NIGHTLY.model_copy(update={"blackouts": (Blackout(start="2026-12-09T23:00", end="2026-12-10T00:00"),)})
    opening = next_opening([own], NOW, NOW)

    assert opening is not None
    assert opening.begin == datetime(2026, 12, 9, 23, tzinfo=UTC)
    assert [each.reason for each in opening.closed] == ["freeze", "audit", ""]


def test_a_window_that_opens_in_blackouts_only_has_no_opening_and_says_in_which(calendar: Calendar) -> None:
    calendar(FREEZE)
    once = Window(start="2026-12-03T22:00", length=timedelta(hours=4))

    assert next_opening([once], NOW, NOW) is None
    assert [each.reason for each in closed_by([once], NOW, NOW)] == ["freeze"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("year end", "Invalid JSON"),
        ('[{"start": "2026-12-24T00:00"}]', "Field required 0/end"),
        ('[{"start": "2026-12-24T00:00", "end": "2026-12-23T00:00"}]', "ends before it starts"),
        ('[{"start": "2026-12-24T00:00", "end": "2026-12-24T00:00"}]', "ends before it starts"),
        ('[{"start": "2026-12-24T00:00", "end": "2026-12-25T00:00", "timeZone": "Mars"}]', "no time zone Mars"),
        ('[{"start": "2026-02-30T00:00", "end": "2026-12-25T00:00"}]', "day"),
    ],
)
def test_a_calendar_that_cannot_be_read_lets_nobody_begin(text: str, why: str) -> None:
    with pytest.raises(Busy, match="AZFERRY_BLACKOUTS cannot be read, so no cutover begins") as busy:
        company(text)
    assert why in str(busy.value)
