"""A source that is off or gone, a cache account that is gone, a subnet without room: what Site Recovery makes of it."""

from typing import Any

import pytest

from .regions import CACHE, Regions


def errors(item: dict[str, Any]) -> set[str]:
    return {each["errorCode"] for each in item["healthErrors"] if each["errorLevel"] == "Error"}


def copying(regions: Regions) -> str:
    disks = [{"name": "web-os", "sizeGb": 127, "osDisk": True}]
    vm_id = regions.add_vm("web", disks=disks)
    regions.stage.finish(regions.enable("web", regions.enable_body(vm_id)), 10)
    return vm_id


def percent(regions: Regions) -> Any:
    return regions.item("web")["providerSpecificDetails"]["monitoringPercentageCompletion"]


@pytest.mark.parametrize("what", ["source", "cache"])
def test_a_copy_whose_source_or_cache_is_deleted_stands_still_and_says_so(regions: Regions, what: str) -> None:
    vm_id = copying(regions)
    regions.stage.advance(120)
    regions.stage.ask("DELETE", f"/control/resources?id={vm_id if what == 'source' else CACHE}")
    regions.stage.advance(300)
    before = percent(regions)
    item = regions.item("web")
    assert (item["replicationHealth"], len(errors(item))) == ("Critical", 1)
    regions.stage.advance(7200)
    assert percent(regions) == before
    assert regions.item("web")["protectionState"] == "InitialReplicationInProgress"


def test_a_copy_of_a_machine_that_is_off_says_so_and_goes_on_once_it_runs(ready: Any) -> None:
    ready.finish(ready.enable("web1", "10.0.2.15"))
    ready.advance(120)
    ready.ask("PATCH", "/control/machines/web1", {"poweredOn": False})
    item = ready.item("web1")
    assert (item["replicationHealth"], len(errors(item))) == ("Critical", 1)
    ready.ask("PATCH", "/control/machines/web1", {"poweredOn": True})
    assert ready.item("web1")["replicationHealth"] == "Normal"
    ready.advance(7200)
    assert ready.item("web1")["protectionState"] == "Protected"


def test_a_machine_that_is_shut_down_once_it_is_protected_is_not_ill_at_once(ready: Any) -> None:
    ready.protect("web1")
    ready.ask("PATCH", "/control/machines/web1", {"poweredOn": False})
    assert errors(ready.item("web1")) == set()


def test_a_subnet_without_room_fails_the_failover_at_the_card(ready: Any) -> None:
    ready.protect("web1")
    network = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.Network"
    subnet = f"{network}/virtualNetworks/vnet-prod/subnets/app"
    ready.ask("POST", "/control/resources", {"id": subnet, "properties": {"addressPrefix": "10.9.1.0/29"}})
    for number in range(3):
        at = {"subnet": {"id": subnet}, "privateIPAddress": f"10.9.1.{number + 4}"}
        card = {"ipConfigurations": [{"name": "one", "properties": at}]}
        path = f"{network}/networkInterfaces/card{number}"
        ready.ask("POST", "/control/resources", {"id": path, "location": "westeurope", "properties": card})
    answer = ready.act("unplannedFailover", "web1")
    job = ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    error = job["errors"][0]["serviceErrorDetails"]
    assert (job["state"], error["code"], "does not have enough capacity" in error["message"]) == (
        "Failed",
        "28092",
        True,
    )
