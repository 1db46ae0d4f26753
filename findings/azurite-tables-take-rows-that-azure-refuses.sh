#!/usr/bin/env bash
# azurite 3.35.0 (tables): limits of a row that Azure documents and enforces are not kept.
#
# Guess: an emulator that refuses a property above 64 KiB also refuses a row above 1 MiB, more than 252 properties of one's own,
#        and a date before the year 1601.
# Seen: only the 64 KiB are kept; rows with each of the other three are stored and read back.
set -euo pipefail
folder=$(mktemp -d); azurite=; trap '[ -z "$azurite" ] || kill "$azurite"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-data-tables==12.7.0
(cd "$folder" && npm install --silent --no-audit --no-fund azurite@3.35.0)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
node "$folder/node_modules/azurite/dist/src/table/main.js" --inMemoryPersistence --silent --disableTelemetry --skipApiVersionCheck --tablePort "$port" >/dev/null &
azurite=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
"$folder/venv/bin/python" - "$port" <<'PYTHON'
import sys
from datetime import datetime, timezone

from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableServiceClient

KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="  # public: Azurite's documented one
service = TableServiceClient.from_connection_string(
    f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};"
    f"TableEndpoint=http://127.0.0.1:{sys.argv[1]}/devstoreaccount1;"
)
table = service.create_table("rows")


def stored(name, **properties):
    table.upsert_entity({"PartitionKey": "p", "RowKey": name, **properties})
    return len(table.get_entity("p", name)) - 2


many = stored("many", **{f"n{i}": i for i in range(300)})
large = stored("large", **{f"t{i}": "x" * 32_000 for i in range(20)})  # 64,000 bytes each in UTF-16: 1.28 MB
old = stored("old", at=datetime(1500, 1, 1, tzinfo=timezone.utc))
print(f"stored: a row of {many} properties, one of {large} x 64,000 bytes, one with a date of 1500")
assert (many, large, old) == (300, 20, 1), "this has changed"
try:
    stored("long", text="x" * 33_000)
except HttpResponseError as error:
    print("refused: a property above 64 KiB,", error.status_code)
else:
    raise AssertionError("this has changed: a property above 64 KiB is stored")
PYTHON
