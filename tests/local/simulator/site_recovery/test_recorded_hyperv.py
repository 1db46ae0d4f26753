"""What recordings say of machines of Hyper-V hosts, on a site and under a VMM server."""

from typing import Any

from tests.local.simulator.site_recovery.hyperv import NETWORK, VAULT_ID, HyperV

ENABLING = ("UnprotectedStatesBegin", "Enabling protection")


def details_of(site: HyperV) -> dict[str, Any]:
    return dict(site.item()["providerSpecificDetails"])


def test_until_it_is_protected_a_machine_shows_no_card_and_no_network(site: HyperV) -> None:
    site.enable(site.add())
    states = []
    while (item := site.item())["protectionState"] != "Protected":
        states.append(item["protectionState"])
        details = item["providerSpecificDetails"]
        assert (details["vmProtectionState"], details["vmProtectionStateDescription"]) == ENABLING
        assert (details["vmNics"], details["selectedRecoveryAzureNetworkId"]) == ([], None)
        assert (details["selectedSourceNicId"], item["failoverHealth"]) == (None, "Normal")
        site.stage.advance(60)
    order = ["InitialReplicationInProgress", "InitialReplicationRecoveryCompletionPending"]
    assert list(dict.fromkeys(states)) == order
    details = details_of(site)
    (card,) = details["vmNics"]
    assert (card["nicId"], card["recoveryVMNetworkId"]) == (details["selectedSourceNicId"], NETWORK)


def test_how_far_the_copy_was_stays_with_a_protected_machine(site: HyperV) -> None:
    site.protect()
    assert 0 < int(details_of(site)["initialReplicationDetails"]["initialReplicationProgressPercentage"]) < 100


def test_a_card_is_told_as_recorded(site: HyperV) -> None:
    site.protect()
    (card,) = details_of(site)["vmNics"]
    (address,) = card["ipConfigs"]
    assert (card["targetNicName"], card["reuseExistingNic"], card["tfoReuseExistingNic"]) == (
        "nic-vm1-00",
        False,
        False,
    )
    unsaid = ("recoveryNetworkSecurityGroupId", "enableAcceleratedNetworkingOnRecovery", "recoveryNicName")
    assert [card[name] for name in unsaid] == [None] * 3
    assert (address["recoveryStaticIPAddress"], address["isSeletedForFailover"]) == ("", True)
    assert (address["recoveryLBBackendAddressPoolIds"], address["tfoLBBackendAddressPoolIds"]) == (None, None)


def test_a_listing_leaves_nothing_out(site: HyperV) -> None:
    site.protect()
    path = f"{site.path}/replicationProtectedItems"
    (listed,) = site.stage.arm("GET", path).json()["value"]
    assert listed == site.stage.arm("GET", f"{path}/vm1").json()
    assert listed["properties"]["providerSpecificDetails"]["vmNics"]


def test_the_warning_of_an_untested_machine_is_of_type_8010(site: HyperV) -> None:
    site.protect()
    site.stage.advance(300)
    (warning,) = site.item()["healthErrors"]
    assert (warning["errorCode"], warning["errorType"], warning["errorId"]) == ("161011", "8010", "6:8010")


def test_a_fabric_is_called_by_what_runs_its_hosts(site: HyperV) -> None:
    site.protect()
    assert site.item()["primaryFabricProvider"] == "SingleHostHyperVFabric"


def test_a_fabric_of_a_vmm_server_has_a_name_of_its_own(bare: Any) -> None:
    server = {"vaultId": VAULT_ID, "name": "vmm1", "clouds": ["gold"], "networks": [], "storageClassifications": []}
    bare.ask("POST", "/control/vmm-servers", server)
    bare.advance(900)
    (fabric,) = bare.arm("GET", f"{VAULT_ID}/replicationFabrics").json()["value"]
    stage = HyperV(bare, fabric["name"])
    stage.pair()
    stage.protect(cloud="gold")
    assert stage.item()["primaryFabricProvider"] == "VmmFabric"


def test_a_test_failover_sets_the_point_of_a_failover(site: HyperV) -> None:
    site.protect()
    assert site.item()["failoverRecoveryPointId"] is None
    details = {"instanceType": "HyperVReplicaAzure"}
    sent = {"networkType": "VmNetworkAsInput", "networkId": NETWORK, "providerSpecificDetails": details}
    assert site.act("testFailover", sent)["state"] == "Succeeded"
    assert "/recoveryPoints/" in site.item()["failoverRecoveryPointId"]
