"""The gateway to the vCenter servers of a configuration server: added once, found again, read some time after that."""

import pytest

from shared.problems import CloudRefused
from shared.site_recovery import configuration_server
from shared.site_recovery.provider import Sought
from shared.site_recovery.vcenters import NewVcenter, Vcenter, add_vcenter, find_vcenter, vcenter_name
from tests.clouds import VAULT, Cloud, request_id
from tests.shared.site_recovery import classic
from tests.shared.site_recovery.classic import SIDE

ADDRESS = "vcenter.corp.local"


@pytest.fixture
def served(bare: Cloud) -> Cloud:
    """A configuration server with a vCenter whose one machine it has read."""
    server = classic.register(bare)
    bare.ask("POST", "machines", {"name": "vm1", "ip": "10.0.7.1", "vcenter": ADDRESS})
    process = server.process_server
    assert process
    vcenter = NewVcenter(
        address=ADDRESS, port=443, process_server_id=process.id, run_as_account_id=server.accounts[0].id
    )
    assert bare.ends(add_vcenter(VAULT, server.fabric, vcenter, request_id("vcenter"))).succeeded
    return bare


def known(address: str) -> Vcenter | None:
    return find_vcenter(VAULT, classic.server().fabric, address)


def test_a_vcenter_is_found_by_its_address_in_any_case_and_read_after_a_while(served: Cloud) -> None:
    found = known(ADDRESS.upper())
    assert found
    assert (found.friendly_name, found.port, found.run_as_account_id, found.discovered) == (ADDRESS, "443", "1", False)
    assert known("other.corp.local") is None
    served.later(900)
    found = known(ADDRESS)
    assert found
    assert found.discovered
    found.raise_errors()


def test_its_machines_are_told_with_power_and_disks_and_read_one_by_one(served: Cloud) -> None:
    assert configuration_server.list_machines(VAULT, classic.container()) == ()
    served.later(900)
    (machine,) = configuration_server.list_machines(VAULT, classic.container())
    assert (machine.friendly_name, machine.ip, machine.powered_on, machine.discovery_type) == (
        "vm1",
        "10.0.7.1",
        "On",
        "vCenter",
    )
    assert [(disk.disk_name, disk.disk_size_in_mb, disk.disk_type) for disk in machine.disks] == [
        ("disk-0", 30 * 1024, "System")
    ]
    served.ask("PATCH", "machines/vm1", {"poweredOn": False})
    again = configuration_server.get_machine(VAULT, machine.id)
    assert again
    assert again.powered_on == "Off"
    assert configuration_server.get_machine(VAULT, f"{machine.id}0") is None


def test_one_is_known_to_its_server_by_its_id_also_when_another_has_its_address(served: Cloud) -> None:
    served.ask("POST", "machines", {"name": "clone1", "ip": "10.0.7.1", "vcenter": ADDRESS})
    served.later(900)
    for wanted in configuration_server.list_machines(VAULT, classic.container()):
        found = SIDE.find_machine(VAULT, classic.container(), Sought(ip="10.0.7.1", source_id=wanted.id.lower()))
        assert found
        assert found.id == wanted.id
    assert SIDE.find_machine(VAULT, classic.container(), Sought(source_id="nothing")) is None


def test_what_site_recovery_finds_wrong_with_a_vcenter_is_told_and_a_warning_is_not() -> None:
    wrong = {"errorCode": "95001", "errorLevel": "Error", "errorMessage": "The credentials are wrong."}
    for level, refuses in (("Warning", False), ("Error", True)):
        vcenter = Vcenter.model_validate(
            {"id": "v", "name": "v", "friendlyName": ADDRESS, "healthErrors": [{**wrong, "errorLevel": level}]}
        )
        if refuses:
            with pytest.raises(CloudRefused, match="credentials are wrong") as refused:
                vcenter.raise_errors()
            assert (refused.value.facts.code, bool(refused.value.facts.advice)) == ("95001", True)
        else:
            vcenter.raise_errors()


def test_names_of_resources_differ_where_addresses_do() -> None:
    names = {vcenter_name(address) for address in ("vc.corp.local", "vc-corp-local", "x" * 200, "x" * 201)}
    assert len(names) == 4
    assert all(len(name) <= 63 for name in names)
    assert vcenter_name("VC.corp.local") == vcenter_name("vc.corp.local")
