"""What an answer means, and what a receiver may wish."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.notifications.exchange import Incoming
from shared.notifications.judgement import LONGEST_WISH, PAUSES, judge, pause

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def of(status: int, **headers: str):
    return judge(Incoming(status, {name.replace("_", "-"): value for name, value in headers.items()}, b""), NOW)


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("Sat, 21 Nov 2026 02:30:00 GMT", timedelta(minutes=30)),
        ("Sat, 21 Nov 2026 01:00:00 GMT", timedelta()),
        ("99999999999999999999", LONGEST_WISH),
        ("soon", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_may_say_when_it_wants_to_be_asked_again(status, words, after):
    assert of(status, retry_after=words).after == after


@pytest.mark.parametrize("status", [401, 403, 404, 408, 429, 500, 502, 503, 504])
def test_what_somebody_can_put_right_is_tried_again(status):
    found = of(status)

    assert (found.delivered, found.dead, found.why) == (False, False, f"it answered with {status}")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_every_yes_counts(status):
    assert of(status).delivered


def test_a_weekends_night_is_outlived():
    assert sum(PAUSES, timedelta()) > timedelta(days=1, hours=12)
    assert list(PAUSES) == sorted(PAUSES)
    assert pause(len(PAUSES) + 1) is None
