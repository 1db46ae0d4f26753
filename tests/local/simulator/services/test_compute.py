"""VMs that a failover made, as azure-mgmt-compute and a probe see them."""

import socket
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.compute import ComputeManagementClient

from local.simulator.machines import SourceMachine
from local.simulator.vms import VmDisk, VmRequest
from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, end_of, wrap

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
WORLD = [
    {"id": GROUP, "location": "westeurope", "properties": {"provisioningState": "Succeeded"}},
    {"id": NETWORK, "location": "westeurope", "properties": {"addressSpace": {"addressPrefixes": ["10.1.0.0/16"]}}},
    {"id": f"{NETWORK}/subnets/app", "properties": {"addressPrefix": "10.1.0.0/24"}},
]


def request(name: Any = "web1", size: Any = "Standard_D2s_v5", subnet: Any = "app", **machine: Any) -> Any:
    source = SourceMachine.model_validate({"name": name, "ip": "10.0.2.4", **machine})
    disks = (VmDisk(f"{name}-os", 30, True, "Standard_LRS"), VmDisk(f"{name}-data", 100, False, "Standard_LRS"))
    return VmRequest(
        name=name,
        resource_group_id=GROUP,
        location="westeurope",
        size=size,
        network_id=NETWORK,
        subnet=subnet,
        ip="",
        os_type=source.os_type,
        disks=disks,
        source=source,
        test=False,
        recovery_point_time="2026-11-21T04:55:00Z",
    )


@pytest.fixture
def make(frozen: Any) -> Any:
    """Ask for a VM as Site Recovery does, on the simulator's own loop: a control call can be any function."""
    frozen.control("POST", "resources", WORLD)
    world = frozen.running.simulator.world

    def create(**more: Any) -> Any:
        world.timeline.after(0, lambda: world.vms.create(request(**more)))
        frozen.control("GET", "settings")
        return more.get("name", "web1")

    return create


@pytest.fixture
def client(frozen: Any) -> Any:
    return frozen.client(ComputeManagementClient)


def power(client: Any, name: Any) -> Any:
    return [each.code for each in client.virtual_machines.instance_view("rg", name).statuses]


def done(frozen: Any, poller: Any) -> Any:
    """Let a long operation end: the SDK's thread looks while the clock is moved."""
    while not poller.done():
        frozen.later("PT1M")
        poller.wait(0.05)
    return poller.result()


def answers(address: Any, port: Any) -> Any:
    try:
        socket.create_connection((address, port), 2).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_vm_shows_its_size_its_disks_and_its_nic(make: Any, client: Any) -> None:
    make()
    vm = client.virtual_machines.get("rg", "WEB1")
    assert vm.hardware_profile.vm_size == "Standard_D2s_v5"
    assert vm.storage_profile.os_disk.managed_disk.id.endswith("/disks/web1-os")
    assert [disk.lun for disk in vm.storage_profile.data_disks] == [0]
    assert vm.network_profile.network_interfaces[0].id.endswith("/networkInterfaces/web1-nic")
    assert {disk.name for disk in client.disks.list_by_resource_group("rg")} == {"web1-os", "web1-data"}
    assert [each.name for each in client.virtual_machines.list("rg")] == ["web1"]
    assert [each.name for each in client.virtual_machines.list_all()] == ["web1"]


def test_a_vm_answers_only_once_it_has_booted(make: Any, client: Any, frozen: Any) -> None:
    make(ports=[18443], bootSeconds=90)
    address = frozen.control("GET", "vms/web1")["address"]
    frozen.later("PT89S")
    assert not answers(address, 18443)
    agent = client.virtual_machines.instance_view("rg", "web1").vm_agent
    assert agent.statuses[0].display_status == "Not Ready"
    frozen.later("PT1S")
    assert answers(address, 18443)
    view = client.virtual_machines.instance_view("rg", "web1")
    assert view.vm_agent.statuses[0].display_status == "Ready"
    assert [each.code for each in view.statuses] == ["ProvisioningState/succeeded", "PowerState/running"]


def test_a_booted_vm_speaks_http_on_its_nic_address(make: Any, client: Any, frozen: Any) -> None:
    make(ports=[18080])
    frozen.later("PT2M")
    nic = frozen.arm("GET", f"{GROUP}/providers/Microsoft.Network/networkInterfaces/web1-nic").json()
    address = nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"]
    assert address.startswith("127.")
    connection = HTTPConnection(address, 18080, timeout=5)
    connection.request("GET", "/health")
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (200, b"web1\n")
    connection.close()


def test_two_vms_listen_on_the_same_port(make: Any, frozen: Any) -> None:
    for name in ("web1", "web2"):
        make(name=name, ports=[18080])
    frozen.later("PT2M")
    addresses = [frozen.control("GET", f"vms/{name}")["address"] for name in ("web1", "web2")]
    assert len(set(addresses)) == 2
    assert all(answers(address, 18080) for address in addresses)


def test_a_deallocated_vm_is_silent_and_a_started_one_boots_again(make: Any, client: Any, frozen: Any) -> None:
    make(ports=[18080])
    frozen.later("PT2M")
    address = frozen.control("GET", "vms/web1")["address"]
    done(frozen, client.virtual_machines.begin_deallocate("rg", "web1"))
    assert power(client, "web1")[-1] == "PowerState/deallocated"
    assert not answers(address, 18080)
    done(frozen, client.virtual_machines.begin_start("rg", "web1"))
    assert power(client, "web1")[-1] == "PowerState/running"
    frozen.later("PT2M")
    assert answers(address, 18080)
    done(frozen, client.virtual_machines.begin_power_off("rg", "web1"))
    assert power(client, "web1")[-1] == "PowerState/stopped"


def test_a_deleted_vm_leaves_its_disks_and_nic_unattached(make: Any, client: Any, frozen: Any) -> None:
    make(ports=[18080])
    frozen.later("PT2M")
    address = frozen.control("GET", "vms/web1")["address"]
    done(frozen, client.virtual_machines.begin_delete("rg", "web1"))
    with pytest.raises(ResourceNotFoundError):
        client.virtual_machines.get("rg", "web1")
    assert not answers(address, 18080)
    assert {disk.disk_state for disk in client.disks.list()} == {"Unattached"}
    client.disks.begin_delete("rg", "web1-data").result()
    assert [disk.name for disk in client.disks.list()] == ["web1-os"]


def test_an_attached_disk_is_not_deleted(make: Any, client: Any) -> None:
    make()
    with pytest.raises(HttpResponseError):
        client.disks.begin_delete("rg", "web1-os").result()


def test_site_recovery_deletes_a_test_vm_with_all_it_had(make: Any, client: Any, frozen: Any) -> None:
    make()
    world = frozen.running.simulator.world
    world.timeline.after(0, lambda: world.vms.delete(f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web1"))
    assert list(client.virtual_machines.list("rg")) == []
    assert list(client.disks.list()) == []


@pytest.mark.parametrize(("os_type", "word"), [("Linux", "dracut"), ("Windows", "INACCESSIBLE_BOOT_DEVICE")])
def test_a_vm_without_drivers_never_boots_and_its_console_says_why(
    make: Any, client: Any, frozen: Any, os_type: Any, word: Any
) -> None:
    make(osType=os_type, boot="fails", ports=[18080])
    frozen.later("PT1H")
    assert not answers(frozen.control("GET", "vms/web1")["address"], 18080)
    data = client.virtual_machines.retrieve_boot_diagnostics_data("rg", "web1")
    assert word in httpx.get(data.serial_console_log_blob_uri).text
    assert httpx.get(data.console_screenshot_blob_uri).content.startswith(b"\x89PNG")


def test_a_console_shows_the_text_it_was_told(make: Any, client: Any) -> None:
    make(boot="fails", bootLog="no root device\n")
    uri = client.virtual_machines.retrieve_boot_diagnostics_data("rg", "web1").serial_console_log_blob_uri
    assert httpx.get(uri).text == "no root device\n"


def run(client: Any, kind: Any = "RunShellScript", script: Any = ("systemctl is-active nginx",)) -> Any:
    return client.virtual_machines.begin_run_command("rg", "web1", {"commandId": kind, "script": list(script)})


def test_a_script_runs_in_the_vm_and_gives_its_output(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.later("PT2M")
    frozen.control("POST", "outcomes", {"vm": "web*", "match": "nginx", "stdout": "active"})
    value = done(frozen, run(client)).value
    assert "Enable succeeded" in value[0].message
    assert "[stdout]\nactive" in value[0].message


WRAPPED = ("printf 'azferry-end 0abc %s' $?", "exit 0")


def linux(frozen: Any, client: Any, script: Any = WRAPPED, **outcome: Any) -> Any:
    frozen.control("POST", "outcomes", {"times": 1, **outcome})
    value = done(frozen, run(client, script=script)).value[0]
    assert (value.code, value.level) == ("ProvisioningState/succeeded", "Info"), "whatever becomes of the script"
    return value.message


def test_every_script_on_linux_is_called_a_success(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.later("PT2M")
    failed = linux(frozen, client, ("exit 3",), result="failure", exitCode=3, stderr="inactive")
    assert failed == "Enable succeeded: \n[stdout]\n\n[stderr]\ninactive"
    assert "azferry-end 0abc 3" in linux(frozen, client, result="failure", exitCode=3)
    assert "azferry-end" not in linux(frozen, client, result="killed", stdout="stopping")
    assert linux(frozen, client, result="restarted") == "Enable succeeded: Last script execution didn't finish."


def test_the_last_4096_bytes_of_each_output_are_kept(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.later("PT2M")
    text = linux(frozen, client, ("true",), stdout="a" * 5_000 + "end", stderr="\u20ac" * 4_000)
    out, err = text.removeprefix("Enable succeeded: \n[stdout]\n").split("\n[stderr]\n")
    assert (len(out), out[-4:], len(err)) == (4_096, "aend", 4_096 // 3)


def test_a_windows_script_that_ends_with_a_code_fails_the_operation_or_shows_nothing_at_all(
    make: Any, client: Any, frozen: Any
) -> None:
    make(osType="Windows")
    frozen.later("PT2M")
    outcome = {"result": "failure", "exitCode": 1, "stdout": "half done"}
    frozen.control("POST", "outcomes", {**outcome, "times": 1, "tells": False})
    value = done(frozen, run(client, "RunPowerShellScript", ("exit 1",))).value
    assert [each.message for each in value] == ["half done", ""]
    frozen.control("POST", "outcomes", outcome)
    with pytest.raises(HttpResponseError, match="Finished executing command"):
        done(frozen, run(client, "RunPowerShellScript", ("exit 1",)))
    value = done(frozen, run(client, "RunPowerShellScript", WRAPPED)).value
    assert value[0].message == "half done\nazferry-end 0abc 1\n"


def test_a_windows_script_gives_output_and_errors_apart(make: Any, client: Any, frozen: Any) -> None:
    make(osType="Windows")
    frozen.later("PT2M")
    frozen.control("POST", "outcomes", {"stdout": "Running"})
    value = done(frozen, run(client, "RunPowerShellScript")).value
    assert [each.code for each in value] == ["ComponentStatus/StdOut/succeeded", "ComponentStatus/StdErr/succeeded"]
    assert value[0].message == "Running"


def test_only_one_script_runs_at_a_time(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.later("PT2M")
    first = run(client)
    with pytest.raises(HttpResponseError) as raised:
        run(client)
    assert raised.value.status_code == 409
    done(frozen, first)


def test_a_script_needs_a_vm_that_runs(make: Any, client: Any, frozen: Any) -> None:
    make()
    done(frozen, client.virtual_machines.begin_deallocate("rg", "web1"))
    with pytest.raises(HttpResponseError) as raised:
        run(client)
    assert raised.value.error.code == "OperationNotAllowed"


def test_a_script_fails_late_where_the_agent_is_not_ready(make: Any, client: Any, frozen: Any) -> None:
    make(boot="agent-not-ready", ports=[18080])
    frozen.later("PT2M")
    assert answers(frozen.control("GET", "vms/web1")["address"], 18080)
    with pytest.raises(HttpResponseError) as raised:
        done(frozen, run(client))
    assert raised.value.error.code == "VMAgentStatusCommunicationError"


def put(client: Any, name: Any = "dns", script: Any = "echo hello", **more: Any) -> Any:
    body = {"location": "westeurope", "properties": {"source": {"script": script}, "asyncExecution": True, **more}}
    return client.virtual_machine_run_commands.begin_create_or_update("rg", "web1", name, body, polling=False)


def view(client: Any, name: Any = "dns") -> Any:
    found = client.virtual_machine_run_commands.get_by_virtual_machine("rg", "web1", name, expand="instanceView")
    return found.properties.instance_view


def test_a_managed_command_is_found_by_its_name_and_runs_once_for_each_script(
    make: Any, client: Any, frozen: Any
) -> None:
    make()
    frozen.later("PT2M")
    put(client)
    assert view(client).execution_state == "Pending"
    frozen.later("PT10S")
    assert view(client).execution_state == "Running"
    frozen.later("PT1M")
    first = view(client)
    assert (first.execution_state, first.exit_code, first.output) == ("Succeeded", 0, "hello")
    put(client)
    frozen.later("PT1M")
    assert view(client).end_time == first.end_time, "the same script is not run again"
    put(client, script="echo other")
    frozen.later("PT1M")
    assert view(client).output == "other"
    client.virtual_machine_run_commands.begin_delete("rg", "web1", "dns", polling=False)
    with pytest.raises(ResourceNotFoundError):
        view(client)


@pytest.mark.parametrize(
    ("os_type", "seconds", "code"), [("Windows", 300, 0), ("Windows", 900, 124), ("Linux", 900, 124)]
)
def test_a_wrapped_script_is_ended_by_its_wrapper_and_not_before(
    make: Any, client: Any, frozen: Any, os_type: Any, seconds: Any, code: Any
) -> None:
    make(osType=os_type)
    frozen.later("PT2M")
    frozen.control("POST", "outcomes", {"seconds": seconds})
    script = GuestScript(name="target-dns", text="exit 0", timeout=600)
    put(client, script="\n".join(wrap(script, RUN_COMMAND, "0abc", windows=os_type == "Windows")))
    frozen.later("PT1H")
    assert end_of(view(client).output, "0abc").code == code


def test_managed_commands_run_side_by_side_and_25_of_them_stand_at_most(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.later("PT2M")
    for number in range(25):
        put(client, f"n{number}")
    frozen.later("PT1M")
    assert {view(client, f"n{number}").execution_state for number in range(25)} == {"Succeeded"}
    with pytest.raises(HttpResponseError, match="max=25, current=25"):
        put(client, "more")


@pytest.mark.parametrize(("os_type", "state"), [("Linux", "Failed"), ("Windows", "TimedOut")])
def test_a_managed_command_ends_when_its_time_is_up(
    make: Any, client: Any, frozen: Any, os_type: Any, state: Any
) -> None:
    make(osType=os_type)
    frozen.later("PT2M")
    frozen.control("POST", "outcomes", {"result": "timeOut"})
    put(client, timeoutInSeconds=600)
    frozen.later("PT9M")
    assert view(client).execution_state == "Running"
    frozen.later("PT2M")
    assert (view(client).execution_state, view(client).exit_code) == (state, -1)


def test_a_managed_command_needs_a_vm_that_runs_and_an_agent(make: Any, client: Any, frozen: Any) -> None:
    make(boot="agent-not-ready")
    frozen.later("PT2M")
    put(client)
    frozen.later("PT30M")
    found = client.virtual_machine_run_commands.get_by_virtual_machine("rg", "web1", "dns")
    assert found.properties.provisioning_state == "Failed"
    done(frozen, client.virtual_machines.begin_deallocate("rg", "web1"))
    with pytest.raises(HttpResponseError, match="not running"):
        put(client, "other")


def test_cores_are_counted_by_family_and_a_full_quota_refuses(make: Any, client: Any, frozen: Any) -> None:
    make()
    frozen.control("POST", "quotas", {"location": "westeurope", "name": "cores", "limit": 3})
    used = {each.name.value: (each.current_value, each.limit) for each in client.usage.list("westeurope")}
    assert used["cores"] == (2, 3)
    assert used["standardDSv5Family"][0] == 2
    refusal = frozen.running.simulator.world.vms.check(request(name="web2"))
    assert refusal.code == "28031"
    assert (
        "exceeding quota limits of Core. Maximum allowed: 3, Current in use: 2, Additional requested: 2."
        in refusal.message
    )


@pytest.mark.parametrize(
    ("more", "code", "word"),
    [
        ({"size": "Standard_Nothing"}, "28031", "not valid"),
        ({"subnet": "elsewhere"}, "28092", "elsewhere"),
        ({}, "28031", "already exists"),
    ],
)
def test_a_vm_that_cannot_be_made_is_refused_with_azures_reason(
    make: Any, frozen: Any, more: Any, code: Any, word: Any
) -> None:
    make()
    refusal = frozen.running.simulator.world.vms.check(request(**({"name": "web2"} if more else {}) | more))
    assert refusal.code == code
    assert word in refusal.message


def test_sizes_and_skus_of_a_region_are_listed(client: Any, frozen: Any) -> None:
    sizes = {size.name: size for size in client.virtual_machine_sizes.list("westeurope")}
    assert sizes["Standard_D2s_v5"].number_of_cores == 2
    frozen.control("POST", "quotas", {"location": "westeurope", "restrictedSizes": ["Standard_B2s"]})
    skus = {sku.name: sku for sku in client.resource_skus.list(filter="location eq 'westeurope'")}
    assert skus["Standard_B2s"].restrictions[0].reason_code == "NotAvailableForSubscription"
    assert {each.name: each.value for each in skus["Standard_D4s_v5"].capabilities}["vCPUs"] == "4"


def test_tags_change(make: Any, client: Any, frozen: Any) -> None:
    make()
    assert done(frozen, client.virtual_machines.begin_update("rg", "web1", {"tags": {"a": "b"}})).tags == {"a": "b"}


def test_nics_change_only_while_deallocated_and_one_stays(make: Any, client: Any, frozen: Any) -> None:
    make()
    nics = f"{GROUP}/providers/Microsoft.Network/networkInterfaces"
    frozen.control("POST", "resources", {"id": f"{nics}/fenced", "location": "westeurope", "properties": {}})
    body = {"properties": {"networkProfile": {"networkInterfaces": [{"id": f"{nics}/fenced"}]}}}
    with pytest.raises(HttpResponseError):
        client.virtual_machines.begin_update("rg", "web1", body)
    done(frozen, client.virtual_machines.begin_deallocate("rg", "web1"))
    done(frozen, client.virtual_machines.begin_update("rg", "web1", body))
    assert "virtualMachine" not in frozen.arm("GET", f"{nics}/web1-nic").json()["properties"]
    assert frozen.arm("GET", f"{nics}/fenced").json()["properties"]["virtualMachine"]["id"].endswith("/web1")
    none: dict[str, Any] = {"properties": {"networkProfile": {"networkInterfaces": []}}}
    with pytest.raises(HttpResponseError) as raised:
        client.virtual_machines.begin_update("rg", "web1", none)
    assert raised.value.status_code == 400


def test_a_port_that_cannot_be_bound_is_named(make: Any, frozen: Any) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = taken.getsockname()[1]
        make(ports=[port])
        frozen.later("PT2M")
        shown = frozen.control("GET", "vms/web1")
    assert shown["ports"] == []
    assert list(shown["refused"]) == [str(port)]
