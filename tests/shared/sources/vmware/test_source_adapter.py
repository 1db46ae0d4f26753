"""The VMware side: machines of a vCenter are found by what a plan says, and told with what the appliance saw."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.problems import Refused
from shared.sources.vmware.source_adapter import VmwareSide
from tests.clouds import Cloud

SIDE = VmwareSide()
Plans = Callable[..., Plan]


def on_vcenter(cloud: Cloud, name: str, ip: str, **more: Any) -> None:
    cloud.ask("POST", "machines", {"name": name, "ip": ip, "vcenter": "vc.corp.local", **more})


def read(plan: Plan, *names: str) -> dict[str, SourceFacts]:
    return dict(SIDE.read(plan, names or None).facts)


def test_before_the_appliance_is_registered_nothing_is_known_and_nothing_is_missing(bare: Cloud, plan: Plans) -> None:
    on_vcenter(bare, "web1", "10.0.3.1")
    facts = read(plan("vmware-to-azure", web1={"privateIp": "10.0.3.1"}))["web1"]
    assert (facts.found, facts.instance_id, facts.private_ip, facts.state) == (True, "", "10.0.3.1", None)


def test_a_machine_tells_its_system_disks_firmware_and_power(registered: Cloud, plan: Plans) -> None:
    disks = [{"name": "os", "sizeGb": 40, "osDisk": True}, {"name": "data", "sizeGb": 200}]
    document = {"osType": "Windows", "osName": "Windows Server 2019", "firmware": "UEFI", "cores": 4, "disks": disks}
    on_vcenter(registered, "web1", "10.0.3.1", **document)
    facts = read(plan("vmware-to-azure", web1={"name": "WEB1"}))["web1"]
    assert (facts.state, facts.os_family, facts.os_version) == ("running", "windows", "10.0.17763")
    assert (facts.boot_mode, facts.cores, facts.private_ip, facts.architecture) == ("uefi", 4, "10.0.3.1", "x86_64")
    assert [(disk.device, disk.size_gib, disk.root) for disk in facts.disks or ()] == [
        ("os", 40, True),
        ("data", 200, False),
    ]
    assert facts.secure_boot is None


def test_the_address_of_a_machine_is_its_ipv4_address_though_another_is_listed_first(
    registered: Cloud, plan: Plans
) -> None:
    on_vcenter(registered, "web1", "10.0.3.1", ipv6="2001:db8::15")
    facts = read(plan("vmware-to-azure", web1={"name": "web1"}))["web1"]
    assert facts.private_ip == "10.0.3.1"
    assert [card.ip for card in facts.nics or ()] == ["10.0.3.1"]
    assert read(plan("vmware-to-azure", web1={"privateIp": "10.0.3.1"}))["web1"].found


def test_a_machine_is_found_by_address_by_uuid_and_by_the_id_of_its_resource(registered: Cloud, plan: Plans) -> None:
    on_vcenter(registered, "web1", "10.0.3.1")
    own = read(plan("vmware-to-azure", web1={"privateIp": "10.0.3.1"}))["web1"].instance_id
    assert "/VMwareSites/" in own
    for source in (own.upper(), own.rpartition("/")[2]):
        assert read(plan("vmware-to-azure", web1={"vmId": source}))["web1"].instance_id == own


def test_a_machine_is_found_by_its_name_in_dns_and_none_by_the_name_of_its_host(registered: Cloud, plan: Plans) -> None:
    on_vcenter(registered, "vm-4711", "10.0.3.1", hostname="shop.corp.local")
    on_vcenter(registered, "vm-4712", "10.0.3.2", hostname="desk.corp.local")
    for name, found in (("shop.corp.local", True), ("SHOP", True), ("esx-01.corp.local", False), ("esx-01", False)):
        assert read(plan("vmware-to-azure", web1={"name": name}))["web1"].found is found, name


def test_a_machine_that_was_deleted_at_its_vcenter_is_missing_though_it_is_listed(
    registered: Cloud, plan: Plans
) -> None:
    on_vcenter(registered, "web1", "10.0.3.1")
    registered.ask("PATCH", "machines/web1", {"deleted": True})
    assert not read(plan("vmware-to-azure", web1={"name": "web1"}))["web1"].found


def test_a_machine_that_no_vcenter_runs_is_missing(registered: Cloud, plan: Plans) -> None:
    registered.ask("POST", "machines", {"name": "bare1", "ip": "10.0.3.9", "agentRegistered": True})
    assert not read(plan("vmware-to-azure", bare1={"name": "bare1"}))["bare1"].found


def test_an_address_that_two_machines_have_means_neither_of_them(registered: Cloud, plan: Plans) -> None:
    on_vcenter(registered, "web1", "10.0.3.1")
    on_vcenter(registered, "web2", "10.0.3.1")
    wanted = plan("vmware-to-azure", web1={"privateIp": "10.0.3.1"})
    assert [read(wanted)["web1"].found for _ in range(2)] == [False, False]


def test_one_machine_after_the_other_is_read_by_its_id_once_the_site_was_listed(registered: Cloud, plan: Plans) -> None:
    for number in range(1, 7):
        on_vcenter(registered, f"web{number}", f"10.0.3.{number}")
    wanted = plan("vmware-to-azure", **{f"web{number}": {"name": f"web{number}"} for number in range(1, 7)})
    assert len(read(wanted)) == 6
    registered.ask("PATCH", "machines/web2", {"poweredOn": False})
    registered.ask("DELETE", "log")
    assert read(wanted, "web2")["web2"].state == "stopped"
    assert [entry["path"].count("/machines/") for entry in registered.log("*OffAzure*")] == [1]


def test_the_state_is_what_vcenter_told_last(registered: Cloud, plan: Plans) -> None:
    on_vcenter(registered, "web1", "10.0.3.1")
    wanted = plan("vmware-to-azure", web1={"name": "web1"})
    own = read(wanted)["web1"].instance_id
    assert SIDE.state(wanted, own) == "running"
    registered.ask("PATCH", "machines/web1", {"poweredOn": False})
    assert SIDE.state(wanted, own) == "stopped"
    assert SIDE.state(wanted, own + "0") == "gone"
    assert SIDE.state(wanted, "") == "unknown"


def test_the_app_switches_no_machine_of_a_vcenter(plan: Plans) -> None:
    wanted = plan("vmware-to-azure", web1={"name": "web1"})
    for switch in (SIDE.stop, SIDE.start):
        with pytest.raises(Refused, match="cannot switch"):
            switch(wanted, "x")
