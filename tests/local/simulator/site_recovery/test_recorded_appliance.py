"""What recordings say of a replication appliance and of machines behind it."""

import re
from datetime import timedelta
from typing import Any

from local.simulator.clock import parse_iso
from tests.local.simulator.site_recovery.regions import (
    GROUP,
    VAULT,
    VAULT_ID,
)

FABRIC = "rsv-ferry-vmwarefabric"


PROGRESS = (
    "initialReplicationProgressPercentage",
    "initialReplicationProcessedBytes",
    "initialReplicationTransferredBytes",
    "initialReplicationProgressHealth",
)


def look(ready: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    item = ready.item("web1")
    return item, item["providerSpecificDetails"]


def test_enabling_takes_twenty_seven_minutes(ready: Any) -> None:
    job = ready.finish(ready.enable("web1", "10.0.2.15"), step=30)
    began, ended = parse_iso(job["startTime"]), parse_iso(job["endTime"])
    assert timedelta(minutes=26) < ended - began < timedelta(minutes=28)
    assert ready.item("web1")["protectionState"] == "InitialReplicationInProgress"


def test_of_a_copy_that_has_just_begun_nothing_is_told(ready: Any) -> None:
    ready.finish(ready.enable("web1", "10.0.2.15"))
    item, details = look(ready)
    assert [details[name] for name in PROGRESS] == [None, None, None, "None"]
    (disk,) = details["protectedDisks"]
    assert disk["irDetails"] == {
        "progressHealth": "Queued",
        "transferredBytes": 0,
        "last15MinutesTransferredBytes": 0,
        "lastDataTransferTimeUtc": None,
        "processedBytes": 0,
        "startTime": None,
        "lastRefreshTime": None,
        "progressPercentage": None,
    }
    assert (item["failoverHealth"], item["replicationHealth"]) == ("Normal", "Normal")
    ready.advance(600)
    (disk,) = look(ready)[1]["protectedDisks"]
    assert disk["irDetails"]["progressHealth"] == "InProgress"
    assert re.match(r"^\d{4}-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d$", disk["irDetails"]["startTime"])
    assert re.match(r"^\d+/\d+/\d{4} \d+:\d\d:\d\d [AP]M$", disk["irDetails"]["lastRefreshTime"])
    assert disk["isInitialReplicationComplete"] == "false"


def test_while_the_first_point_is_waited_for_what_was_copied_stands_still(ready: Any) -> None:
    ready.finish(ready.enable("web1", "10.0.2.15"))
    seen: dict[str, list[tuple[Any, ...]]] = {}
    for _ in range(80):
        item, details = look(ready)
        seen.setdefault(item["protectionState"], []).append(tuple(details[name] for name in PROGRESS))
        if item["protectionState"] == "InitialReplicationRecoveryCompletionPending":
            assert item["protectionStateDescription"] == "Waiting for first recovery point"
            assert [disk["isInitialReplicationComplete"] for disk in details["protectedDisks"]] == ["true"]
            assert "irDetails" not in details["protectedDisks"][0]
        ready.advance(60)
    assert list(seen) == ["InitialReplicationInProgress", "InitialReplicationRecoveryCompletionPending", "Protected"]
    waited = seen["InitialReplicationRecoveryCompletionPending"]
    (frozen,) = set(waited)
    assert frozen[:3] >= seen["InitialReplicationInProgress"][-1][:3], "the last ones that were told"
    assert (0 < frozen[0] < 100, frozen[3]) == (True, "InProgress")
    assert len(waited) == 20, "twenty minutes"
    assert 25 <= len(seen["InitialReplicationInProgress"]) <= 30, "thirty gibibytes in 25 to 30 minutes"
    assert set(seen["Protected"]) == {(None, None, None, "None")}
    assert "irDetails" not in ready.item("web1")["providerSpecificDetails"]["protectedDisks"][0]


def test_a_vcenters_machine_is_told_as_recorded(ready: Any) -> None:
    fabric = ready.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
    site = fabric["properties"]["customDetails"]["vmwareSiteId"]
    machine = {"name": "vm1", "ip": "10.0.3.10", "vcenter": "vc.corp.local", "osType": "Windows"}
    ready.ask("POST", "/control/machines", {**machine, "vmwareTools": "NotInstalled"})
    (row,) = ready.arm("GET", f"{site}/machines?api-version=2023-06-06").json()["value"]
    properties = row["properties"]
    assert set(properties["disks"][0]) == {
        "uuid",
        "label",
        "diskProvisioningPolicy",
        "diskScrubbingPolicy",
        "diskMode",
        "controllerType",
        "maxSizeInBytes",
        "name",
        "diskType",
        "lun",
        "path",
    }
    assert properties["disks"][0]["diskType"] == "Static"
    assert "fqdn" not in properties
    around = [name for name in properties if name.startswith("host")]
    assert around == ["hostInMaintenanceMode", "hostName", "hostPowerState", "hostVersion"]
    assert (properties["hostName"], properties["vmFqdn"], properties["firmware"]) == ("esx-01.corp.local", "", "bios")
    assert properties["operatingSystemDetails"]["osType"] == "windowsGuest"
    assert properties["guestOSDetails"] == dict.fromkeys(("osType", "osName", "osVersion", "osArchitecture"))
    assert row["tags"] == properties["tags"] == {"asrprotectedmachine": "False"}
    ready.ask("PATCH", "/control/machines/vm1", {"deleted": True})
    (row,) = ready.arm("GET", f"{site}/machines?api-version=2023-06-06").json()["value"]
    assert row["properties"]["isDeleted"] is True, "it stays in the list"


def test_an_item_of_a_vcenters_machine_names_its_card_its_server_and_when_it_was_seen(ready: Any) -> None:
    fabric = ready.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
    site = fabric["properties"]["customDetails"]["vmwareSiteId"]
    machine = {"name": "web1", "ip": "10.0.3.10", "vcenter": "vc.corp.local", "hostname": "web1.corp.local"}
    ready.ask("POST", "/control/machines", {**machine, "agentRegistered": True})
    (row,) = ready.arm("GET", f"{site}/machines?api-version=2023-06-06").json()["value"]
    body = ready.enable_body(row["id"])
    create = ready.client.replication_protected_items.begin_create
    ready.finish(ready.job_id(create, FABRIC, ready.container, "web1", body))
    details = look(ready)[1]
    assert details["vmNics"][0]["nicId"] == row["properties"]["networkAdapters"][0]["macAddress"]
    seen = details["discoveredVmDetails"]
    assert (seen["vCenterId"], seen["vmFqdn"]) == (row["properties"]["vCenterId"], "web1.corp.local")
    assert re.match(r"^[\d-]+T[\d:.]+\+00:00$", seen["createdTimestamp"])
    assert re.match(r"^[\d-]+T[\d:.]+Z$", seen["lastDiscoveryTimeInUtc"])


def test_policies_of_the_way_back_are_made_and_changed(ready: Any) -> None:
    back = {
        "instanceType": "InMageRcmFailback",
        "appConsistentFrequencyInMinutes": 60,
        "crashConsistentFrequencyInMinutes": 5,
    }
    path = f"{VAULT_ID}/replicationPolicies/back"
    ready.arm("PUT", path, {"properties": {"providerSpecificInput": back}})
    ready.advance(60)
    assert ready.arm("GET", path).json()["properties"]["providerSpecificDetails"] == back
    changed = {**back, "appConsistentFrequencyInMinutes": 0, "crashConsistentFrequencyInMinutes": 10}
    ready.arm("PATCH", path, {"properties": {"replicationProviderSettings": changed}})
    ready.advance(60)
    assert ready.arm("GET", path).json()["properties"]["providerSpecificDetails"] == changed


def test_run_as_accounts_tell_when_they_were_made(ready: Any) -> None:
    fabric = ready.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
    site = fabric["properties"]["customDetails"]["vmwareSiteId"]
    listed = ready.arm("GET", f"{site}/runAsAccounts?api-version=2023-06-06").json()
    assert listed["nextLink"] is None
    account = listed["value"][0]
    assert account["id"] == f"{site}/runasaccounts/vcenter", "in lower case whatever was asked"
    assert (account["properties"]["credentialType"], account["properties"]["applianceName"]) == ("VMwareFabric", None)
    assert re.match(r"^[\d-]+T[\d:.]+Z$", account["properties"]["createdTimestamp"])


def test_an_appliance_brings_three_policies_and_three_mappings(ready: Any) -> None:
    policies = {
        each.name: each.properties.provider_specific_details
        for each in ready.client.replication_policies.list(GROUP, VAULT)
    }
    assert set(policies) == {
        "24-hour-replication-policy",
        "appconsistency-policy-failback",
        "crashconsistency-policy-failback",
        "day",
    }
    day = policies["24-hour-replication-policy"]
    numbers = ("recoveryPointHistoryInMinutes", "appConsistentFrequencyInMinutes", "crashConsistentFrequencyInMinutes")
    assert [day[name] for name in numbers] == [4320, 240, 5]
    rows = ready.arm("GET", f"{VAULT_ID}/replicationProtectionContainerMappings").json()["value"]
    properties = {row["name"]: row["properties"] for row in rows}
    assert properties["default-failover-containerpairing"]["targetProtectionContainerId"] == "Microsoft Azure"
    home = ready.arm("GET", f"{VAULT_ID}/replicationFabrics/{FABRIC}/replicationProtectionContainers").json()["value"][
        0
    ]
    for kind in ("appconsistency", "crashconsistency"):
        back = properties[f"{kind}-failback-containerpairing"]
        assert (back["targetProtectionContainerId"], back["providerSpecificDetails"]) == (home["id"], None)


def test_a_policy_with_a_consistent_point_every_900_minutes_is_taken(ready: Any) -> None:
    settings = {
        "instanceType": "InMageRcm",
        "recoveryPointHistoryInMinutes": 1440,
        "appConsistentFrequencyInMinutes": 900,
    }
    sent = {"properties": {"providerSpecificInput": {**settings, "crashConsistentFrequencyInMinutes": 5}}}
    ready.client.replication_policies.begin_create(GROUP, VAULT, "rare", sent, polling=ready.poll()).result()
    assert ready.arm("GET", f"{VAULT_ID}/replicationPolicies/rare").status_code == 200
