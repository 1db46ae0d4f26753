#!/usr/bin/env bash
# icalendar 7.3.2: a time zone that one calendar defines holds for every calendar that is read later in the same process.
#
# Guess: a VTIMEZONE holds within its VCALENDAR, as RFC 5545 says: two calendars may each define "Customized Time Zone" (Outlook's name for any
#        zone of one's own), and a Windows name without a definition is looked up as before.
# Seen: what a name meant first in the process it means from then on. The second calendar's own definition is not looked at, and its
#       windows are eight hours off; a calendar that only names "FLE Standard Time" is read as another one defined it. Which
#       moments are read depends on which file came first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check icalendar==7.3.2
"$folder/venv/bin/python" - <<'PYTHON'
from icalendar import Calendar

ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
END:STANDARD
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:window-1
DTSTAMP:20260101T000000Z
DTSTART;TZID={name}:20260601T220000
DTEND;TZID={name}:20260601T230000
END:VEVENT
"""


def start(name, offset=""):
    """Read a calendar with one event, which defines its zone where an offset is given."""
    zone = ZONE.format(name=name, offset=offset) if offset else ""
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//windows//\n{zone}{EVENT.format(name=name)}END:VCALENDAR\n"
    return Calendar.from_ical(text.replace("\n", "\r\n")).events[0].start.isoformat()


own = [start("Customized Time Zone", offset) for offset in ("+0500", "-0300", "")]
asked_first = [start("W. Europe Standard Time", offset) for offset in ("", "+0500")]
defined_first = [start("FLE Standard Time", offset) for offset in ("+0500", "")]
print("a zone of one's own, defined as +05:00, as -03:00, not at all:", *own)
print("a Windows name, not defined, then defined as +05:00:", *asked_first)
print("a Windows name, defined as +05:00, then not defined:", *defined_first)
assert own == ["2026-06-01T22:00:00+05:00"] * 3, "this has changed"
assert asked_first == ["2026-06-01T22:00:00+02:00"] * 2, "this has changed"
assert defined_first == ["2026-06-01T22:00:00+05:00"] * 2, "this has changed"
PYTHON
