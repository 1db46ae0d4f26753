#!/usr/bin/env bash
# croniter 7.0.0 and cronsim 2.8: in the night in which clocks go back, one runs a nightly job twice, the other once.
#
# Guess: with an aware start, as its page asks for, croniter runs a job at a fixed hour once in that night, as cron and cronsim do.
# Seen: "30 2 * * *" in Europe/Berlin comes twice with croniter (02:30+02:00 and 02:30+01:00) and once with cronsim. In the night in
#       which clocks go forward both run it once, at 03:00.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check croniter==7.0.0 cronsim==2.8 tzdata==2026.6
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim


def runs(after):
    """Give the next two times of both, croniter first."""
    own, other = croniter("30 2 * * *", after), CronSim("30 2 * * *", after)
    return [own.get_next(datetime).isoformat() for _ in range(2)], [next(other).isoformat() for _ in range(2)]


zone = ZoneInfo("Europe/Berlin")
back, forward = runs(datetime(2026, 10, 24, 12, tzinfo=zone)), runs(datetime(2026, 3, 28, 12, tzinfo=zone))
for times in (back, forward):
    print("croniter:", *times[0], "cronsim:", *times[1])
assert back[0] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"], "this has changed"
assert back[1] == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"], "this has changed"
assert forward[0] == forward[1] == ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"], "this has changed"
PYTHON
