#!/usr/bin/env bash
# pyvmomi 9.1.1.0: two data objects of the same content are not equal, and a whole number may be larger than its type.
#
# Guess: specs compare by content, as managed object references do by their id; numCPUs (an xsd:int) refuses 2**40 as it refuses "4".
# Seen: only references compare; a spec compared with the one that was read is always "changed". A text is refused for a
#       number, a number beyond 32 bits is taken and written to the wire.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pyvmomi==9.1.1.0
"$folder/venv/bin/python" - <<'PYTHON'
from pyVmomi import SoapAdapter, vim

references = vim.VirtualMachine("vm-1") == vim.VirtualMachine("vm-1")
specs = vim.vm.ConfigSpec(name="shop-db1") == vim.vm.ConfigSpec(name="shop-db1")
print("references equal:", references, "- specs equal:", specs)
assert references and not specs, "this has changed"
written = SoapAdapter.Serialize(vim.vm.ConfigSpec(numCPUs=2**40)).decode()
print(written[-60:])
assert "<numCPUs>1099511627776</numCPUs>" in written, "this has changed"
try:
    vim.vm.ConfigSpec(numCPUs="4")
except TypeError as error:
    print("a text is refused:", str(error)[:60])
else:
    raise AssertionError("this has changed: a text is taken")
PYTHON
