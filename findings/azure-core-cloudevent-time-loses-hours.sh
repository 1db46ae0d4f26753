#!/usr/bin/env bash
# azure-core 1.41.0: CloudEvent.from_dict reads only the first digit of the hours of a UTC offset.
#
# Guess: a CloudEvents 1.0 event keeps its moment, whichever RFC 3339 offset its `time` was written with.
# Seen: of "+02:00" the tens of the hours (0) and the minutes (00) are read, so 10:00+02:00 becomes 10:00 UTC, two hours
#       late; 10:00-05:30 becomes 10:00-00:30, and 10:00+10:00 becomes 10:00+01:00. Only "Z" and offsets below an hour are
#       right. No error is raised. The cloudevents package writes local offsets as they are given, so the two together shift times.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-core==1.41.0
"$folder/venv/bin/python" - <<'PYTHON'
from azure.core.messaging import CloudEvent

read_as = {
    "2026-11-29T10:00:00Z": "2026-11-29T10:00:00+00:00",
    "2026-11-29T10:00:00+00:30": "2026-11-29T10:00:00+00:30",
    "2026-11-29T10:00:00+02:00": "2026-11-29T10:00:00+00:00",
    "2026-11-29T10:00:00-05:30": "2026-11-29T10:00:00-00:30",
    "2026-11-29T10:00:00+10:00": "2026-11-29T10:00:00+01:00",
}
for written, expected in read_as.items():
    event = {"specversion": "1.0", "id": "1", "source": "/gates", "type": "gate.opened", "time": written}
    seen = CloudEvent.from_dict(event).time.isoformat()
    print(f"{written} is read as {seen}")
    assert seen == expected, f"this has changed: expected {expected}"
PYTHON
