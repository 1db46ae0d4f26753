"""Azure VMs that a world has before anything is migrated, as the SDK clients see them."""

from typing import Any

import httpx
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.network import NetworkManagementClient

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
SHOP = {
    "name": "shop-web",
    "region": "northeurope",
    "resourceGroup": "rg-shop",
    "size": "Standard_D4s_v5",
    "osType": "Windows",
    "osName": "Windows Server 2022",
    "zone": "2",
    "tags": {"app": "shop"},
    "disks": [
        {"name": "shop-web-os", "sizeGb": 127, "osDisk": True},
        {"name": "shop-web-data", "sizeGb": 512, "type": "StandardSSD_LRS", "diskEncryptionSetId": "/des"},
    ],
    "nics": [{"privateIp": "10.4.1.7", "network": "vnet-shop", "subnet": "web", "static": True, "publicIp": True}],
    "extensions": [{"name": "monitor", "type": "AzureMonitorWindowsAgent"}],
}


@pytest.fixture
def compute(frozen: Any) -> Any:
    frozen.control("POST", "azure-vms", SHOP)
    return frozen.client(ComputeManagementClient)


def power(compute: Any, name: str = "shop-web") -> str:
    view = compute.virtual_machines.instance_view("rg-shop", name)
    return str(next(each.code for each in view.statuses if each.code.startswith("PowerState/")))


def done(frozen: Any, poller: Any) -> Any:
    while not poller.done():
        frozen.later("PT1M")
        poller.wait(0.05)
    return poller.result()


def test_a_source_vm_is_found_by_name_in_its_group_and_in_the_subscription(compute: Any) -> None:
    vm = compute.virtual_machines.get("rg-shop", "SHOP-WEB")
    assert (vm.location, vm.hardware_profile.vm_size, vm.zones, vm.tags) == (
        "northeurope",
        "Standard_D4s_v5",
        ["2"],
        {"app": "shop"},
    )
    assert [each.name for each in compute.virtual_machines.list("rg-shop")] == ["shop-web"]
    assert [each.id for each in compute.virtual_machines.list_all()] == [vm.id]
    assert {each.name for each in compute.virtual_machines.list_available_sizes("rg-shop", "shop-web")} > {
        "Standard_D2s_v5"
    }


def test_its_disks_tell_type_size_and_encryption(compute: Any) -> None:
    storage = compute.virtual_machines.get("rg-shop", "shop-web").storage_profile
    assert (storage.os_disk.os_type, storage.os_disk.disk_size_gb) == ("Windows", 127)
    assert [each.managed_disk.disk_encryption_set.id for each in storage.data_disks] == ["/des"]
    disk = compute.disks.get("rg-shop", "shop-web-data")
    assert (disk.sku.name, disk.encryption.type) == ("StandardSSD_LRS", "EncryptionAtRestWithCustomerKey")


def test_its_card_leads_to_its_address_and_its_subnet(compute: Any, frozen: Any) -> None:
    network = frozen.client(NetworkManagementClient)
    nic_id = compute.virtual_machines.get("rg-shop", "shop-web").network_profile.network_interfaces[0].id
    nic = network.network_interfaces.get("rg-shop", nic_id.rpartition("/")[2])
    address = nic.ip_configurations[0]
    assert (address.private_ip_address, address.private_ip_allocation_method) == ("10.4.1.7", "Static")
    assert address.subnet.id.endswith("/virtualNetworks/vnet-shop/subnets/web")
    assert address.public_ip_address.id
    assert network.virtual_networks.get("rg-shop", "vnet-shop").location == "northeurope"


def test_its_power_is_switched_as_that_of_any_vm(compute: Any, frozen: Any) -> None:
    assert power(compute) == "PowerState/running"
    done(frozen, compute.virtual_machines.begin_deallocate("rg-shop", "shop-web"))
    assert power(compute) == "PowerState/deallocated"
    done(frozen, compute.virtual_machines.begin_start("rg-shop", "shop-web"))
    assert power(compute) == "PowerState/running"
    done(frozen, compute.virtual_machines.begin_power_off("rg-shop", "shop-web"))
    assert power(compute) == "PowerState/stopped"


def test_the_world_changes_a_vm(compute: Any, frozen: Any) -> None:
    frozen.control("PATCH", "azure-vms/shop-web", {"power": "deallocated", "provisioningState": "Failed"})
    assert power(compute) == "PowerState/deallocated"
    assert compute.virtual_machines.get("rg-shop", "shop-web").provisioning_state == "Failed"
    frozen.control("PATCH", "azure-vms/shop-web", {"power": "running"})
    assert power(compute) == "PowerState/running"


def test_two_vms_of_one_name_are_two_vms(compute: Any, frozen: Any) -> None:
    frozen.control("POST", "azure-vms", {**SHOP, "resourceGroup": "rg-other", "region": "eastus"})
    assert {each.location for each in compute.virtual_machines.list_all()} == {"northeurope", "eastus"}
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        frozen.control("PATCH", "azure-vms/shop-web", {"power": "deallocated"})
    wanted = compute.virtual_machines.get("rg-other", "shop-web").id
    frozen.control("PATCH", f"azure-vms/shop-web?id={wanted}", {"power": "deallocated"})
    assert power(compute) == "PowerState/running"


def test_extensions_are_listed_and_the_agent_reports_them(compute: Any) -> None:
    found = compute.virtual_machine_extensions.list("rg-shop", "shop-web").value
    assert [each.name for each in found] == ["monitor"]
    agent = compute.virtual_machines.instance_view("rg-shop", "shop-web").vm_agent
    assert [each.type for each in agent.extension_handlers] == ["Microsoft.Azure.Monitor.AzureMonitorWindowsAgent"]


def test_a_vm_with_unmanaged_disks_shows_no_managed_disk(compute: Any, frozen: Any) -> None:
    frozen.control("POST", "azure-vms", {"name": "old", "region": "northeurope", "unmanagedDisks": True})
    disk = compute.virtual_machines.get("rg-source", "old").storage_profile.os_disk
    assert disk.managed_disk is None
    assert disk.vhd.uri.endswith("/vhds/old-os.vhd")
    with pytest.raises(ResourceNotFoundError):
        compute.disks.get("rg-source", "old-os")


def test_a_closed_zone_is_a_restriction_of_a_size_that_its_region_still_lists(compute: Any, frozen: Any) -> None:
    frozen.control("POST", "quotas", {"location": "westeurope", "closedZones": {"Standard_D2s_v5": ["1", "3"]}})
    found = {each.name: each for each in compute.resource_skus.list(filter="location eq 'westeurope'")}
    (restriction,) = found["Standard_D2s_v5"].restrictions
    assert (restriction.type, restriction.restriction_info.zones) == ("Zone", ["1", "3"])
    assert restriction.reason_code == "NotAvailableForSubscription"
    assert found["Standard_D2s_v5"].location_info[0].zones == ["1", "2", "3"]
    assert not found["Standard_D2s_v4"].restrictions


def test_sizes_tell_their_processor_their_generations_and_their_local_disk(compute: Any) -> None:
    found = {each.name: each for each in compute.resource_skus.list(filter="location eq 'westeurope'")}

    def can(name: str) -> dict[str, str]:
        return {each.name: each.value for each in found[name].capabilities}

    assert (can("Standard_B2ps_v2")["CpuArchitectureType"], can("Standard_B2ms")["CpuArchitectureType"]) == (
        "Arm64",
        "x64",
    )
    assert (can("Standard_D2ps_v5")["HyperVGenerations"], can("Standard_D2_v3")["HyperVGenerations"]) == ("V2", "V1")
    assert (can("Standard_D2s_v5")["MaxResourceVolumeMB"], can("Standard_D2s_v3")["MaxResourceVolumeMB"]) == (
        "0",
        "16384",
    )
    assert can("Standard_NV4as_v4")["GPUs"] == "1"


def test_sizes_zones_and_quota_differ_by_region(compute: Any, frozen: Any) -> None:
    frozen.control(
        "POST",
        "quotas",
        [
            {"location": "westus", "name": "cores", "limit": 2, "missingSizes": ["Standard_D4s_v5"]},
            {"location": "eastus", "restrictedSizes": ["Standard_D4s_v5"]},
        ],
    )

    def sizes(region: str) -> dict[str, Any]:
        return {each.name: each for each in compute.resource_skus.list(filter=f"location eq '{region}'")}

    assert "Standard_D4s_v5" not in sizes("westus")
    assert sizes("westus")["Standard_D2s_v5"].location_info[0].zones == []
    assert sizes("eastus")["Standard_D4s_v5"].restrictions
    assert not sizes("northeurope")["Standard_D4s_v5"].restrictions
    used = {each.name.value: each.current_value for each in compute.usage.list("northeurope")}
    assert (used["cores"], used["standardDSv5Family"]) == (4, 4)
    assert next(each.limit for each in compute.usage.list("westus") if each.name.value == "cores") == 2
