"""The configuration server and the road of the guides, with the real client."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models as m

from tests.local.simulator.site_recovery.classic import GROUP, RG_ID, SERVER, VAULT, VAULT_ID, Classic

NETWORK = f"{RG_ID}/providers/Microsoft.Network/virtualNetworks/vnet-test"


@pytest.fixture
def server(bare: Any) -> Classic:
    """A configuration server that has registered, its policy set, enabling let through."""
    bare.ask("PATCH", "/control/settings", {"legacy_providers": True})
    classic = Classic(bare)
    classic.register()
    classic.set_policy()
    return classic


def test_its_parts_appear_one_by_one_within_fifteen_minutes(bare: Any) -> None:
    bare.ask("POST", "/control/configuration-servers", {"vaultId": VAULT_ID, "name": SERVER})
    seen = []
    for _ in range(60):
        bare.advance(15)
        rows = bare.arm("GET", f"{VAULT_ID}/replicationFabrics").json()["value"]
        details = rows[0]["properties"]["customDetails"] if rows else {}
        parts = tuple(len(details.get(kind, [])) for kind in ("processServers", "masterTargetServers"))
        state = (details.get("csServiceStatus"), *parts)
        seen += [state] if state not in seen else []
    assert seen == [(None, 0, 0), ("Stopped", 0, 0), ("Running", 0, 0), ("Running", 1, 0), ("Running", 1, 1)]
    assert rows[0]["properties"]["health"] == "Normal"


def test_a_part_that_a_fault_names_stays_critical_without_a_heartbeat(bare: Any) -> None:
    bare.ask("POST", "/control/faults", {"kind": "component-unhealthy", "match": f"{SERVER}/processServers"})
    classic = Classic(bare)
    classic.register()
    fabric = classic.read_fabric()["properties"]
    process = fabric["customDetails"]["processServers"][0]
    assert (fabric["health"], process["health"], process["lastHeartbeat"]) == (
        "Critical",
        "Critical",
        "0001-01-01T00:00:00",
    )
    assert fabric["customDetails"]["masterTargetServers"][0]["lastHeartbeat"] > "2026"


def test_a_listing_keeps_its_servers_and_accounts_as_recorded(server: Classic) -> None:
    listed = server.read_fabric()
    single = server.stage.arm("GET", f"{VAULT_ID}/replicationFabrics/{server.fabric}").json()
    assert listed == single
    details = listed["properties"]["customDetails"]
    assert details["runAsAccounts"] == [
        {"accountId": "1", "accountName": "windowsuser"},
        {"accountId": "2", "accountName": "linuxuser"},
    ]
    assert details["processServers"][0]["id"] == details["masterTargetServers"][0]["id"] == server.host
    assert {"agentVersion", "lastHeartbeat", "versionStatus", "hostName", "ipAddress"} <= set(details)
    assert server.container == f"cloud_{listed['properties']['internalIdentifier']}"
    assert list(server.stage.client.replication_appliances.list(GROUP, VAULT)) == []


def test_a_registration_key_is_valid_for_five_days(bare: Any) -> None:
    certificate = {"properties": {"authType": "AAD", "certificate": "TUlJ"}}
    path = f"{VAULT_ID}/certificates/ferry?api-version=2026-11-01"
    assert bare.arm("PUT", path, certificate).status_code == 200
    bare.advance(6 * 86400)
    body = {"vaultId": VAULT_ID, "name": SERVER, "certificate": "ferry"}
    refused = bare.control.post("/control/configuration-servers", json=body)
    assert refused.status_code == 400
    assert "not valid" in refused.text
    assert bare.arm("PUT", path, certificate).status_code == 200
    assert bare.control.post("/control/configuration-servers", json=body).status_code == 200


def test_the_job_that_adds_a_machine_succeeds_with_its_task_in_progress(server: Classic) -> None:
    job = server.discover("web1", "10.0.2.15")
    assert (job["scenarioName"], job["state"]) == ("DiscoverPhysicalMachine", "Succeeded")
    assert [(task["taskId"], task["state"], task["endTime"]) for task in job["tasks"]] == [
        ("DiscoverPhysicalMachineTask", "InProgress", "0001-01-01T00:00:00")
    ]
    about = job["customDetails"]["affectedObjectDetails"]
    assert (about["primaryVmName"], about["primaryFabricProviderId"]) == ("web1", "VMware")
    assert "recoveryCloudId" not in about


def test_page_one_of_protectable_items_links_to_an_empty_page_two(server: Classic) -> None:
    server.discover("web1", "10.0.2.15", "Windows")
    first = server.stage.arm("GET", f"{server.container_path}/replicationProtectableItems").json()
    assert [each["properties"]["friendlyName"] for each in first["value"]] == ["web1"]
    second = server.stage.arm("GET", "/" + first["nextLink"].split("/", 3)[3])
    assert second.json() == {"value": [], "nextLink": None}
    details = first["value"][0]["properties"]["customDetails"]
    fields = ("discoveryType", "osType", "poweredOn", "agentInstalled")
    assert tuple(details[name] for name in fields) == ("Physical", "WINDOWS", "Off", "NotInstalled")


def test_a_machine_added_twice_is_one_machine(server: Classic) -> None:
    server.discover("web1", "10.0.2.15")
    server.discover("web1", "10.0.2.15")
    rows = server.stage.arm("GET", f"{server.container_path}/replicationProtectableItems").json()["value"]
    assert len(rows) == 1


def test_an_appliance_takes_no_machines_by_address(ready: Any) -> None:
    body = {"properties": {"friendlyName": "web1", "ipAddress": "10.0.2.15", "osType": "Linux"}}
    begin = ready.client.replication_protection_containers.begin_discover_protectable_item
    with pytest.raises(HttpResponseError, match="InMageRcm"):
        begin(GROUP, VAULT, "rsv-ferry-vmwarefabric", ready.container, body, polling=False)


def test_a_policy_says_enabled_where_enable_was_sent_and_a_mapping_says_nothing(server: Classic) -> None:
    policy = server.stage.client.replication_policies.get(GROUP, VAULT, "day")
    assert policy["properties"]["providerSpecificDetails"] == {
        "instanceType": "InMageAzureV2",
        "recoveryPointThresholdInMinutes": 15,
        "recoveryPointHistory": 1440,
        "crashConsistentFrequencyInMinutes": 5,
        "appConsistentFrequencyInMinutes": 60,
        "multiVmSyncStatus": "Enabled",
    }
    path = f"{server.container_path}/replicationProtectionContainerMappings/pair"
    assert server.stage.arm("GET", path).json()["properties"]["providerSpecificDetails"] is None


def test_enabling_is_refused_unless_retired_providers_are_let_through(server: Classic) -> None:
    server.stage.ask("PATCH", "/control/settings", {"legacy_providers": False})
    server.discover("web1", "10.0.2.15")
    body = server.enable_body(server.protectable("10.0.2.15").id)
    answer = server.stage.arm("PUT", server.item_path("web1"), body)
    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["code"] == "ProviderRetired"


@pytest.mark.parametrize(
    ("push", "code"), [("credentials", "95107"), ("no-network", "95117"), ("file-sharing", "95105"), ("wmi", "95103")]
)
def test_a_push_that_fails_says_why_and_leaves_an_item_to_remove(server: Classic, push: str, code: str) -> None:
    job = server.enable("web1", "10.0.2.15", push=push)
    assert [each["serviceErrorDetails"]["code"] for each in job["errors"]] == [code, "539"]
    assert "'InMageAzureV2'" in job["errors"][1]["serviceErrorDetails"]["message"]
    assert job["errors"][0]["taskId"] == "CreateProtectionTargetTask"
    assert server.item("web1")["protectionState"] == "EnablingFailed"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"processServerId": "nobody"}, "processServerId"),
        ({"masterTargetId": "nobody"}, "masterTargetId"),
        ({"logStorageAccountId": ""}, "logStorageAccountId"),
    ],
)
def test_enabling_names_what_is_missing(server: Classic, change: dict[str, str], words: str) -> None:
    server.discover("web1", "10.0.2.15")
    body = server.enable_body(server.protectable("10.0.2.15").id, **change)
    answer = server.stage.arm("PUT", server.item_path("web1"), body)
    assert (answer.status_code, words in answer.text) == (400, True)


def test_a_pushed_agent_is_installed_afterwards_and_the_machine_protected(server: Classic) -> None:
    assert server.protectable("10.0.2.15") is None
    server.protect("web1", "10.0.2.15")
    server.stage.advance(300)
    found = server.protectable("10.0.2.15").properties
    assert (found.custom_details.agent_installed, found.protection_status) == ("Installed", "Protected")
    assert found.replication_protected_item_id.endswith("/replicationProtectedItems/web1")
    item = server.item("web1")
    assert item["protectableItemId"] == server.protectable("10.0.2.15").id
    assert item["primaryFabricProvider"] == "InMageFabric"
    details = item["providerSpecificDetails"]
    fields = ("protectionStage", "vmProtectionState", "totalDataTransferred", "totalProgressHealth", "ipAddress")
    assert [details[name] for name in fields] == ["DifferentialSync", "Protected", -1, "Completed", "10.0.2.15"]
    assert "failoverRecoveryPointId" not in details
    warning = next(each for each in item["healthErrors"] if each["errorCode"] == "161011")
    assert (warning["errorType"], warning["errorId"]) == ("8010", "6:8010")


def test_the_road_of_the_guides_ends_with_complete_migration(server: Classic) -> None:
    server.protect("web1", "10.0.2.15")
    test = {
        "failoverDirection": "PrimaryToRecovery",
        "networkType": "VmNetworkAsInput",
        "networkId": NETWORK,
        "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
    }
    tested = server.act("testFailover", "web1", test)
    assert tested["state"] == "Succeeded"
    assert server.item("web1")["lastSuccessfulTestFailoverTime"] == tested["startTime"]
    assert server.item("web1")["failoverRecoveryPointId"], "recorded: set by a test failover, too"
    vm = f"{RG_ID.replace(GROUP, 'rg-target')}/providers/Microsoft.Compute/virtualMachines/web1"
    assert server.stage.ask("GET", f"/control/resources?id={vm}-test")["name"] == "web1-test"
    assert server.act("testFailoverCleanup", "web1", {"comments": "done"})["state"] == "Succeeded"
    failover = {
        "failoverDirection": "PrimaryToRecovery",
        "sourceSiteOperations": "NotRequired",
        "providerSpecificDetails": {"instanceType": "InMageAzureV2"},
    }
    job = server.act("unplannedFailover", "web1", failover)
    skipped = next(task for task in job["tasks"] if task["taskId"] == "ShutdownVmOnPrimaryForUFO")
    assert (skipped["state"], skipped["stateDescription"]) == ("Other", "Skipped")
    item = server.item("web1")
    assert item["providerSpecificDetails"]["targetVmId"].lower() == vm.lower()
    assert item["failoverRecoveryPointId"].startswith(f"{VAULT_ID.replace('/subs', '/Subs')}/replicationFabrics")
    assert "CompleteMigration" in item["allowedOperations"]
    assert server.act("remove", "web1", {"disableProtectionReason": "MigrationComplete"})["state"] == "Succeeded"
    with pytest.raises(ResourceNotFoundError):
        server.stage.client.replication_protected_items.get(*server.place, "web1")
    assert server.protectable("10.0.2.15").properties.protection_status == "Unprotected"


def test_a_quota_fails_the_failover_with_the_recorded_pair_of_errors(server: Classic) -> None:
    server.protect("web1", "10.0.2.15")
    server.stage.ask("POST", "/control/quotas", {"location": "westeurope", "name": "cores", "limit": 0})
    sent = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "InMageAzureV2"}}
    job = server.act("unplannedFailover", "web1", sent)
    assert [each["serviceErrorDetails"]["code"] for each in job["errors"]] == ["28031", "539"]
    assert {each["taskId"] for each in job["errors"]} == {"FailoverTask"}
    assert server.item("web1")["protectionStateDescription"] == "Failover failed"


def test_replication_is_disabled_with_the_input_of_the_older_provider(server: Classic) -> None:
    server.protect("web1", "10.0.2.15")
    gone = m.DisableProtectionInput(
        properties=m.DisableProtectionInputProperties(
            disable_protection_reason="NotSpecified",
            replication_provider_input=m.InMageDisableProtectionProviderSpecificInput(
                replica_vm_deletion_status="Retain"
            ),
        )
    )
    items = server.stage.client.replication_protected_items
    items.begin_delete(*server.place, "web1", gone, polling=server.stage.poll()).result()
    assert server.stage.arm("GET", server.item_path("web1")).status_code == 404


def test_a_recovery_plan_fails_machines_over_with_inputs_of_their_provider(server: Classic) -> None:
    server.protect("web1", "10.0.2.15")
    server.protect("db1", "10.0.2.16")
    plans = server.stage.client.replication_recovery_plans
    ids = [server.item_path(name) for name in ("db1", "web1")]
    groups = [
        {"groupType": "Boot", "replicationProtectedItems": [{"id": each, "virtualMachineId": each}]} for each in ids
    ]
    sent = {
        "primaryFabricId": f"{VAULT_ID}/replicationFabrics/{server.fabric}",
        "recoveryFabricId": "Microsoft Azure",
        "failoverDeploymentModel": "ResourceManager",
        "groups": groups,
    }
    made = plans.begin_create(GROUP, VAULT, "wave", {"properties": sent}, polling=server.stage.poll()).result()
    assert made.properties.replication_providers == ["InMageAzureV2"]
    assert made.properties.primary_fabric_friendly_name == SERVER
    details = {"instanceType": "InMageAzureV2", "recoveryPointType": "LatestProcessed"}
    body = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": [details]}
    plans.begin_unplanned_failover(GROUP, VAULT, "wave", {"properties": body}, polling=server.stage.poll()).result()
    assert {server.item(name)["activeLocation"] for name in ("web1", "db1")} == {"Recovery"}


def test_an_update_changes_the_vm_and_its_subnets(server: Classic) -> None:
    server.protect("web1", "10.0.2.15")
    configs = [{"ipConfigName": "one", "recoverySubnetName": "app", "tfoSubnetName": "app"}]
    sent = {
        "recoveryAzureVMName": "web-one",
        "recoveryAzureVMSize": "Standard_D4s_v5",
        "vmNics": [{"nicId": "n", "ipConfigs": configs}],
        "providerSpecificDetails": {"instanceType": "InMageAzureV2", "targetVmTags": {"a": "b"}},
    }
    answer = server.stage.arm("PATCH", server.item_path("web1"), {"properties": sent})
    server.stage.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    details = server.item("web1")["providerSpecificDetails"]
    assert (details["recoveryAzureVMName"], details["recoveryAzureVMSize"]) == ("web-one", "Standard_D4s_v5")
    assert details["targetVmTags"] == {"a": "b"}
    assert details["vmNics"][0]["ipConfigs"][0]["tfoSubnetName"] == "app"


def test_a_vcenter_is_added_listed_and_taken_away(server: Classic) -> None:
    vcenters = server.stage.client.replicationv_centers
    sent = m.AddVCenterRequest(
        properties=m.AddVCenterRequestProperties(
            friendly_name="vc", ip_address="10.0.0.9", process_server_id=server.host, port="443", run_as_account_id="1"
        )
    )
    made = vcenters.begin_create(GROUP, VAULT, server.fabric, "vc", sent, polling=server.stage.poll()).result()
    assert made.properties.ip_address == "10.0.0.9"
    assert [each.name for each in vcenters.list(GROUP, VAULT)] == ["vc"]
    vcenters.begin_delete(GROUP, VAULT, server.fabric, "vc", polling=server.stage.poll()).result()
    assert list(vcenters.list_by_replication_fabrics(GROUP, VAULT, server.fabric)) == []
