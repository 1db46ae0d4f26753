"""What is played is the very plan, but nobody is told of it; and looks come before anybody acts."""

from datetime import timedelta

import pytest

from local.forecast.playing import pace, unheard
from local.world.model import Release
from shared.plan.documents import read_document

PLAN = b"name: night\nwaves: [{name: a, cutover: {windows: [{start: 2026-12-01T22:00, length: PT4H}]}}]\n"


def test_a_plan_that_tells_nobody_is_played_as_it_is_written():
    assert PLAN == unheard(PLAN)


def test_channels_and_webhooks_that_a_plan_names_are_left_out_and_nothing_else():
    announced = PLAN + b"notifications: [{channel: ops}, {url: https://example.com/hook}]\n"

    assert read_document(PLAN, "") == read_document(unheard(announced), "")


@pytest.mark.parametrize(("minutes", "expected"), [((), 10), ((30, 4), 4), ((0,), 1)])
def test_the_player_looks_as_often_as_somebody_acts(minutes, expected):
    releases = [Release(after=timedelta(minutes=each)) for each in minutes]

    assert timedelta(minutes=expected) == pace(releases)
