#!/usr/bin/env bash
# icalendar 7.3.2 and recurring-ical-events 3.8.2: a DURATION in hours is counted on the wall clock.
#
# Guess: a window with DURATION:PT4H lasts four hours in every night, as RFC 5545 counts hours exactly and only days by the calendar.
# Seen: in the night in which clocks go back it lasts five hours, in the one in which they go forward three; event.duration says four in both.
#       PT24H lasts as long as P1D (25 and 23 hours), where the RFC tells them apart for this very night.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check icalendar==7.3.2 recurring-ical-events==3.8.2
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timezone

from icalendar import Calendar
from recurring_ical_events import of

LINES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//cutover windows//
BEGIN:VEVENT
UID:window-1
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:{start}
DURATION:{duration}
END:VEVENT
END:VCALENDAR
"""


def hours(start, end):
    return (end.astimezone(timezone.utc) - start.astimezone(timezone.utc)).total_seconds() / 3600


def lengths(night, duration):
    """Give the real hours, as icalendar and as recurring-ical-events see them."""
    calendar = Calendar.from_ical(LINES.format(start=f"{night}T010000", duration=duration).replace("\n", "\r\n"))
    event = calendar.events[0]
    assert event.duration.total_seconds() == (4 if duration == "PT4H" else 24) * 3600, event.duration
    found = of(calendar).at(datetime.strptime(night, "%Y%m%d").date())[0]
    return hours(event.start, event.end), hours(found["DTSTART"].dt, found["DTEND"].dt)


nights = {"plain": "20260601", "back": "20261025", "forward": "20260329"}
seen = {f"{duration}, {name}": lengths(night, duration) for duration in ("PT4H", "PT24H", "P1D") for name, night in nights.items()}
print(*seen.items(), sep="\n")
assert seen == {
    "PT4H, plain": (4, 4),
    "PT4H, back": (5, 5),
    "PT4H, forward": (3, 3),
    "PT24H, plain": (24, 24),
    "PT24H, back": (25, 25),
    "PT24H, forward": (23, 23),
    "P1D, plain": (24, 24),
    "P1D, back": (25, 25),
    "P1D, forward": (23, 23),
}, "this has changed"
PYTHON
