#!/usr/bin/env bash
# pypsrp 0.9.1: every int is sent as a 32-bit one and every float in single precision, whatever it holds.
#
# Guess: a Python float, which has 64 bits, is sent as a Double (<Db>), and an int that needs more than 32 bits as <I64>.
# Seen: the size of a 128 GiB disk goes out as <I32>137438953472</I32>, which no xs:int can hold, and 16777217.0 as <Sg>, which the other
#       end reads as 16777216. Each reads back unchanged with pypsrp itself, so a round trip in a test shows nothing. A number
#       that is wrapped in TaggedValue("I64", ...) or ("Db", ...) is sent as one. Times raise AttributeError unless they are wrapped.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pypsrp==0.9.1
"$folder/venv/bin/python" - <<'PYTHON'
import struct
from datetime import datetime, timezone
from xml.etree import ElementTree

from pypsrp.serializer import Serializer, TaggedValue


def wire(value):
    return ElementTree.tostring(Serializer().serialize(value)).decode()


size, counter = 128 * 2**30, 16777217.0
sent = [wire(size), wire(counter), wire(TaggedValue("I64", str(size))), wire(TaggedValue("Db", str(counter)))]
print(*sent, sep="\n")
assert sent == [
    "<I32>137438953472</I32>",
    "<Sg>16777217.0</Sg>",
    "<I64>137438953472</I64>",
    "<Db>16777217.0</Db>",
], "this has changed"
single = struct.unpack("<f", struct.pack("<f", counter))[0]
print(f"as a single, {counter} is {single}; pypsrp reads back {Serializer().deserialize(sent[1])}")
assert (single, Serializer().deserialize(sent[1])) == (16777216.0, counter), "this has changed"
try:
    wire(datetime(2026, 11, 30, tzinfo=timezone.utc))
except AttributeError as error:
    print("a time:", error)
else:
    raise AssertionError("this has changed: a time is sent as it is")
PYTHON
