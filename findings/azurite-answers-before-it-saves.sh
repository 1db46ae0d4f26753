#!/usr/bin/env bash
# azurite 3.35.0: rows that it has answered for are lost when its process is killed within five seconds.
#
# Guess: with --location, what a table answered with 201 or 204 is on disk, so that a killed process begins where it was.
# Seen: the databases of tables (and the names of queues and blobs) are written every five seconds only. After SIGKILL the
#       table itself is not there any more; after SIGTERM, or when six seconds went by, everything is.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-data-tables==12.7.0
npm install --silent --no-audit --no-fund --prefix "$folder/node" azurite@3.35.0 >/dev/null
"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import re, signal, subprocess, sys, time
from pathlib import Path
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient

folder = Path(sys.argv[1])
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


def start(data: Path):
    log = folder / f"{time.monotonic_ns()}.log"
    command = ["node", str(folder / "node/node_modules/azurite/dist/src/azurite.js"), "--location", str(data)]
    ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--skipApiVersionCheck", "--disableTelemetry"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *ports], stdout=output, stderr=subprocess.STDOUT)
    while not (found := re.search(r"Table service is successfully listening at (http://\S+)", log.read_text())):
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    text = f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};TableEndpoint={found.group(1)}/devstoreaccount1;"
    return process, TableServiceClient.from_connection_string(text)


def rows_after(name: str, number: int, wait: float) -> int:
    """Write three rows, end the process in some way, start it again on its folder and count the rows; -1 = no table."""
    process, service = start(folder / name)
    table = service.create_table("moves")
    for row in ("a", "b", "c"):
        table.create_entity({"PartitionKey": "p", "RowKey": row})
    time.sleep(wait)
    process.send_signal(number)
    process.wait()
    process, service = start(folder / name)
    try:
        return len(list(service.get_table_client("moves").list_entities()))
    except ResourceNotFoundError:
        return -1
    finally:
        process.terminate()
        process.wait()


seen = {
    "killed at once": rows_after("one", signal.SIGKILL, 0),
    "killed after eight seconds": rows_after("two", signal.SIGKILL, 8),
    "asked to end at once": rows_after("three", signal.SIGTERM, 0),
}
print(seen)
assert seen == {"killed at once": -1, "killed after eight seconds": 3, "asked to end at once": 3}, "this has changed"
PYTHON
