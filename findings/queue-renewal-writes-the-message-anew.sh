#!/usr/bin/env bash
# azure-storage-queue 12.18.1 (azurite 3.35.0): who renews the lease of a message writes its text anew; who writes its text ends the lease.
#
# Guess: update_message(message, visibility_timeout=...) leaves the text alone; without a visibility_timeout it leaves the lease alone;
#        content="" empties the message.
# Seen: the text goes along each time: a consumer that only decodes Base64, as most do, sends it back decoded, and the next consumer
#       cannot read a message that nobody meant to change. Without visibility_timeout, 0 is sent: the message is there for
#       others at once, while its consumer works. And content="" keeps the old text.
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

from azure.storage.queue import QueueClient, TextBase64DecodePolicy, TextBase64EncodePolicy

folder = Path(sys.argv[1])
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
TEXT = "fail over db-1"

command = ["node", str(folder / "node/node_modules/azurite/dist/src/azurite.js"), "--location", str(folder / "data")]
ports = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0", "--skipApiVersionCheck", "--disableTelemetry"]
log = folder / "log"
with log.open("wb") as output:
    azurite = subprocess.Popen([*command, *ports], stdout=output, stderr=subprocess.STDOUT)


def client(name, **policies):
    address = f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={KEY};QueueEndpoint={found.group(1)}/devstoreaccount1;"
    return QueueClient.from_connection_string(address, name, **policies)


def stored(name, **changes):
    """Send a text, receive and update it as a consumer does; give what is then there for the next one, as it is stored."""
    producer = client(name, message_encode_policy=TextBase64EncodePolicy())
    consumer = client(name, message_decode_policy=TextBase64DecodePolicy())
    producer.create_queue()
    producer.send_message(TEXT)
    assert client(name).peek_messages()[0].content == b64encode(TEXT.encode()).decode()
    message = consumer.receive_message(visibility_timeout=600)
    assert message.content == TEXT, message
    consumer.update_message(message, **changes)
    time.sleep(changes.get("visibility_timeout", 0) * 1.5)
    return client(name).receive_message().content


try:
    while not (found := re.search(r"Queue service is successfully listening at (http://\S+)", log.read_text())):
        assert azurite.poll() is None, log.read_text()
        time.sleep(0.1)
    seen = {
        "lease renewed for a second": stored("renewed", visibility_timeout=1),
        "written, leased for ten minutes": stored("written", content="failing over db-1"),
        "emptied": stored("emptied", content="", visibility_timeout=0),
    }
finally:
    azurite.terminate()
    azurite.wait()
print(*seen.items(), sep="\n")
assert list(seen.values()) == [TEXT, "failing over db-1", TEXT], "this has changed"
PYTHON
