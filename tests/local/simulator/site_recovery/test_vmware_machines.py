"""VMware and physical machines behind a replication appliance: pushed agents, and sources that the service shuts down."""

from typing import Any

import pytest

FABRIC = "rsv-ferry-vmwarefabric"


def site(ready: Any, kind: str) -> str:
    fabric = ready.client.replication_fabrics.get("rg-ferry", "rsv-ferry", FABRIC)
    return str(fabric["properties"]["customDetails"][kind])


def read(ready: Any, path: str) -> Any:
    return ready.arm("GET", f"{path}?api-version=2023-06-06").json()


def discover(ready: Any, **more: Any) -> str:
    """Put a machine on the vCenter and return its id in the appliance's site."""
    machine = {"name": "vm1", "ip": "10.0.3.10", "vcenter": "vc.corp.local", **more}
    ready.ask("POST", "/control/machines", machine)
    rows = read(ready, f"{site(ready, 'vmwareSiteId')}/machines")["value"]
    return str(next(row["id"] for row in rows if row["properties"]["displayName"] == "vm1"))


def enable(ready: Any, machine_id: str, **more: Any) -> Any:
    body = ready.enable_body(machine_id, **more)
    create = ready.client.replication_protected_items.begin_create
    return ready.finish(ready.job_id(create, FABRIC, ready.container, "vm1", body))


def protect(ready: Any, **more: Any) -> str:
    machine_id = discover(ready, **more)
    account = f"{site(ready, 'vmwareSiteId')}/runasaccounts/linux"
    assert enable(ready, machine_id, runAsAccountId=account)["state"] == "Succeeded"
    for _ in range(40):
        if ready.item("vm1")["protectionState"] == "Protected":
            return machine_id
        ready.advance(120)
    raise AssertionError(ready.item("vm1"))


def fail_over(ready: Any, *, perform_shutdown: str) -> Any:
    details = {"instanceType": "InMageRcm", "performShutdown": perform_shutdown}
    answer = ready.act("unplannedFailover", "vm1", {"providerSpecificDetails": details})
    return ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])


def power(ready: Any, machine_id: str) -> str:
    return str(read(ready, machine_id)["properties"]["powerStatus"])


def test_a_machine_of_a_vcenter_says_what_the_appliance_saw(ready: Any) -> None:
    machine_id = discover(ready, vmwareTools="NotInstalled", firmware="UEFI")
    properties = read(ready, machine_id)["properties"]
    vcenters = read(ready, f"{site(ready, 'vmwareSiteId')}/vcenters")["value"]
    assert [each["id"] for each in vcenters] == [properties["vCenterId"]]
    assert vcenters[0]["properties"]["fqdn"] == properties["vCenterFQDN"] == "vc.corp.local"
    assert (properties["vMwareToolsStatus"], properties["firmware"], properties["vmFqdn"]) == (
        "NotInstalled",
        "efi",
        "",
    )
    assert properties["disks"][0]["uuid"]


def test_the_agent_is_pushed_with_an_account_of_the_appliance(ready: Any) -> None:
    protect(ready)
    assert ready.ask("GET", "/control/machines")["machines"][0]["agentRegistered"] is True
    details = ready.item("vm1")["providerSpecificDetails"]
    assert details["discoveryType"] == "VCenter"
    assert details["discoveredVmDetails"]["powerStatus"] == "ON"


def test_without_account_or_agent_the_machine_cannot_be_enabled(ready: Any) -> None:
    job = enable(ready, discover(ready))
    assert job["errors"][0]["serviceErrorDetails"]["code"] == "310056"


@pytest.mark.parametrize(
    ("push", "code"),
    [("credentials", "95107"), ("installer", "95108"), ("no-network", "95117")],
)
def test_a_push_fails_with_the_documented_code(ready: Any, push: str, code: str) -> None:
    machine_id = discover(ready, push=push)
    job = enable(ready, machine_id, runAsAccountId=f"{site(ready, 'vmwareSiteId')}/runasaccounts/linux")
    assert job["errors"][0]["serviceErrorDetails"]["code"] == code
    assert ready.item("vm1")["protectionState"] == "EnablingFailed"


def test_a_failover_shuts_the_machine_down_where_it_is_told_to(ready: Any) -> None:
    machine_id = protect(ready)
    job = fail_over(ready, perform_shutdown="true")
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "Completed")
    assert power(ready, machine_id) == "OFF"
    ready.ask("PATCH", "/control/machines/vm1", {"poweredOn": True})
    assert power(ready, machine_id) == "ON"


def test_a_failover_without_shutdown_leaves_the_machine_running(ready: Any) -> None:
    machine_id = protect(ready)
    job = fail_over(ready, perform_shutdown="false")
    task = next(each for each in job["tasks"] if each["name"] == "VmShutdownVmOnPrimary")
    assert (task["state"], task["stateDescription"]) == ("Other", "Skipped")
    assert power(ready, machine_id) == "ON"


def test_a_failover_goes_on_where_the_machine_cannot_be_shut_down(ready: Any) -> None:
    machine_id = protect(ready, shutdown="fails")
    job = fail_over(ready, perform_shutdown="true")
    assert (job["state"], job["stateDescription"]) == ("Succeeded", "CompletedWithInformation")
    task = next(each for each in job["tasks"] if each["name"] == "VmShutdownVmOnPrimary")
    assert task["state"] == "Failed"
    assert "could not be shut down" in task["errors"][0]["serviceErrorDetails"]["message"]
    assert power(ready, machine_id) == "ON"
    assert ready.item("vm1")["activeLocation"] == "Recovery"


def test_a_physical_machine_added_to_the_appliance_is_there_before_its_agent(ready: Any) -> None:
    ready.ask("POST", "/control/machines", {"name": "db1", "ip": "10.0.4.1", "discovered": True})
    ready.ask("POST", "/control/machines", {"name": "db2", "ip": "10.0.4.2"})
    rows = read(ready, f"{site(ready, 'physicalSiteId')}/machines")["value"]
    assert [row["properties"]["displayName"] for row in rows] == ["db1"]
    account = f"{site(ready, 'physicalSiteId')}/runasaccounts/root"
    body = ready.enable_body(rows[0]["id"], runAsAccountId=account)
    create = ready.client.replication_protected_items.begin_create
    assert ready.finish(ready.job_id(create, FABRIC, ready.container, "db1", body))["state"] == "Succeeded"
