#!/usr/bin/env bash
# croniter 7.0.0 and cron-descriptor 2.2.1: the same six fields of an NCRONTAB schedule mean two different things.
#
# Guess: six fields are read with seconds first, as Azure Functions' timers (NCRONTAB) and cron-descriptor do.
# Seen: croniter takes the SIXTH field for the seconds unless second_at_beginning=True. "0 0 2 * * *" (each night at 02:00) then
#       means every second of the hour after midnight on the 2nd day of a month: accepted, and 3,600 times instead of 30.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check croniter==7.0.0 cron-descriptor==2.2.1
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime, timezone

from cron_descriptor import get_description
from croniter import croniter

schedule = "0 0 2 * * *"
start = datetime(2026, 11, 29, 10, tzinfo=timezone.utc)
told = get_description(schedule)
default = croniter(schedule, start)
runs = [default.get_next(datetime).isoformat() for _ in range(2)]
first = croniter(schedule, start, second_at_beginning=True).get_next(datetime).isoformat()
print(f"cron-descriptor: {told}; croniter: {runs}; croniter with second_at_beginning: {first}")
assert told == "At 02:00 AM", "this has changed"
assert runs == ["2026-12-02T00:00:00+00:00", "2026-12-02T00:00:01+00:00"], "this has changed"
assert first == "2026-11-30T02:00:00+00:00", "this has changed"
PYTHON
