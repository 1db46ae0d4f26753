"""A VM that a failover made: its power, a script in it, its console."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.azure import arm, clients, compute, guest, network
from shared.azure.arm import operation_status
from shared.azure.compute import Vm
from shared.azure.guest import ScriptResult
from shared.problems import Busy, CloudRefused
from shared.settings import Settings
from shared.site_recovery import failover
from tests.clouds import RCM, SUBSCRIPTION, VAULT, Cloud, request_id, resource

ID = compute.vm_id(SUBSCRIPTION, "rg-target", "web1")


def migrated(cloud: Cloud, **more: object) -> Vm:
    cloud.register_appliance()
    cloud.set_policy()
    cloud.protect("web1", "10.0.2.15", **more)
    job = failover.fail_over(
        VAULT, cloud.ref("web1"), RCM, shut_down=False, recovery_point_id="", request=request_id("f")
    )
    assert cloud.ends(job).succeeded
    cloud.later(300)
    return seen()


def seen() -> Vm:
    vm = compute.get_vm(ID)
    assert vm
    return vm


def result(cloud: Cloud, vm: Vm, url: str) -> ScriptResult:
    for _ in range(400):
        outcome = guest.read_script(vm, url)
        if outcome.ended:
            return outcome
        cloud.later(30)
    raise AssertionError(url)


def test_a_vm_is_seen_with_its_power_and_agent(cloud: Cloud) -> None:
    vm = migrated(cloud)
    assert (vm.power, vm.agent_ready, vm.os_type) == ("running", True, "Linux")
    assert vm.nic_ids
    assert vm.disk_ids
    assert [each.name for each in compute.list_vms(SUBSCRIPTION, "rg-target")] == ["web1"]
    assert compute.get_vm(compute.vm_id(SUBSCRIPTION, "rg-target", "none")) is None


def test_vms_are_listed_in_the_version_of_the_sdk_and_say_what_its_models_say(cloud: Cloud) -> None:
    vm, requests = migrated(cloud), list[str]()
    theirs = clients.compute(SUBSCRIPTION).virtual_machines
    listed = theirs.list("rg-target", raw_request_hook=lambda request: requests.append(request.http_request.url))
    assert [str(each.id) for each in listed] == [vm.id]
    assert f"api-version={compute.API_VERSION}" in requests[0]
    (ours,) = compute.list_vms(SUBSCRIPTION, "rg-target")
    assert ours.replace(power=vm.power, agent_ready=True, agent_message=vm.agent_message, os_name=vm.os_name) == vm


def test_a_vm_is_deallocated_once_and_started_again(cloud: Cloud) -> None:
    vm = migrated(cloud)
    sent = compute.deallocate(vm, request_id("d"))
    assert not sent.done
    assert compute.deallocate(seen(), request_id("d")).done
    cloud.later(600)
    assert operation_status("stopping", SUBSCRIPTION, sent.operation).state == "Succeeded"
    assert seen().power == "deallocated"
    assert compute.deallocate(seen(), request_id("d")).done
    assert not compute.start(seen(), request_id("s")).done
    cloud.later(600)
    assert seen().power == "running"
    assert compute.start(seen(), request_id("s")).done
    assert len(cloud.log("*/deallocate/action")) == 1


def test_a_deallocation_whose_answer_is_lost_is_seen_afterwards(cloud: Cloud) -> None:
    vm = migrated(cloud)
    cloud.fault("drop-after", operation="*/deallocate/action")
    with pytest.raises(Busy):
        compute.deallocate(vm, request_id("d"))
    assert compute.deallocate(seen(), request_id("d")).done
    assert len(cloud.log("*/deallocate/action")) == 1


def test_a_deleted_vm_leaves_its_card_which_can_then_be_deleted(cloud: Cloud) -> None:
    vm = migrated(cloud)
    with pytest.raises(CloudRefused) as raised:
        network.delete_nic(vm.nic_ids[0], request_id("n"))
    assert raised.value.facts.code == "NicInUse"
    assert not compute.delete_vm(vm.id, request_id("x")).done
    cloud.later(600)
    assert compute.get_vm(vm.id) is None
    assert compute.delete_vm(vm.id, request_id("x")).done
    network.delete_nic(vm.nic_ids[0], request_id("n"))
    cloud.later(60)
    assert network.get_nic(vm.nic_ids[0]) is None


def test_the_primary_card_comes_first(cloud: Cloud) -> None:
    cards = [{"privateIp": "10.9.1.8", "name": "second"}, {"privateIp": "10.9.1.9", "name": "first"}]
    cloud.ask("POST", "azure-vms", [{"name": "two", "region": "westeurope", "nics": cards}])
    vm = resource("Microsoft.Compute/virtualMachines", "two", "rg-source")
    document = cloud.ask("GET", f"resources?id={vm}")
    for card in document["properties"]["networkProfile"]["networkInterfaces"]:
        card["properties"]["primary"] = card["id"].endswith("/first")
    cloud.ask("POST", "resources", document)
    seen = compute.get_vm(vm)
    assert seen
    assert [each.rpartition("/")[2] for each in seen.nic_ids] == ["first", "second"]


def test_a_script_in_a_linux_vm_gives_both_outputs(cloud: Cloud) -> None:
    vm = migrated(cloud)
    cloud.ask("POST", "outcomes", {"match": "systemctl", "stdout": "active", "stderr": "a warning"})
    url = guest.run_script(vm, ["systemctl is-active postgresql"], request_id("v"))
    assert not guest.read_script(vm, url).ended
    outcome = result(cloud, vm, url)
    assert (outcome.succeeded, outcome.stdout, outcome.stderr) == (True, "active", "a warning")


def test_azure_tells_of_no_script_on_linux_that_it_failed(cloud: Cloud) -> None:
    vm = migrated(cloud)
    cloud.ask("POST", "outcomes", {"result": "failure", "exitCode": 3, "stdout": "[stderr]\ninactive"})
    outcome = result(cloud, vm, guest.run_script(vm, ["systemctl is-active nginx"], request_id("v")))
    assert (outcome.succeeded, outcome.stdout) == (True, "[stderr]\ninactive")
    assert outcome.problem is None


def test_a_script_in_a_windows_vm_gives_both_outputs(cloud: Cloud) -> None:
    vm = migrated(cloud, osType="Windows", osName="Windows Server 2019")
    cloud.ask("POST", "outcomes", {"stdout": "Running"})
    outcome = result(cloud, vm, guest.run_script(vm, ["(Get-Service w3svc).Status"], request_id("v")))
    assert (outcome.succeeded, outcome.stdout, outcome.stderr) == (True, "Running", "")


def test_a_windows_script_that_ends_with_a_code_of_its_own_loses_its_output(cloud: Cloud) -> None:
    vm = migrated(cloud, osType="Windows", osName="Windows Server 2019")
    cloud.ask("POST", "outcomes", {"result": "failure", "stderr": "no such service"})
    outcome = result(cloud, vm, guest.run_script(vm, ["Get-Service none"], request_id("w")))
    assert (outcome.succeeded, outcome.stderr) == (False, "")
    assert outcome.problem
    assert "Finished executing command" in outcome.problem.detail


def test_a_script_in_a_vm_whose_agent_is_silent_tells_why(cloud: Cloud) -> None:
    vm = migrated(cloud, boot="agent-not-ready")
    assert not vm.agent_ready
    outcome = result(cloud, vm, guest.run_script(vm, ["true"], request_id("v")))
    assert outcome.problem
    assert outcome.problem.code == "VMAgentStatusCommunicationError"


def test_a_second_script_waits_for_the_first(cloud: Cloud) -> None:
    vm = migrated(cloud)
    guest.run_script(vm, ["true"], request_id("v"))
    with pytest.raises(Busy):
        guest.run_script(vm, ["true"], request_id("w"))


def test_a_vm_that_does_not_boot_shows_why_in_its_console(cloud: Cloud) -> None:
    vm = migrated(cloud, boot="fails")
    log = guest.boot_log(vm)
    assert log
    assert "emergency mode" in log


def test_the_token_goes_to_azure_only(cloud: Cloud) -> None:
    for url in ("https://evil.example/op", "https://management.azure.com.evil.example/op", "http://127.0.0.1:1/op"):
        with pytest.raises(CloudRefused) as raised:
            operation_status("reading", SUBSCRIPTION, url)
        assert raised.value.facts.code == "UntrustedHost"
    assert cloud.log() == []


@pytest.mark.parametrize(
    "url",
    [
        "https://management.azure.com:443/subscriptions/s/operations/1",
        "https://Management.Azure.COM/subscriptions/s/operations/1",
        "https://westeurope.management.azure.com/subscriptions/s/operations/1",
    ],
)
def test_azures_own_address_is_trusted_however_it_is_written(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    answer = SimpleNamespace(status_code=202, headers={})
    monkeypatch.setattr(arm, "settings", Settings)
    monkeypatch.setattr(arm.clients, "resources", lambda _: SimpleNamespace(send_request=lambda _: answer))
    assert not operation_status("reading", SUBSCRIPTION, url).ended


@pytest.mark.parametrize(
    "url",
    [
        "https://management.azure.com:8443/op",
        "https://management.azure.com@evil.example/op",
        "https://me@management.azure.com/op",
        "http://management.azure.com/op",
        "https://management.azure.com:x/op",
    ],
)
def test_what_only_looks_like_azures_address_is_not(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(arm, "settings", Settings)
    with pytest.raises(CloudRefused, match="is not Azure"):
        operation_status("reading", SUBSCRIPTION, url)


@pytest.mark.parametrize("host", ["127.anything.example", "127.0.0.1.evil.example", "evil.example"])
def test_a_console_is_read_over_plain_http_from_loopback_only(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    addresses: list[str] = []
    shown = SimpleNamespace(serial_console_log_blob_uri=f"http://{host}/console.txt?sig=x")
    machines = SimpleNamespace(retrieve_boot_diagnostics_data=lambda *_, **__: shown)
    monkeypatch.setattr(guest.clients, "compute", lambda _: SimpleNamespace(virtual_machines=machines))
    monkeypatch.setattr(guest, "urlopen", lambda uri, **_: addresses.append(uri))
    assert guest.boot_log(Vm(id=ID, name="web1", location="westeurope")) is None
    assert addresses == []


@pytest.mark.parametrize("delete", [compute.delete_vm, network.delete_nic])
def test_what_went_together_with_its_resource_group_counts_as_deleted(cloud: Cloud, delete: Any) -> None:
    cloud.fault("server-error", operation="*/delete", status=404, code="ResourceGroupNotFound", message="no group")
    kind = "Microsoft.Compute/virtualMachines" if delete is compute.delete_vm else "Microsoft.Network/networkInterfaces"
    assert delete(resource(kind, "web1", "rg-gone"), request_id("d")).done


def test_a_vm_in_a_subscription_that_cannot_be_seen_is_not_called_gone(cloud: Cloud) -> None:
    cloud.fault(
        "server-error", operation="*/virtualMachines/read", status=404, code="SubscriptionNotFound", message="?"
    )
    with pytest.raises(CloudRefused, match="Azure refused"):
        compute.get_vm(ID)
