"""What Compute and Network are recorded to answer, and the refusals that Azure is known to give."""

from typing import Any

import pytest

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
CARD = f"{GROUP}/providers/Microsoft.Network/networkInterfaces/card"


@pytest.fixture
def world(frozen: Any) -> Any:
    """A group with a network, a card in it, and a VM of another network."""
    subnet = {"name": "app", "properties": {"addressPrefix": "10.1.0.0/24"}}
    network = {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}, "subnets": [subnet]}
    frozen.arm("PUT", GROUP, {"location": "westeurope"})
    frozen.arm("PUT", NETWORK, {"location": "westeurope", "properties": network})
    at = {"subnet": {"id": f"{NETWORK}/subnets/app"}, "privateIPAddress": "10.1.0.9"}
    configs = [{"name": "one", "properties": at}]
    frozen.arm("PUT", CARD, {"location": "westeurope", "properties": {"ipConfigurations": configs}})
    frozen.control("POST", "azure-vms", {"name": "web", "region": "westeurope", "resourceGroup": "rg"})
    return frozen


def path_of(url: str) -> str:
    return "/subscriptions/" + url.partition("/subscriptions/")[2].partition("?")[0]


def test_the_result_of_an_operation_of_compute_is_its_own_url_monitored(world: Any) -> None:
    answer = world.arm("POST", f"{VM}/deallocate")
    status, result = answer.headers["Azure-AsyncOperation"], answer.headers["Location"]
    assert (answer.status_code, answer.content) == (202, b"")
    assert path_of(status) == path_of(result)
    assert "/operations/" in status
    assert result.endswith("&monitor=true")
    assert world.arm("GET", f"{path_of(result)}?monitor=true").status_code == 202
    body = world.arm("GET", path_of(status)).json()
    assert (set(body), body["status"]) == ({"startTime", "status", "name"}, "InProgress")
    world.later("PT10M")
    assert world.arm("GET", f"{path_of(result)}?monitor=true").status_code in (200, 204)
    assert "endTime" in world.arm("GET", path_of(status)).json()


def test_a_change_of_a_vm_answers_with_the_vm_that_is_updating_and_no_location(world: Any) -> None:
    answer = world.arm("PATCH", VM, {"tags": {"app": "shop"}})
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (200, "Updating")
    assert "Location" not in answer.headers
    assert answer.headers["Azure-AsyncOperation"]
    assert world.arm("GET", VM).json()["properties"]["provisioningState"] == "Succeeded"


def test_a_deletion_of_a_vm_can_be_notified(world: Any) -> None:
    assert world.arm("DELETE", VM).headers["Azure-AsyncNotification"] == "Enabled"


def test_an_operation_of_network_tells_its_status_and_nothing_else(world: Any) -> None:
    answer = world.arm("DELETE", CARD)
    status, result = (path_of(answer.headers[name]) for name in ("Azure-AsyncOperation", "Location"))
    assert result == status.replace("/operations/", "/operationResults/")
    assert world.arm("GET", status).json() == {"status": "InProgress"}
    waiting = world.arm("GET", result)
    assert (waiting.status_code, waiting.text) == (202, "null")
    world.later("PT10M")
    assert world.arm("GET", status).json() == {"status": "Succeeded"}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("10.1.0.20", {"available": True, "isPlatformReserved": False}),
        ("10.1.0.0", {"available": False, "isPlatformReserved": True}),
        ("10.1.0.9", {"available": False, "isPlatformReserved": False}),
    ],
)
def test_other_addresses_are_told_only_where_one_is_taken(world: Any, address: str, shown: dict[str, bool]) -> None:
    body = world.arm("GET", f"{NETWORK}/CheckIPAddressAvailability?ipAddress={address}").json()
    others = body.pop("availableIPAddresses", None)
    assert body == shown
    assert (others is None) is shown["available"]


@pytest.mark.parametrize(
    ("code", "status", "details"),
    [
        ("SubscriptionNotFound", 404, 0),
        ("ResourceGroupNotFound", 404, 0),
        ("RetryableError", 429, 1),
        ("RequestDisallowedByPolicy", 403, 1),
        ("ScopeLocked", 409, 0),
        ("NicReservedForAnotherVm", 400, 0),
    ],
)
def test_a_refusal_that_is_ordered_by_its_code_is_answered_as_azure_does(
    world: Any, code: str, status: int, details: int
) -> None:
    world.control("POST", "faults", {"kind": "refused", "code": code})
    answer = world.arm("GET", VM)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], len(error.get("details", []))) == (status, code, details)
    assert world.arm("GET", VM).status_code == 200, "once"


@pytest.mark.parametrize(("code", "status", "kind"), [("html", 404, "text/html"), ("empty", 503, "")])
def test_an_answer_may_bear_no_code_at_all(world: Any, code: str, status: int, kind: str) -> None:
    world.control("POST", "faults", {"kind": "refused", "code": code})
    answer = world.arm("GET", VM)
    assert (answer.status_code, answer.headers.get("content-type", "")) == (status, kind)
    assert b"error" not in answer.content
