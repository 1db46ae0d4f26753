"""An item as the wire shows it (recorded shape: keys that come late are absent until set)."""

from ..operations import stamp
from . import ids
from .fabric_json import affected_container
from .health import failover_health, health_errors, replication_health
from .job_state import Job
from .registry import provider_of
from .sides import affected_recovery, side_of
from .state import Json, Place, SrVault, fabric_id
from .states import allowed_operations, state_of, test_of

IDLE_TIME = "1753-01-01T01:01:01Z"
_HYPERV_FABRICS = {"HyperVSite": "SingleHostHyperVFabric", "VMM": "VmmFabric"}  # recorded
_ITEM_TYPES = {"HyperVReplicaAzure": "HyperVVirtualMachine"}  # recorded; empty for the others


def scenario_json(vault: SrVault, job: Job | None, shown: str) -> Json:
    """Return a currentScenario: a job's, or the idle one with its sentinel date."""
    if job is None:
        return {"scenarioName": "None", "jobId": f"{vault.id}/replicationJobs/None", "startTime": IDLE_TIME}
    return {
        "scenarioName": shown,
        "jobId": f"{vault.id}/replicationJobs/{job.id}",
        "startTime": stamp(job.started or job.created),
    }


def item_json(place: Place, *, full: bool = True) -> Json:
    """Return an item; a listing (`full` off) has empty disk and NIC arrays."""
    vault, item = place.vault, place.item
    provider, recovery = provider_of(item.provider), side_of(vault, item.recovery)
    details = provider.item_details(place, full=full)
    errors = health_errors(place)
    state, test = state_of(item), test_of(item)
    policy = vault.policies.get(item.policy.lower())
    server = place.fabric.appliances[0] if place.fabric.appliances else None
    dra = (server.dra or server.id) if server else ids.guid(vault.id, place.fabric.name)
    server_id = f"{fabric_id(vault, place.fabric)}/replicationRecoveryServicesProviders/{dra}"
    properties: Json = {
        "friendlyName": item.machine.name,
        "protectedItemType": _ITEM_TYPES.get(item.provider, ""),
        "protectableItemId": item.protectable or None,
        "recoveryServicesProviderId": server_id,  # recorded between Azure regions, too, where nothing is installed
        "primaryFabricFriendlyName": place.fabric.shown,
        "primaryFabricProvider": _HYPERV_FABRICS.get(place.fabric.kind) or provider.fabric_provider,
        "recoveryFabricFriendlyName": recovery.fabric_shown,
        "recoveryFabricId": recovery.fabric,
        "primaryProtectionContainerFriendlyName": place.container.shown,
        "recoveryProtectionContainerFriendlyName": recovery.container_shown,
        "protectionState": state.protection,
        "protectionStateDescription": state.description,
        "activeLocation": state.active,
        "testFailoverState": test.state,
        "testFailoverStateDescription": test.description,
        "switchProviderState": "None",
        "switchProviderStateDescription": None,
        "allowedOperations": allowed_operations(item),
        "replicationHealth": replication_health(place, errors),
        "failoverHealth": failover_health(place, errors),
        "healthErrors": errors,
        "policyId": f"{vault.id}/replicationPolicies/{policy.name if policy else item.policy}",
        "policyFriendlyName": policy.name if policy else item.policy,
    }
    if item.failed_over_at is not None:
        properties["lastSuccessfulFailoverTime"] = stamp(item.failed_over_at)
    if item.tested_at is not None:
        properties["lastSuccessfulTestFailoverTime"] = stamp(item.tested_at)
    shown = str(item.scenario.extra.get("shown", "")) if item.scenario else ""
    properties["currentScenario"] = scenario_json(vault, item.scenario, shown)
    properties["failoverRecoveryPointId"] = place.failover_point_id
    properties["providerSpecificDetails"] = details
    properties["recoveryContainerId"] = recovery.container
    properties["eventCorrelationId"] = ids.guid(item.internal_id, "events")
    return {"id": place.id, "name": item.name, "type": ids.ITEM_TYPE, "properties": properties}


def affected(place: Place) -> Json:
    """Return a job's affectedObjectDetails (recorded)."""
    item, fabric = place.item, place.fabric
    policy = place.vault.policies.get(item.policy.lower())
    return {
        "primaryVmId": item.internal_id,
        "primaryVmName": item.machine.name,
        "recoveryVmId": "",
        "recoveryVmName": item.machine.name,
        "protectionProfileId": ids.guid(place.vault.id, policy.name if policy else item.policy),
        **affected_container(fabric, place.container),
        **affected_recovery(side_of(place.vault, item.recovery)),
    }


def job_details(place: Place, scenario: str, job: Job) -> Json:
    """Return the customDetails of a job on an item."""
    if scenario in ("TestFailover", "TestFailoverCleanup"):
        return {
            "instanceType": "TestFailoverJobDetails",
            # recorded: Active even when the job has ended
            "testFailoverStatus": "Active" if scenario == "TestFailover" else None,
            "comments": job.extra.get("comments"),
            "networkName": job.extra.get("network"),
            "networkFriendlyName": job.extra.get("network"),
            "networkType": job.extra.get("networkType"),
            "protectedItemDetails": _tested(place, job),
            "affectedObjectDetails": affected(place),
        }
    if scenario in ("UnplannedFailover", "ChangeRecoveryPoint", "CancelFailover"):
        # recorded: stays empty for a failover, even once it has Succeeded
        return {
            "instanceType": "FailoverJobDetails",
            "protectedItemDetails": [],
            "affectedObjectDetails": affected(place),
        }
    if scenario == "PlannedFailover":
        return {
            "instanceType": "FailoverJobDetails",
            "protectedItemDetails": _failed_over(place, job),
            "affectedObjectDetails": affected(place),
        }
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": affected(place)}


def _failed_over(place: Place, job: Job) -> list[Json]:
    """Return what a planned failover tells once it Succeeded (recorded: the recovery point by its bare name)."""
    if job.state != "Succeeded":
        return []
    item, point = place.item, job.extra.get("made", ("", None))[1]
    network = str(item.inputs.get("targetAzureNetworkId") or "").rpartition("/")[2] or None
    return [
        {
            "name": item.internal_id,
            "friendlyName": item.machine.name,
            "testVmName": None,
            "testVmFriendlyName": None,
            "networkConnectionStatus": None,
            "networkFriendlyName": network,
            "subnet": str(item.inputs.get("targetAzureSubnetId") or "").rpartition("/")[2] or None,
            "recoveryPointId": point.id if point else None,
            "recoveryPointTime": stamp(point.at) if point else None,
        }
    ]


def _tested(place: Place, job: Job) -> list[Json]:
    """Return the test VM once the job Succeeded; it is said to be Disconnected (recorded)."""
    if job.scenario != "TestFailover" or job.state != "Succeeded":
        return []
    item = place.item
    vm, point = job.extra.get("made", ("", None))
    name = vm.rpartition("/")[2]
    return [
        {
            "name": item.internal_id,
            "friendlyName": item.machine.name,
            "testVmName": name,
            "testVmFriendlyName": name,
            "networkConnectionStatus": "Disconnected",
            "networkFriendlyName": job.extra.get("network"),
            "subnet": job.extra.get("subnet"),
            "recoveryPointId": point.id if point else None,  # recorded: a bare GUID
            "recoveryPointTime": stamp(point.at) if point else None,
        }
    ]
