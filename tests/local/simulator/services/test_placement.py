"""What VMs are placed in, beside or encrypted with, as azure-mgmt-compute sees it."""

from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient

from local.simulator.vms import VmDisk, VmRequest

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
KINDS = ("availability_sets", "proximity_placement_groups", "capacity_reservation_groups", "disk_encryption_sets")


@pytest.fixture
def client(frozen: Any) -> Any:
    frozen.control("POST", "resources", [{"id": GROUP, "location": "westeurope", "properties": {}}])
    return frozen.client(ComputeManagementClient)


@pytest.mark.parametrize("kind", KINDS)
def test_one_that_is_not_there_is_a_404_of_resource_manager(client: Any, kind: str) -> None:
    with pytest.raises(ResourceNotFoundError) as missing:
        getattr(client, kind).get("rg", "gone")
    assert missing.value.error.code == "ResourceNotFound"
    assert "/gone' under resource group 'rg' was not found." in str(missing.value.message)
    with pytest.raises(ResourceNotFoundError) as nowhere:
        getattr(client, kind).get("rg-none", "gone")
    assert nowhere.value.error.code == "ResourceGroupNotFound"


@pytest.mark.parametrize(
    ("kind", "make", "own"),
    [
        ("availability_sets", "create_or_update", {"platformFaultDomainCount": 2, "virtualMachines": []}),
        ("proximity_placement_groups", "create_or_update", {"proximityPlacementGroupType": "Standard"}),
        ("capacity_reservation_groups", "create_or_update", {"capacityReservations": []}),
    ],
)
def test_what_machines_are_put_into_lists_them_and_tells_no_provisioning_state(
    client: Any, frozen: Any, kind: str, make: str, own: dict[str, Any]
) -> None:
    made = getattr(getattr(client, kind), make)("rg", "one", {"location": "westeurope"})
    found = getattr(client, kind).get("rg", "ONE").as_dict()
    assert (found["id"], found["location"]) == (made.id, "westeurope")
    properties = found["properties"]
    assert own.items() <= properties.items()
    assert "provisioningState" not in properties
    frozen.control("DELETE", f"resources?id={made.id}")
    with pytest.raises(ResourceNotFoundError):
        getattr(client, kind).get("rg", "one")


def test_an_availability_set_lists_the_vms_in_it(client: Any, frozen: Any) -> None:
    vm = {"name": "web", "region": "westeurope", "resourceGroup": "rg", "availabilitySet": "as-web"}
    frozen.control("POST", "azure-vms", [vm])
    found = client.availability_sets.get("rg", "as-web").as_dict()
    assert [each["id"] for each in found["properties"]["virtualMachines"]] == [f"{COMPUTE}/virtualMachines/web"]


def test_an_encryption_set_has_an_identity_and_says_what_it_encrypts_with(client: Any, frozen: Any) -> None:
    key = {"activeKey": {"keyUrl": "https://kv.vault.azure.net/keys/k/1"}}
    body = {"location": "westeurope", "properties": key}
    frozen.arm("PUT", f"{COMPUTE}/diskEncryptionSets/des", body)
    found = client.disk_encryption_sets.get("rg", "des")
    assert (found.properties.encryption_type, found.properties.provisioning_state) == (
        "EncryptionAtRestWithCustomerKey",
        "Succeeded",
    )
    assert found.identity.principal_id


@pytest.mark.parametrize(
    "field", ["availability_set_id", "proximity_group_id", "reservation_group_id", "security_group_id", "disk"]
)
@pytest.mark.usefixtures("client")
def test_no_vm_is_made_into_what_is_not_there(frozen: Any, field: str) -> None:
    missing = f"{COMPUTE}/somethings/gone"
    disk = VmDisk("os", 30, True, "Standard_LRS", encryption_set=missing if field == "disk" else "")
    request = VmRequest(
        name="web1",
        resource_group_id=GROUP,
        location="westeurope",
        size="Standard_D2s_v5",
        network_id="",
        subnet="",
        ip="",
        os_type="Linux",
        disks=(disk,),
        source=None,
        test=False,
        recovery_point_time="2026-11-21T04:55:00Z",
        **({} if field == "disk" else {field: missing}),
    )
    check = frozen.running.simulator.world.vms.check
    assert check(request).code == "28031"
    text = f"Resource {missing} referenced by resource {COMPUTE}/virtualMachines/web1 was not found."
    assert text in check(request).message
    frozen.control("POST", "resources", [{"id": missing, "location": "westeurope", "properties": {}}])
    assert check(request) is None
