"""Hyper-V with a VMM server: its fabric, clouds, networks and storage, and a machine of a cloud."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.hyperv import GROUP, HOST, NETWORK, TARGET, VAULT, VAULT_ID, HyperV

SERVER = "vmm1.corp.local"


@pytest.fixture
def vmm(bare: Any) -> HyperV:
    body = {
        "vaultId": VAULT_ID,
        "name": SERVER,
        "clouds": ["gold", "silver"],
        "networks": [{"name": "corp", "logicalNetwork": "backbone"}],
        "storageClassifications": ["fast"],
    }
    bare.ask("POST", "/control/vmm-servers", body)
    bare.advance(900)
    fabric = next(iter(bare.client.replication_fabrics.list(GROUP, VAULT)))
    stage = HyperV(bare, str(fabric.name))
    clouds = bare.client.replication_protection_containers.list_by_replication_fabrics(GROUP, VAULT, stage.fabric)
    stage.container = next(str(each.name) for each in clouds if each.properties.friendly_name == "gold")
    stage.pair()
    return stage


def test_the_fabric_appears_by_itself_under_a_hash_with_a_container_for_each_cloud(vmm: HyperV) -> None:
    fabric = vmm.stage.client.replication_fabrics.get(GROUP, VAULT, vmm.fabric)
    assert (fabric.properties.friendly_name, len(str(fabric.name))) == (SERVER, 64)
    assert fabric["properties"]["customDetails"] == {"instanceType": "VMM"}
    clouds = vmm.stage.client.replication_protection_containers.list_by_replication_fabrics(GROUP, VAULT, vmm.fabric)
    assert sorted(each.properties.friendly_name for each in clouds) == ["gold", "silver"]
    provider = next(iter(vmm.stage.client.replication_recovery_services_providers.list(GROUP, VAULT)))
    assert (provider.properties.fabric_type, provider.name) == ("VMM", fabric.properties.internal_identifier)


def test_a_vmm_server_has_a_key_of_its_own(vmm: HyperV) -> None:
    properties = vmm.stage.arm("GET", f"{VAULT_ID}/replicationFabrics/{vmm.fabric}").json()["properties"]
    assert properties["rolloverEncryptionDetails"] == {"kekState": "Enabled", "kekCertThumbprint": None}
    own = properties["encryptionDetails"]
    assert (own["kekState"], len(own["kekCertThumbprint"])) == ("Enabled", 40)
    assert own["kekCertExpiryDate"].endswith("Z")


def test_a_vmm_fabric_cannot_be_put(bare: Any) -> None:
    body = {"properties": {"customDetails": {"instanceType": "VMM"}}}
    with pytest.raises(HttpResponseError, match="failed"):
        bare.client.replication_fabrics.begin_create(GROUP, VAULT, "vmm", body, polling=bare.poll())


def test_a_machine_is_in_the_container_of_its_cloud_only(vmm: HyperV) -> None:
    found = vmm.add("vm1", cloud="gold")
    assert found.name != found.properties.custom_details.source_item_id
    vmm.stage.ask("POST", "/control/machines", {"name": "vm2", "ip": "10.0.5.99", "hyperv": HOST, "cloud": "silver"})
    listed = vmm.stage.client.replication_protectable_items.list_by_replication_protection_containers(*vmm.place)
    assert [each.properties.friendly_name for each in listed] == ["vm1"]


def test_a_machine_of_a_cloud_is_migrated_by_planned_failover(vmm: HyperV) -> None:
    vmm.protect("vm1", cloud="gold")
    details = {"instanceType": "HyperVReplicaAzure"}
    job = vmm.act("plannedFailover", {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": details})
    assert job["state"] == "Succeeded"
    assert job["customDetails"]["affectedObjectDetails"]["primaryFabricProviderId"] == "VMM"
    assert not vmm.powered_on()
    assert vmm.act("remove", {"disableProtectionReason": "MigrationComplete"})["state"] == "Succeeded"


def test_logical_networks_are_read(vmm: HyperV) -> None:
    networks = vmm.stage.client.replication_logical_networks
    found = list(networks.list_by_replication_fabrics(GROUP, VAULT, vmm.fabric))
    assert [each.properties.friendly_name for each in found] == ["backbone"]
    network = networks.get(GROUP, VAULT, vmm.fabric, found[0].name)
    assert network.properties.network_virtualization_status == "NetworkVirtualizationNotEnabled"


def test_storage_classifications_are_mapped_and_unmapped(vmm: HyperV) -> None:
    client, poll = vmm.stage.client, vmm.stage.poll
    classes = list(client.replication_storage_classifications.list_by_replication_fabrics(GROUP, VAULT, vmm.fabric))
    assert [each.properties.friendly_name for each in classes] == ["fast"]
    mappings = client.replication_storage_classification_mappings
    place = (GROUP, VAULT, vmm.fabric, str(classes[0].name), "tier")
    sent = m.StorageClassificationMappingInput(
        properties=m.StorageMappingInputProperties(target_storage_classification_id=str(classes[0].id))
    )
    made = mappings.begin_create(*place, sent, polling=poll()).result()
    assert made.properties.target_storage_classification_id == classes[0].id
    assert [each.name for each in mappings.list(GROUP, VAULT)] == ["tier"]
    assert mappings.begin_delete(*place, polling=poll()).result() is None
    assert list(mappings.list_by_replication_storage_classifications(*place[:4])) == []


def test_a_network_is_mapped_to_azure_and_decides_where_the_vm_lies(vmm: HyperV) -> None:
    client, poll = vmm.stage.client, vmm.stage.poll
    network = next(iter(client.replication_networks.list_by_replication_fabrics(GROUP, VAULT, vmm.fabric)))
    assert (network.properties.friendly_name, network.properties.fabric_type) == ("corp", "VMM")
    sent = m.CreateNetworkMappingInput(
        properties=m.CreateNetworkMappingInputProperties(
            recovery_network_id=NETWORK, fabric_specific_details=m.VmmToAzureCreateNetworkMappingInput()
        )
    )
    made = client.replication_network_mappings.begin_create(
        GROUP, VAULT, vmm.fabric, str(network.name), "Corp-Net", sent, polling=poll()
    ).result()
    # recorded: between VMM and Azure the name keeps its case
    assert (made.name, made.properties.primary_network_friendly_name) == ("Corp-Net", "corp")
    assert made.properties.recovery_fabric_friendly_name == "Microsoft Azure"
    vmm.enable(vmm.add("vm1", cloud="gold"), targetAzureNetworkId=None)
    while vmm.item()["protectionState"] != "Protected":
        vmm.stage.advance(300)
    details = {"instanceType": "HyperVReplicaAzure"}
    vmm.act("plannedFailover", {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": details})
    nic = vmm.stage.ask(
        "GET", f"/control/resources?id={TARGET}/providers/Microsoft.Network/networkInterfaces/nic-vm1-00"
    )
    assert nic["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"].startswith(NETWORK)
