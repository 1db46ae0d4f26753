"""The sites of an appliance and the machines it discovers."""

from typing import Any

import pytest

SITE = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.OffAzure/{}/site"
GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"


@pytest.fixture
def site(frozen: Any) -> Any:
    frozen.control("POST", "resources", {"id": GROUP, "location": "westeurope", "properties": {}})
    for kind in ("ServerSites", "VMwareSites"):
        assert frozen.arm("PUT", SITE.format(kind), {"location": "westeurope", "properties": {}}).status_code == 201
    return SITE.format("ServerSites")


def names(frozen: Any, site: Any) -> Any:
    return [each["properties"]["displayName"] for each in frozen.arm("GET", f"{site}/machines").json()["value"]]


def test_a_machine_appears_when_its_agent_registers(frozen: Any, site: Any) -> None:
    frozen.control("POST", "machines", {"name": "db1", "ip": "10.0.2.15", "osName": "RHEL 8"})
    assert names(frozen, site) == []
    assert frozen.control("POST", "registrations", {"ip": "10.0.2.15", "at": "2026-11-21T05:05:00Z"}) == {"known": True}
    frozen.later("PT4M59S")
    assert names(frozen, site) == []
    frozen.later("PT1S")
    assert names(frozen, site) == ["db1"]


def test_a_planned_registration_is_taken_back(frozen: Any, site: Any) -> None:
    frozen.control("POST", "machines", {"name": "db1", "ip": "10.0.2.15"})
    frozen.control("POST", "registrations", {"ip": "10.0.2.15", "at": "2026-11-21T05:05:00Z"})
    frozen.control("POST", "registrations", {"ip": "10.0.2.15", "at": None})
    frozen.later("PT1H")
    assert names(frozen, site) == []


def test_an_agent_of_an_unknown_address_registers_nothing(frozen: Any, site: Any) -> None:
    assert frozen.control("POST", "registrations", {"ip": "10.9.9.9"}) == {"known": False}
    assert names(frozen, site) == []


def test_a_discovered_machine_shows_addresses_disks_and_system(frozen: Any, site: Any) -> None:
    disks = [{"name": "sda", "sizeGb": 30, "osDisk": True}, {"name": "sdb", "sizeGb": 100}]
    frozen.control("POST", "machines", {"name": "db1", "ip": "10.0.2.15", "disks": disks})
    frozen.control("POST", "registrations", {"ip": "10.0.2.15"})
    found = frozen.arm("GET", f"{site}/machines").json()["value"][0]
    properties = frozen.arm("GET", found["id"]).json()["properties"]
    assert properties["networkAdapters"][0]["ipAddressList"] == ["10.0.2.15"]
    assert [disk["maxSizeInBytes"] for disk in properties["disks"]] == [30 * 1024**3, 100 * 1024**3]
    assert len({disk["uuid"] for disk in properties["disks"]}) == 2
    assert properties["operatingSystemDetails"]["osType"] == "Linux"
    assert found["id"].startswith("/subscriptions/")


def test_a_vcenters_machine_appears_under_vmware_sites_only(frozen: Any, site: Any) -> None:
    frozen.control(
        "POST", "machines", {"name": "vm1", "ip": "10.0.3.1", "vcenter": "vc.local", "agentRegistered": True}
    )
    assert names(frozen, SITE.format("VMwareSites")) == ["vm1"]
    assert names(frozen, site) == []


def test_run_as_accounts_are_listed(frozen: Any, site: Any) -> None:
    assert frozen.arm("GET", f"{site}/runasaccounts").json()["value"][0]["id"] == f"{site}/runasaccounts/agent"


def test_a_machine_that_is_not_there_is_a_404(frozen: Any, site: Any) -> None:
    assert frozen.arm("GET", f"{site}/machines/nobody").status_code == 404
    assert frozen.arm(
        "GET", "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.OffAzure/ServerSites"
    ).json()["value"]
