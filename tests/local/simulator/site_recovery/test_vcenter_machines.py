"""VMware machines behind a configuration server: they appear with their vCenter and are shut down by the service."""

from typing import Any

import pytest

from tests.local.simulator.site_recovery.classic import GROUP, VAULT, Classic


@pytest.fixture
def server(bare: Any) -> Classic:
    bare.ask("PATCH", "/control/settings", {"legacy_providers": True})
    classic = Classic(bare)
    classic.register()
    classic.set_policy()
    bare.ask("POST", "/control/machines", {"name": "vm1", "ip": "10.0.7.1", "vcenter": "vc.corp.local"})
    return classic


def add_vcenter(server: Classic) -> None:
    properties = {
        "friendlyName": "vc.corp.local",
        "ipAddress": "10.0.0.5",
        "processServerId": server.host,
        "port": "443",
        "runAsAccountId": "1",
    }
    vcenters = server.stage.client.replicationv_centers
    body = {"properties": properties}
    vcenters.begin_create(GROUP, VAULT, server.fabric, "vc", body, polling=server.stage.poll()).result()
    server.stage.advance(900)


def test_a_vcenter_is_read_for_a_while_before_its_machines_show(server: Classic) -> None:
    server.stage.ask("PATCH", "/control/durations", {"seconds": {"vcenter.discovery": 2000}})
    add_vcenter(server)

    def seen() -> tuple[str, bool]:
        properties = server.stage.client.replicationv_centers.get(GROUP, VAULT, server.fabric, "vc").properties
        return properties.discovery_status, server.protectable("10.0.7.1") is not None

    assert seen() == ("Pending", False)
    server.stage.advance(1200)
    assert seen() == ("Completed", True)


def test_a_vcenters_machines_are_protectable_items_once_it_is_added(server: Classic) -> None:
    assert server.protectable("10.0.7.1") is None
    add_vcenter(server)
    found = server.protectable("10.0.7.1")
    details = found.properties.custom_details
    assert (details.discovery_type, details.powered_on, found.properties.friendly_name) == ("vCenter", "On", "vm1")
    assert [disk.disk_name for disk in details.disk_details] == ["disk-0"]
    server.stage.ask("PATCH", "/control/machines/vm1", {"poweredOn": False})
    assert server.protectable("10.0.7.1").properties.custom_details.powered_on == "Off"


def test_a_vcenter_that_moves_takes_its_machines_along(server: Classic) -> None:
    add_vcenter(server)
    vcenters = server.stage.client.replicationv_centers
    body = {"properties": {"friendlyName": "vc2.corp.local", "port": "8443"}}
    made = vcenters.begin_update(GROUP, VAULT, server.fabric, "vc", body, polling=server.stage.poll()).result()
    assert (made.properties.friendly_name, made.properties.port) == ("vc2.corp.local", "8443")
    assert made.properties.ip_address == "10.0.0.5"
    assert server.protectable("10.0.7.1") is None


def test_its_machine_is_enabled_by_push_and_shut_down_by_the_failover(server: Classic) -> None:
    add_vcenter(server)
    body = server.enable_body(server.protectable("10.0.7.1").id)
    begin = server.stage.client.replication_protected_items.begin_create
    assert server.stage.finish(server.stage.job_id(begin, *server.place[2:], "vm1", body))["state"] == "Succeeded"
    for _ in range(60):
        if server.item("vm1")["protectionState"] == "Protected":
            break
        server.stage.advance(120)
    assert server.item("vm1")["providerSpecificDetails"]["discoveryType"] == "vCenter"
    details = {"failoverDirection": "PrimaryToRecovery", "sourceSiteOperations": "Required"}
    assert server.act("unplannedFailover", "vm1", details)["state"] == "Succeeded"
    assert server.stage.ask("GET", "/control/machines")["machines"][0]["poweredOn"] is False
