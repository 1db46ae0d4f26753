"""VMs of a vCenter that a configuration server reads: found and told by what their protectable items say."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.source_facts import SourceFacts
from shared.plan.model import Plan
from shared.plan.replication import Replication
from shared.plan.sources import Source
from shared.site_recovery.vcenters import NewVcenter, add_vcenter
from shared.sources.vmware.behind_server import BehindServerSide
from tests.clouds import VAULT, Cloud, request_id
from tests.shared.site_recovery import classic

SIDE = BehindServerSide()
ADDRESS = "vc.corp.local"


@pytest.fixture
def behind(plan: Callable[..., Plan]) -> Callable[..., Plan]:
    """Make a plan of VMs behind the configuration server, found as its keyword arguments say."""

    def make(**sources: dict[str, str]) -> Plan:
        mode = Replication.model_validate({"mode": "configurationServer", "appliance": {"name": classic.SERVER}})
        vcenter = Source.model_validate({"vmware": {"vcenter": ADDRESS, "account": "pusher"}})
        return plan("vmware-to-azure", **sources).model_copy(update={"replication": mode, "source": vcenter})

    return make


@pytest.fixture
def added(bare: Cloud) -> Cloud:
    """A configuration server that was told of the vCenter, and has not read it yet."""
    server = classic.register(bare)
    process = server.process_server
    assert process
    vcenter = NewVcenter(address=ADDRESS, port=443, process_server_id=process.id, run_as_account_id="1")
    assert bare.ends(add_vcenter(VAULT, server.fabric, vcenter, request_id("vcenter"))).succeeded
    return bare


@pytest.fixture
def discovered(added: Cloud) -> Cloud:
    """The same once it has."""
    added.later(900)
    return added


def on_vcenter(cloud: Cloud, name: str, ip: str, **more: Any) -> None:
    cloud.ask("POST", "machines", {"name": name, "ip": ip, "vcenter": ADDRESS, **more})


def read(plan: Plan, *names: str) -> dict[str, SourceFacts]:
    return dict(SIDE.read(plan, names or None).facts)


def test_before_the_vcenter_was_read_nothing_is_known_and_nothing_is_missing(
    added: Cloud, behind: Callable[..., Plan]
) -> None:
    on_vcenter(added, "web1", "10.0.3.1")
    facts = read(behind(web1={"name": "web1"}))["web1"]
    assert (facts.found, facts.instance_id, facts.state) == (True, "", None)
    added.later(900)
    assert read(behind(web1={"name": "web1"}))["web1"].state == "running"


def test_a_machine_tells_its_family_address_power_and_disks(discovered: Cloud, behind: Callable[..., Plan]) -> None:
    disks = [{"name": "os", "sizeGb": 40, "osDisk": True}, {"name": "data", "sizeGb": 200}]
    on_vcenter(discovered, "web1", "10.0.3.1", osType="Windows", disks=disks)
    facts = read(behind(web1={"name": "WEB1"}))["web1"]
    assert (facts.state, facts.os_family, facts.private_ip) == ("running", "windows", "10.0.3.1")
    assert (facts.os_version, facts.boot_mode, facts.guest_tools, facts.cores) == (None, None, None, None)
    assert [(disk.device, disk.size_gib, disk.root) for disk in facts.disks or ()] == [
        ("os", 40, True),
        ("data", 200, False),
    ]


def test_a_machine_is_found_by_name_by_address_and_by_the_id_of_its_item(
    discovered: Cloud, behind: Callable[..., Plan]
) -> None:
    on_vcenter(discovered, "web1", "10.0.3.1")
    own = read(behind(web1={"privateIp": "10.0.3.1"}))["web1"].instance_id
    assert "/replicationProtectableItems/" in own
    for source in ({"vmId": own.upper()}, {"vmId": own.rpartition("/")[2]}, {"name": "WEB1"}):
        assert read(behind(web1=source))["web1"].instance_id == own


def test_a_name_of_two_machines_and_one_that_was_added_by_its_address_mean_none(
    discovered: Cloud, behind: Callable[..., Plan]
) -> None:
    on_vcenter(discovered, "web1", "10.0.3.1")
    on_vcenter(discovered, "web2", "10.0.3.1")
    discovered.ask("POST", "machines", {"name": "bare1", "ip": "10.0.3.9"})
    classic.add(discovered, "bare1", "10.0.3.9")
    facts = read(behind(web1={"privateIp": "10.0.3.1"}, bare1={"name": "bare1"}))
    assert [facts[name].found for name in ("web1", "bare1")] == [False, False]


def test_one_is_read_by_its_item_once_all_were_listed(discovered: Cloud, behind: Callable[..., Plan]) -> None:
    for number in range(1, 7):
        on_vcenter(discovered, f"web{number}", f"10.0.3.{number}")
    wanted = behind(**{f"web{number}": {"name": f"web{number}"} for number in range(1, 7)})
    own = read(wanted)["web2"].instance_id
    discovered.ask("PATCH", "machines/web2", {"poweredOn": False})
    discovered.ask("DELETE", "log")
    assert read(wanted, "web2")["web2"].state == "stopped"
    assert SIDE.state(wanted, own) == "stopped"
    assert SIDE.state(wanted, f"{own}0") == "gone"
    assert len(discovered.log("*replicationProtectableItems/read")) == 3
