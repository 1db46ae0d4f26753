"""The bodies that the appliance's provider fills, and what it reads."""

from shared.site_recovery.inmage_rcm import InMageRcm
from shared.site_recovery.provider import PolicySettings, ReplicationSource, ReplicationTarget

RCM = InMageRcm()
TARGET = ReplicationTarget(
    resource_group_id="/rg", vm_name="web1", log_storage_account_id="/cache", subnet="app", tags={"a": "b"}
)


def test_enabling_gives_all_disks_to_replication_and_leaves_out_what_is_not_told() -> None:
    body = RCM.enable(ReplicationSource(machine_id="/m", process_server_id="ps"), TARGET)
    assert body["disksDefault"] == {"logStorageAccountId": "/cache", "diskType": "Standard_LRS"}
    assert "disksToInclude" not in body
    assert "runAsAccountId" not in body
    assert "targetAvailabilityZone" not in body
    assert (body["fabricDiscoveryMachineId"], body["processServerId"], body["targetVmName"]) == ("/m", "ps", "web1")
    assert body["targetVmTags"] == [{"tagName": "a", "tagValue": "b"}]


def test_a_policy_says_its_flag_as_a_string() -> None:
    body = RCM.policy(PolicySettings(retention=60, app_consistent_every=0))
    assert (body["enableMultiVmSync"], body["recoveryPointHistoryInMinutes"]) == ("false", 60)
    assert body["appConsistentFrequencyInMinutes"] == 0


def test_a_failover_names_a_point_only_when_there_is_one() -> None:
    assert RCM.failover("", shut_down=True) == {"instanceType": "InMageRcm", "performShutdown": "true"}
    assert RCM.failover("p", shut_down=False) == {
        "instanceType": "InMageRcm",
        "performShutdown": "false",
        "recoveryPointId": "p",
    }


def test_progress_and_lag_are_read_and_what_is_null_is_not_known() -> None:
    seen = RCM.replication(
        {
            "instanceType": "InMageRcm",
            "initialReplicationProgressPercentage": 42,
            "initialReplicationTransferredBytes": 1000,
            "lastRpoInSeconds": None,
            "lastRecoveryPointReceived": "0001-01-01T00:00:00",
            "lastRecoveryPointId": None,
            "resyncRequired": "false",
            "primaryNicIpAddress": "10.0.2.15",
            "mobilityAgentDetails": {"version": "9.63"},
            "protectedDisks": [{"diskId": "d", "isOSDisk": "true", "capacityInBytes": 7}],
        }
    )
    assert (seen.progress, seen.transferred_bytes, seen.lag_seconds) == (42, 1000, None)
    assert (seen.last_recovery_point_at, seen.last_recovery_point_id) == (None, "")
    assert (seen.source_ip, seen.agent_version, seen.resync_required) == ("10.0.2.15", "9.63", False)
    assert (seen.disks[0].disk_id, seen.disks[0].is_os_disk, seen.disks[0].capacity_in_bytes) == ("d", True, 7)
