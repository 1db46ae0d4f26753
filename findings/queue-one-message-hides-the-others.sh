#!/usr/bin/env bash
# azure-storage-queue 12.18.1 (azurite 3.35.0): one message that is no Base64 hides all that were fetched with it, and no DecodeError tells so.
#
# Guess: a message that TextBase64DecodePolicy cannot read raises DecodeError when its turn comes; the others of the batch are given.
# Seen: the whole fetch raises AttributeError ("no attribute 'reason'"), which `except DecodeError` and `except AzureError` let pass. Good
#       messages that were fetched along are hidden and counted as received, and nobody has their ids or receipts. peek_messages
#       fails alike, so that the bad one cannot be found with the same client.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-storage-queue==12.18.1
npm install --silent --no-audit --no-fund --prefix "$folder/node" azurite@3.35.0 >/dev/null
"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import re
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

folder = Path(sys.argv[1])
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

command = ["node", str(folder / "node/node_modules/azurite/dist/src/azurite.js"), "--location", str(folder / "data")]
ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--skipApiVersionCheck", "--disableTelemetry"]
log = folder / "log"
with log.open("wb") as output:
    azurite = subprocess.Popen([*command, *ports], stdout=output, stderr=subprocess.STDOUT)


def client(**policies):
    address = f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};QueueEndpoint={found.group(1)}/devstoreaccount1;"
    return QueueClient.from_connection_string(address, "moves", **policies)


def raised(call):
    try:
        call()
    except Exception as error:
        return error
    return None


try:
    while not (found := re.search(r"Queue service is successfully listening at (http://\S+)", log.read_text())):
        assert azurite.poll() is None, log.read_text()
        time.sleep(0.1)
    plain, decoding = client(), client(message_decode_policy=TextBase64DecodePolicy())
    plain.create_queue()
    for text in ("web-1", "web-2"):
        plain.send_message(b64encode(text.encode()).decode())
    plain.send_message("stop web-3!")
    peeking = raised(lambda: decoding.peek_messages(max_messages=3))
    fetching = raised(lambda: [message.id for message in decoding.receive_messages(messages_per_page=3, visibility_timeout=4)])
    hidden = not plain.peek_messages(max_messages=3)
    time.sleep(6)
    counts = [message.dequeue_count for message in plain.peek_messages(max_messages=3)]
finally:
    azurite.terminate()
    azurite.wait()
print(f"peeking: {type(peeking).__name__}; fetching: {type(fetching).__name__}, {fetching}; all hidden: {hidden}; received: {counts}")
for error in (peeking, fetching):
    assert type(error) is AttributeError and not isinstance(error, AzureError), "this has changed"
assert hidden and counts == [1, 1, 1], "this has changed"
PYTHON
