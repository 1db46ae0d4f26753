"""Cards with several addresses: what is read, changed and written back keeps what it does not change."""

from typing import Any

from shared.site_recovery.in_mage_azure_v2_target import beside, cards
from shared.site_recovery.provider import ReplicatedNic, ReplicationTarget

PRIMARY = {
    "name": "ipconfig0",
    "isPrimary": True,
    "subnetName": "web",
    "staticIPAddress": "10.4.1.7",
    "recoverySubnetName": "web",
    "recoveryStaticIPAddress": "10.4.1.7",
    "recoveryPublicIPAddressId": "/pip",
    "isSeletedForFailover": True,
}
SECOND = {
    "name": "ipconfig1",
    "isPrimary": False,
    "subnetName": "web",
    "staticIPAddress": "10.4.1.8",
    "recoverySubnetName": "web",
    "recoveryStaticIPAddress": "10.4.1.8",
    "isSeletedForFailover": True,
}
ITEM = {
    "selectedSourceNicId": "/nic1",
    "vmNics": [
        {
            "nicId": "/nic1",
            "selectionType": "SelectedByUser",
            "enableAcceleratedNetworkingOnRecovery": True,
            "ipConfigs": [SECOND, PRIMARY],
        }
    ],
}


def written(**changes: Any) -> dict[str, Any]:
    (seen,) = cards(ITEM)
    card = ReplicatedNic.model_validate({name: getattr(seen, name) for name in ReplicatedNic.model_fields}).replace(
        **changes
    )
    target = ReplicationTarget(resource_group_id="/g", vm_name="web1", nics=(card,))
    nic: dict[str, Any] = beside(target)["vmNics"][0]
    return nic


def test_a_cards_address_is_the_one_that_is_called_primary() -> None:
    (seen,) = cards(ITEM)
    assert (seen.source_ip, seen.ip) == ("10.4.1.7", "10.4.1.7")


def test_all_addresses_are_written_back_with_their_names_and_one_is_primary() -> None:
    nic = written()
    configs = {each["ipConfigName"]: each for each in nic["ipConfigs"]}
    assert [(name, config["isPrimary"]) for name, config in configs.items()] == [
        ("ipconfig1", False),
        ("ipconfig0", True),
    ]
    assert {name: config["recoveryStaticIPAddress"] for name, config in configs.items()} == {
        "ipconfig0": "10.4.1.7",
        "ipconfig1": "10.4.1.8",
    }
    assert configs["ipconfig0"]["recoveryPublicIPAddressId"] == "/pip"
    assert nic["enableAcceleratedNetworkingOnRecovery"] is True


def test_in_another_subnet_only_the_plans_address_is_asked_for() -> None:
    configs = {each["ipConfigName"]: each for each in written(subnet="app", ip="10.5.0.9")["ipConfigs"]}
    assert [each["recoverySubnetName"] for each in configs.values()] == ["app", "app"]
    assert configs["ipconfig0"]["recoveryStaticIPAddress"] == "10.5.0.9"
    assert "recoveryStaticIPAddress" not in configs["ipconfig1"]


def test_a_card_that_is_left_out_takes_none_of_its_addresses_along() -> None:
    nic = written(left_out=True)
    assert nic["selectionType"] == "NotSelected"
    assert {each["isSeletedForFailover"] for each in nic["ipConfigs"]} == {False}


def test_a_card_of_which_nothing_was_read_has_one_address() -> None:
    target = ReplicationTarget(
        resource_group_id="/g", vm_name="web1", nics=(ReplicatedNic(nic_id="/nic1", subnet="app"),)
    )
    (nic,) = beside(target)["vmNics"]
    assert nic["ipConfigs"] == [{"isPrimary": True, "isSeletedForFailover": True, "recoverySubnetName": "app"}]
