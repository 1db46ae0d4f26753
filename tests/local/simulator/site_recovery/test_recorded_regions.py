"""What recordings say of machines between Azure regions."""

import re
from typing import Any

from tests.local.simulator.site_recovery.regions import (
    FROM,
    GROUP,
    GUID,
    SOURCE_RG,
    TARGET_RG,
    VAULT,
    VAULT_ID,
    Regions,
)

NOTHING = (None, None)


def details(regions: Regions, name: str = "web") -> dict[str, Any]:
    return dict(regions.item(name)["providerSpecificDetails"])


def progress(shown: dict[str, Any]) -> tuple[Any, Any]:
    return shown["monitoringPercentageCompletion"], shown["monitoringJobType"]


def copying(regions: Regions, **more: Any) -> str:
    """Enable a VM and come to the beginning of its first copy; give its id."""
    disks = [{"name": "web-os", "sizeGb": 127, "osDisk": True}, {"name": "web-data", "sizeGb": 64}]
    vm_id = regions.add_vm("web", disks=disks, tags={"app": "shop"})
    job_id = regions.enable("web", regions.enable_body(vm_id, **more))
    assert progress(details(regions)) == NOTHING
    assert regions.stage.finish(job_id, 10)["state"] == "Succeeded"
    return vm_id


def test_between_regions_only_the_items_own_state_tells_that_it_is_copied(regions: Regions) -> None:
    copying(regions)
    seen, percents = [], []
    for _ in range(20):
        item = regions.item("web")
        shown = item["providerSpecificDetails"]
        seen.append((item["protectionState"], shown["vmProtectionState"], shown["vmProtectionStateDescription"]))
        percents.append(shown["monitoringPercentageCompletion"])
        regions.stage.advance(300)
    enabling = ("UnprotectedStatesBegin", "Enabling protection")
    assert list(dict.fromkeys(seen)) == [
        ("InitialReplicationInProgress", *enabling),
        ("InitialReplicationRecoveryCompletionPending", *enabling),
        ("Protected", "Protected", "Protected"),
    ]
    shown = [each for each in percents if each is not None]
    assert percents[0] is None, "nothing at first"
    assert shown == sorted(shown)
    assert max(shown) < 100
    assert progress(details(regions)) == (shown[-1], "InitialReplication"), "the last ones stay"
    assert {progress(disk) for disk in details(regions)["protectedManagedDisks"]} == {NOTHING}


def test_between_regions_much_is_empty_until_the_machine_is_protected(regions: Regions) -> None:
    copying(regions)
    regions.stage.advance(600)
    item = regions.item("web")
    shown = item["providerSpecificDetails"]
    assert (shown["vmNics"], shown["vmSyncedConfigDetails"]["tags"]) == ([], {})
    assert (shown["selectedRecoveryAzureNetworkId"], shown["lifecycleId"]) == NOTHING
    assert "agentCertificateExpiryDate" not in shown
    assert {disk["diskState"] for disk in shown["protectedManagedDisks"]} == {"InitialReplicationPending"}
    assert (item["failoverHealth"], item["replicationHealth"]) == ("Normal", "Normal")


def test_between_regions_cards_and_disks_are_told_as_recorded(regions: Regions) -> None:
    network = f"{TARGET_RG}/providers/Microsoft.Network/virtualNetworks/vnet-target"
    vm_id = copying(regions, recoveryAzureNetworkId=network)
    regions.stage.advance(7200)
    shown = details(regions)
    (card,) = shown["vmNics"]
    assert GUID.match(card["nicId"])
    assert card["vMNetworkName"] == f"{SOURCE_RG}/providers/Microsoft.Network/virtualNetworks/vnet-source"
    assert card["selectionType"] == "SelectedByUserOverride"
    system, data = shown["protectedManagedDisks"]
    assert (system["diskType"], system["failoverDiskName"], system["tfoDiskName"]) == (
        "OperatingSystem",
        "web-os",
        "web-os-ASRtest",
    )
    assert data["tfoDiskName"] == "web-data-ASRtest"
    assert (system["recoveryTargetDiskId"], system["diskId"]) == (None, system["diskId"].lower())
    assert shown["fabricObjectId"] == vm_id.lower()
    assert shown["multiVmGroupName"] == ""
    unasked = ("primaryAvailabilityZone", "recoveryAvailabilityZone", "recoveryAvailabilitySet", "recoveryCloudService")
    assert [shown[name] for name in unasked] == [None] * len(unasked)
    assert (shown["initialPrimaryZone"], shown["initialRecoveryZone"]) == ("", ""), "these two are empty"
    assert (shown["protectedDisks"], shown["unprotectedDisks"]) == NOTHING
    assert re.match(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$", shown["agentCertificateExpiryDate"])


def test_between_regions_an_item_names_its_provider_and_warns_in_its_own_type(regions: Regions) -> None:
    regions.protect("web")
    assert regions.item("web")["healthErrors"] == [], "it is Protected before anybody looks whether it was tested"
    regions.stage.advance(300)
    item = regions.item("web")
    assert item["primaryFabricProvider"] == "AzureFabric"
    assert item["recoveryServicesProviderId"].startswith(
        f"{VAULT_ID.replace('/sub', '/Sub')}/replicationFabrics/{FROM}/"
    )
    (warning,) = [each for each in item["healthErrors"] if each["errorCode"] == "161011"]
    assert (warning["errorType"], warning["errorId"]) == ("8010", "6:8010")


def test_a_policy_between_regions_is_taken_without_any_number(regions: Regions) -> None:
    sent = {"properties": {"providerSpecificInput": {"instanceType": "A2A", "multiVmSyncStatus": "Enable"}}}
    regions.do(regions.client.replication_policies.begin_create, "bare", sent)
    policy = regions.stage.arm("GET", f"{VAULT_ID}/replicationPolicies/bare").json()
    assert list(policy["properties"]["providerSpecificDetails"].items()) == [
        ("instanceType", "A2A"),
        ("recoveryPointThresholdInMinutes", 0),
        ("recoveryPointHistory", 0),
        ("appConsistentFrequencyInMinutes", 0),
        ("multiVmSyncStatus", "Enabled"),
        ("crashConsistentFrequencyInMinutes", 5),
    ]


def test_a_container_that_others_lead_to_alone_is_on_the_recovery_side(regions: Regions) -> None:
    pairs = regions.client.replication_protection_container_mappings
    remote = "asr-westeurope"
    regions.do(pairs.begin_purge, remote, f"{remote}-container", f"{remote}-pair")
    read = regions.client.replication_protection_containers.get
    near, other = (read(GROUP, VAULT, name, f"{name}-container").properties for name in (FROM, remote))
    assert [(each.pairing_status, each.role) for each in (near, other)] == [
        ("Paired", "Primary"),
        ("Paired", "Recovery"),
    ]


def card(regions: Regions) -> dict[str, Any]:
    (found,) = details(regions)["vmNics"]
    return dict(found)


def two_addresses(regions: Regions) -> None:
    """Protect a VM whose only card has two addresses."""
    regions.protect("web", nics=[{"privateIp": "10.0.0.4", "moreIps": ["10.0.0.5"]}])


def test_between_regions_a_card_is_told_as_recorded(regions: Regions) -> None:
    regions.protect("web")
    shown = card(regions)
    (address,) = shown.pop("ipConfigs")
    assert list(shown) == [
        "nicId",
        "replicaNicId",
        "sourceNicArmId",
        "vMNetworkName",
        "recoveryVMNetworkId",
        "selectionType",
        "tfoVMNetworkId",
        "recoveryNetworkSecurityGroupId",
        "enableAcceleratedNetworkingOnRecovery",
        "tfoNetworkSecurityGroupId",
        "enableAcceleratedNetworkingOnTfo",
        "recoveryNicName",
        "recoveryNicResourceGroupName",
        "reuseExistingNic",
        "tfoRecoveryNicName",
        "tfoRecoveryNicResourceGroupName",
        "tfoReuseExistingNic",
        "targetNicName",
    ]
    false_fields = {name: value for name, value in shown.items() if value is False}
    assert set(false_fields) == {"enableAcceleratedNetworkingOnRecovery", "reuseExistingNic", "tfoReuseExistingNic"}
    assert (address["recoveryStaticIPAddress"], address["recoveryIPAddressType"]) == ("", "Dynamic")
    assert (address["recoveryLBBackendAddressPoolIds"], address["tfoLBBackendAddressPoolIds"]) == NOTHING


def test_a_subnet_that_enabling_names_by_its_id_reads_back_as_a_name(regions: Regions) -> None:
    network = f"{TARGET_RG}/providers/Microsoft.Network/virtualNetworks/vnet-target"
    copying(regions, recoveryAzureNetworkId=network, recoverySubnetName=f"{network}/subnets/default")
    regions.stage.advance(7200)
    assert card(regions)["ipConfigs"][0]["recoverySubnetName"] == "default"


def test_every_address_of_a_card_is_told_and_one_that_an_update_leaves_out_keeps_what_it_had(regions: Regions) -> None:
    two_addresses(regions)
    first, second = card(regions)["ipConfigs"]
    assert (first["isPrimary"], first["staticIPAddress"]) == (True, "10.0.0.4")
    assert (second["isPrimary"], second["staticIPAddress"]) == (False, "10.0.0.5")
    for name, address in (("ipconfig1", "10.0.0.40"), ("ipconfig2", "10.0.0.50")):
        config = {"ipConfigName": name, "recoverySubnetName": "default", "recoveryStaticIPAddress": address}
        sent = {"vmNics": [{"nicId": card(regions)["nicId"], "ipConfigs": [config]}]}
        sent["providerSpecificDetails"] = {"instanceType": "A2A"}
        answer = regions.stage.arm("PATCH", regions.path("web"), {"properties": sent})
        regions.stage.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    addresses = [each["recoveryStaticIPAddress"] for each in card(regions)["ipConfigs"]]
    assert addresses == ["10.0.0.40", "10.0.0.50"]
    regions.fail_over("web")
    nic = regions.vm("web")["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    made = regions.stage.ask("GET", f"/control/resources?id={nic}")["properties"]["ipConfigurations"]
    assert {"10.0.0.40", "10.0.0.50"} <= {each["properties"]["privateIPAddress"] for each in made}


def test_all_cards_of_a_machine_come_along(regions: Regions) -> None:
    regions.protect("web", nics=[{"privateIp": "10.0.0.4"}, {"privateIp": "10.0.0.5"}])
    assert [len(each["ipConfigs"]) for each in details(regions)["vmNics"]] == [1, 1]
    regions.fail_over("web")
    made = regions.vm("web")["properties"]["networkProfile"]["networkInterfaces"]
    assert [each["properties"] for each in made] == [{"primary": True}, {"primary": False}]


def test_a_single_card_of_a_vm_has_no_properties(regions: Regions) -> None:
    vm_id = regions.add_vm("web")
    source = regions.stage.arm("GET", f"{vm_id}?api-version=2024-07-01").json()
    assert [set(each) for each in source["properties"]["networkProfile"]["networkInterfaces"]] == [{"id"}]
