"""Fabrics, mappings, policies and the smaller reads, with the real client."""

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.recoveryservicessiterecovery import models as m

GROUP, VAULT, FABRIC = "rg-ferry", "rsv-ferry", "rsv-ferry-vmwarefabric"
VAULT_ID = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-ferry/providers/Microsoft.RecoveryServices/vaults/rsv-ferry"


def test_a_fabric_is_created_checked_and_deleted(bare: Any) -> None:
    fabrics = bare.client.replication_fabrics
    details = m.InMageRcmFabricCreationInput(
        vmware_site_id="",
        physical_site_id="/subscriptions/s/site",
        source_agent_identity=m.IdentityProviderInput(
            tenant_id="t", application_id="a", object_id="o", audience="x", aad_authority="y"
        ),
    )
    sent = m.FabricCreationInput(properties=m.FabricCreationInputProperties(custom_details=details))
    made = fabrics.begin_create(GROUP, VAULT, "own", sent, polling=bare.poll()).result()
    assert made.properties.custom_details.physical_site_id == "/subscriptions/s/site"
    assert fabrics.begin_check_consistency(GROUP, VAULT, "own", polling=bare.poll()).result().name == "own"
    fabrics.begin_delete(GROUP, VAULT, "own", polling=bare.poll()).result()
    with pytest.raises(ResourceNotFoundError):
        fabrics.get(GROUP, VAULT, "own")
    assert fabrics.begin_purge(GROUP, VAULT, "own", polling=bare.poll()).result() is None


def test_a_fabric_with_protected_items_is_not_removed(ready: Any) -> None:
    ready.enable("web1", "10.0.2.15")
    with pytest.raises(ResourceExistsError):
        ready.client.replication_fabrics.begin_delete(GROUP, VAULT, FABRIC, polling=False)


def test_a_container_is_paired_by_its_mapping_and_unpaired_without_it(ready: Any) -> None:
    containers = ready.client.replication_protection_containers
    mappings = ready.client.replication_protection_container_mappings
    assert containers.get(GROUP, VAULT, FABRIC, ready.container).properties.pairing_status == "Paired"
    assert "pair" in [each.name for each in mappings.list(GROUP, VAULT)]
    sent = m.RemoveProtectionContainerMappingInput(
        properties=m.RemoveProtectionContainerMappingInputProperties(
            provider_specific_input=m.ReplicationProviderContainerUnmappingInput(instance_type="InMageRcm")
        )
    )
    for each in [each.name for each in mappings.list(GROUP, VAULT)]:
        mappings.begin_delete(GROUP, VAULT, FABRIC, ready.container, each, sent, polling=ready.poll()).result()
    left = containers.get(GROUP, VAULT, FABRIC, ready.container).properties
    assert (left.pairing_status, left.role) == ("NotPaired", "")
    mappings.begin_purge(GROUP, VAULT, FABRIC, ready.container, "pair", polling=ready.poll()).result()


def test_a_mapping_in_use_stays(ready: Any) -> None:
    ready.enable("web1", "10.0.2.15")
    path = f"{VAULT_ID}/replicationFabrics/{FABRIC}/replicationProtectionContainers/{ready.container}"
    gone = ready.arm("POST", f"{path}/replicationProtectionContainerMappings/pair/remove", {"properties": {}})
    assert gone.status_code == 409


def test_a_policy_is_deleted_only_when_no_container_uses_it(ready: Any) -> None:
    policies = ready.client.replication_policies
    with pytest.raises(ResourceExistsError):
        policies.begin_delete(GROUP, VAULT, "day", polling=False)
    sent = {
        "properties": {
            "providerSpecificInput": {
                "instanceType": "InMageRcm",
                "recoveryPointHistoryInMinutes": 120,
                "crashConsistentFrequencyInMinutes": 5,
                "enableMultiVmSync": "false",
            }
        }
    }
    policies.begin_create(GROUP, VAULT, "other", sent, polling=ready.poll()).result()
    policies.begin_delete(GROUP, VAULT, "other", polling=ready.poll()).result()
    names = [policy.name for policy in policies.list(GROUP, VAULT)]
    assert "day" in names
    assert "other" not in names


def test_the_fabrics_provider_is_connected(ready: Any) -> None:
    providers = list(
        ready.client.replication_recovery_services_providers.list_by_replication_fabrics(GROUP, VAULT, FABRIC)
    )
    assert providers[0].properties.connection_status == "Connected"
    assert providers[0]["properties"]["allowedScenarios"] == ["Refresh"]


def test_a_second_appliance_joins_the_same_fabric(ready: Any) -> None:
    ready.ask("POST", "/control/appliances", {"vaultId": VAULT_ID, "name": "second", "fabric": FABRIC})
    ready.advance(900)
    servers = ready.client.replication_fabrics.get(GROUP, VAULT, FABRIC)["properties"]["customDetails"][
        "processServers"
    ]
    assert [server["name"] for server in servers] == ["ferry", "second"]


def test_a_broken_component_keeps_the_fabric_critical(bare: Any) -> None:
    order = {"kind": "component-unhealthy", "match": "ferry/replicationAgents", "times": None}
    bare.ask("POST", "/control/faults", order)
    bare.ask("POST", "/control/appliances", {"vaultId": VAULT_ID, "name": "ferry"})
    bare.advance(3600)
    fabric = bare.client.replication_fabrics.get(GROUP, VAULT, FABRIC)
    assert fabric.properties.health == "Critical"
    agents = fabric["properties"]["customDetails"]
    assert (agents["replicationAgents"][0]["health"], agents["marsAgents"][0]["health"]) == ("Critical", "Normal")


def test_target_sizes_say_which_do_not_fit(ready: Any) -> None:
    disks = [{"name": f"d{number}", "sizeGb": 10, "osDisk": number == 0} for number in range(7)]
    ready.enable("web1", "10.0.2.15", disks=disks)
    sizes = {
        size.name: size
        for size in ready.client.target_compute_sizes.list_by_replication_protected_items(
            GROUP, VAULT, FABRIC, ready.container, "web1"
        )
    }
    assert sizes["Standard_B2s"].properties.errors
    assert not sizes["Standard_D8s_v5"].properties.errors


def test_health_errors_are_events_too(ready: Any) -> None:
    ready.protect("web1")
    ready.advance(300)
    events = list(ready.client.replication_events.list(GROUP, VAULT))
    assert [event.properties.event_code for event in events] == ["161011"]
    assert ready.client.replication_events.get(GROUP, VAULT, events[0].name).name == events[0].name


def test_jobs_are_exported(ready: Any) -> None:
    sent = m.JobQueryParameter(start_time="2026-11-21T00:00:00Z")
    job = ready.client.replication_jobs.begin_export(GROUP, VAULT, sent, polling=False)
    assert job is not None
    ready.advance(60)
    rows = [
        row for row in ready.client.replication_jobs.list(GROUP, VAULT) if row.properties.scenario_name == "ExportJobs"
    ]
    details = ready.job(rows[0].name)["customDetails"]
    assert (details["instanceType"], details["blobUri"].startswith("https://")) == ("ExportJobDetails", True)


def test_what_this_fabric_has_not_is_an_empty_page(ready: Any) -> None:
    client = ready.client
    assert list(client.replication_networks.list(GROUP, VAULT)) == []
    assert list(client.replicationv_centers.list_by_replication_fabrics(GROUP, VAULT, FABRIC)) == []
    assert list(client.replication_migration_items.list(GROUP, VAULT)) == []
    listed = client.replication_protectable_items.list_by_replication_protection_containers
    assert list(listed(GROUP, VAULT, FABRIC, ready.container)) == []


def test_a_machine_of_a_vcenter_is_shut_down_by_its_failover(ready: Any) -> None:
    ready.protect("web1", vcenter="/subscriptions/s/vcenters/v1")
    answer = ready.act("unplannedFailover", "web1", {"providerSpecificDetails": {"performShutdown": "true"}})
    job = ready.finish(answer.headers["x-ms-request-id"].rpartition("/")[2])
    assert job["tasks"][1]["state"] == "Succeeded"
    assert ready.ask("GET", "/control/machines")["machines"][0]["poweredOn"] is False


def test_the_agents_service_actions_are_jobs(ready: Any) -> None:
    ready.protect("web1")
    items = ready.client.replication_protected_items
    where = (GROUP, VAULT, FABRIC, ready.container, "web1")
    update = m.UpdateMobilityServiceRequest(properties=m.UpdateMobilityServiceRequestProperties())
    assert items.begin_update_mobility_service(*where, update, polling=ready.poll()).result().name == "web1"
    assert items.begin_repair_replication(*where, polling=ready.poll()).result().name == "web1"
    with pytest.raises(HttpResponseError) as problem:
        items.begin_failover_cancel(*where, polling=False)
    assert problem.value.status_code == 400


def test_two_hundred_and_fifty_reads_a_moment_are_let_through(bare: Any) -> None:
    bare.ask("PATCH", "/control/settings", {"throttled": True})
    path = f"{VAULT_ID}/replicationFabrics"
    codes = [bare.arm("GET", path).status_code for _ in range(251)]
    assert (codes.count(200), codes[-1]) == (250, 429)
    bare.advance(1)
    answer = bare.arm("GET", path)
    assert answer.status_code == 200
    assert answer.headers["x-ms-ratelimit-remaining-subscription-reads"] == "24"
