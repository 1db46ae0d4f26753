"""Azure Migrate's appliance: found by the name it registered with, and what it says of the machines that it copies."""

import pytest

from shared.problems import Refused
from shared.site_recovery import fabrics, sites
from shared.site_recovery.agentless import AgentlessAppliance
from shared.site_recovery.mappings import ContainerRef, list_mappings
from shared.site_recovery.provider import DiskPlacement, ReplicationSource, SourceDisk
from shared.site_recovery.vmware_cbt import VMwareCbt
from tests.clouds import TARGET, VAULT, Cloud
from tests.shared.site_recovery.agentless import APPLIANCE, discover, register

SIDE = AgentlessAppliance()


def test_it_is_found_in_any_case_once_its_provider_shows_and_is_well_once_that_is_connected(bare: Cloud) -> None:
    assert SIDE.find(VAULT, APPLIANCE) is None
    bare.ask("POST", "appliances", {"vaultId": VAULT.id, "name": APPLIANCE, "agentless": True})
    seen = []
    for _ in range(30):
        bare.later(60)
        found = SIDE.find(VAULT, APPLIANCE.upper())
        seen.append("missing" if found is None else "unwell" if found.unhealthy else "well")
    assert list(dict.fromkeys(seen)) == ["missing", "unwell", "well"]


def test_another_name_is_not_its_own_but_its_sites_is(bare: Cloud) -> None:
    register(bare)
    assert SIDE.find(VAULT, "another") is None
    site = bare.site.rpartition("/")[2]
    found = SIDE.find(VAULT, site)
    assert found
    assert found.fabric == bare.fabric


def test_its_site_is_the_one_where_machines_of_the_vcenter_show(bare: Cloud) -> None:
    assert sites.find_site(VAULT, "VMwareCbt", APPLIANCE, "vmware") is None
    register(bare)
    assert sites.find_site(VAULT, "VMwareCbt", APPLIANCE, "vmware") == bare.site
    assert sites.find_site(VAULT, "VMwareCbt", APPLIANCE, "physical") is None


def test_enabling_names_every_disk_lun_0_as_the_one_that_boots_and_the_account_that_reads_the_vcenter(
    bare: Cloud,
) -> None:
    register(bare)
    server = SIDE.find(VAULT, APPLIANCE)
    assert server
    disks = [{"name": "data", "sizeGb": 10}, {"name": "os", "sizeGb": 20, "osDisk": True}]
    machine = discover(bare, "web1", disks=disks)
    source = SIDE.source(server, machine.id, "")
    assert source
    assert [each.id for each in source.disks] == [each.uuid for each in machine.disks]
    assert source.os_disk_id == machine.disks[0].uuid, "nobody tells which disk it is"
    assert source.run_as_account_id == f"{bare.site}/runasaccounts/vcenter"
    assert SIDE.source(server, f"{bare.site}/machines/none", "") is None


def test_a_plan_may_name_the_disk_that_boots() -> None:
    source = ReplicationSource(machine_id="/m", disks=(SourceDisk(id="one"), SourceDisk(id="two")), os_disk_id="one")
    named = TARGET.replace(disks=(DiskPlacement(disk_id="one"), DiskPlacement(disk_id="two", os_disk=True)))
    flags = {
        target: [disk["isOSDisk"] for disk in VMwareCbt().enable(source, body)["disksToInclude"]]
        for target, body in (("bare", TARGET), ("named", named))
    }
    assert flags == {"bare": ["true", "false"], "named": ["false", "true"]}


@pytest.mark.parametrize("name", ["linux", "nobody"])
def test_an_account_that_cannot_take_snapshots_is_refused_before_anything_is_enabled(bare: Cloud, name: str) -> None:
    register(bare)
    server = SIDE.find(VAULT, APPLIANCE)
    assert server
    with pytest.raises(Refused, match=f"keeps no account {name}"):
        SIDE.source(server, discover(bare, "web1").id, name)


def test_a_mapping_tells_the_gateway_that_was_made_for_it(bare: Cloud) -> None:
    register(bare)
    at = ContainerRef(fabric=bare.fabric, container=fabrics.list_containers(VAULT, bare.fabric)[0].name)
    [mapping] = list_mappings(VAULT, at)
    assert mapping.provider_specific_details["storageAccountId"] == TARGET.log_storage_account_id
