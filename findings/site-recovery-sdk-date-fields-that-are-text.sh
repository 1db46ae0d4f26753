#!/usr/bin/env bash
# azure-mgmt-recoveryservicessiterecovery 2.0.0: fields typed `datetime` may hold text, and times without a zone stay without.
#
# Guess: a date that cannot be read raises, or becomes None; what is read is aware of its zone.
# Seen: "" and "1/1/0001 12:00:00 AM" (forms that a .NET service writes for "never") come back as the very str, so `<` with a
#       datetime raises only where the value is used; "2026-11-29T10:00:00" comes back naive beside aware neighbours.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-mgmt-recoveryservicessiterecovery==2.0.0
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime

from azure.mgmt.recoveryservicessiterecovery.models import Job


def end_time(written):
    return Job({"properties": {"endTime": written}}).properties.end_time


for never in ("", "1/1/0001 12:00:00 AM"):
    print(repr(never), "is read as", repr(end_time(never)))
    assert end_time(never) == never, "this has changed"
naive, aware = end_time("2026-11-29T10:00:00"), end_time("2026-11-29T10:00:00Z")
print("without a zone:", repr(naive))
assert isinstance(naive, datetime) and naive.tzinfo is None, "this has changed"
assert aware.tzinfo is not None, "this has changed"
PYTHON
