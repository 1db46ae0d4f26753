"""A forecast as one page that needs nothing from outside, and runs nothing that a plan says."""

import re

from local.forecast.model import Duty, Trouble
from local.forecast.page import page
from tests.local.forecast.played import at, outlook, plan

EVIL = "<script>alert(1)</script>"


def test_the_page_needs_nothing_from_outside():
    text = page(outlook())

    assert not re.findall(r"""(?:src|href)\s*=|url\((?!#)|@import|<script""", text)
    assert 'xmlns="http://www.w3.org/2000/svg"' in text


def test_waves_machines_windows_and_blackouts_stand_in_the_picture():
    black = {"start": "2026-11-30T11:00:00", "end": "2026-11-30T11:30:00", "reason": "close of the month"}
    text = page(outlook(plan=plan(blackouts=[black])))

    assert "<title>window: 30 Nov 12:00 to 14:00Z, 2 machines begin</title>" in text
    assert "<title>blackout: close of the month</title>" in text
    assert "<title>db1: fail_over, 30 Nov 12:06 to 30 Nov 12:16Z</title>" in text


def test_nothing_that_is_told_runs():
    duty = Duty(gate=EVIL, wave=EVIL, opens=at(1), who=(EVIL,), machines=(EVIL,))

    text = page(outlook(duties=[duty], troubles=[Trouble(what=EVIL)], basis=[EVIL]))

    assert EVIL not in text


def test_what_is_not_borne_stands_at_the_top():
    def failed(seen):
        seen["machines"][0]["state"] = "Failed"

    text = page(outlook(failed))

    assert text.index("do not arrive (db1)") < text.index("<svg")
    assert "Every machine arrives" not in text
