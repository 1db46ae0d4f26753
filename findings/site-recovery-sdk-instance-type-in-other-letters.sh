#!/usr/bin/env bash
# azure-mgmt-recoveryservicessiterecovery 2.0.0: the discriminator `instanceType` is compared letter by letter.
#
# Guess: as everything in ARM compares without letter case, so does the discriminator; an unknown one raises or is marked.
# Seen: "A2A" gives A2AReplicationDetails; "a2a" gives the empty base class without a word. Its fields are then missing as
#       attributes, though they are still there as keys, in their wire names.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check azure-mgmt-recoveryservicessiterecovery==2.0.0
"$folder/venv/bin/python" - <<'PYTHON'
from azure.mgmt.recoveryservicessiterecovery.models import ReplicationProtectedItem


def details(instance_type):
    body = {"properties": {"providerSpecificDetails": {"instanceType": instance_type, "recoveryAzureVMName": "shop-db1"}}}
    return ReplicationProtectedItem(body).properties.provider_specific_details


exact, other = details("A2A"), details("a2a")
print("A2A:", type(exact).__name__, exact.recovery_azure_vm_name)
print("a2a:", type(other).__name__, hasattr(other, "recovery_azure_vm_name"), other["recoveryAzureVMName"])
assert type(exact).__name__ == "A2AReplicationDetails"
assert type(other).__name__ == "ReplicationProviderSpecificSettings", "this has changed"
assert not hasattr(other, "recovery_azure_vm_name"), "this has changed"
assert other["recoveryAzureVMName"] == "shop-db1"
PYTHON
