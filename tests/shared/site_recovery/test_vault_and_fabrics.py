"""The vault and what registers with it."""

import pytest

from shared.azure.arm import operation_status
from shared.problems import CloudRefused
from shared.site_recovery import fabrics
from shared.site_recovery.vault import VaultRef, create_vault, get_vault, vault_of
from tests.clouds import SUBSCRIPTION, VAULT, Cloud, request_id

NEW = VAULT.replace(name="rsv-new")


def test_a_vault_is_made_and_its_making_is_followed_by_its_own_url(bare: Cloud) -> None:
    assert get_vault(NEW) is None
    sent = create_vault(NEW, "westeurope", request_id("v"), {"azferry:migration": "finance"})
    assert (sent.done, sent.job) == (False, "")
    assert not operation_status("creating", SUBSCRIPTION, sent.operation).ended
    bare.later(60)
    assert operation_status("creating", SUBSCRIPTION, sent.operation).state == "Succeeded"
    vault = get_vault(NEW)
    assert vault
    assert (vault.provisioning_state, vault.location) == ("Succeeded", "westeurope")
    assert vault.principal


def test_a_vault_that_is_there_is_done_at_once(bare: Cloud) -> None:
    sent = create_vault(VAULT, "westeurope", request_id("v"))
    assert sent.done
    assert bare.log("*vaults/write")


def test_a_vault_in_a_group_that_is_not_there_is_refused(bare: Cloud) -> None:
    with pytest.raises(CloudRefused) as raised:
        create_vault(NEW.replace(resource_group="rg-none"), "westeurope", request_id("v"))
    assert raised.value.facts.code == "ResourceGroupNotFound"
    assert bare.log("*vaults/write")


def test_a_vault_is_known_by_the_id_of_anything_in_it() -> None:
    inside = (
        f"{VAULT.id.replace('/subscriptions', '/Subscriptions')}/replicationFabrics/f/replicationProtectionContainers/c"
    )
    assert vault_of(inside) == VAULT
    assert vault_of(VAULT.id) == VAULT
    assert VaultRef(**VAULT.model_dump()).key == VAULT.key


def test_an_appliance_is_seen_part_by_part(bare: Cloud) -> None:
    bare.ask("POST", "appliances", {"vaultId": VAULT.id, "name": "ferry", "ip": "10.0.0.4"})
    assert fabrics.find_appliance(VAULT, "ferry") is None
    seen = []
    for _ in range(30):
        bare.later(30)
        appliance = fabrics.find_appliance(VAULT, "FERRY")
        seen.append(len(appliance.unhealthy) if appliance else -1)
    assert seen[-1] == 0
    assert max(seen) > 0
    assert appliance
    assert appliance.process_server
    assert {part.kind for part in appliance.components} >= {"processServer", "dra", "replicationAgent"}


def test_an_unhealthy_part_is_named(bare: Cloud) -> None:
    bare.fault("component-unhealthy", match="ferry/processServers", times=None)
    bare.ask("POST", "appliances", {"vaultId": VAULT.id, "name": "ferry", "ip": "10.0.0.4"})
    bare.later(3600)
    appliance = fabrics.find_appliance(VAULT, "ferry")
    assert appliance
    assert [part.kind for part in appliance.unhealthy] == ["processServer"]


def test_a_part_that_never_reported_is_not_well() -> None:
    part = {"health": "Normal", "lastHeartbeatUtc": "0001-01-01T00:00:00"}
    assert not fabrics.Component.model_validate(part).healthy
    assert fabrics.Component.model_validate(part | {"lastHeartbeatUtc": "2026-11-21T05:00:00Z"}).healthy


def test_a_fabric_in_full_shows_its_sites_and_process_servers(ready: Cloud) -> None:
    listed = fabrics.list_fabrics(VAULT)[0]
    full = fabrics.get_fabric(VAULT, listed.name)
    assert full
    assert full.kind == "InMageRcm"
    assert full.custom_details.physical_site_id == ready.site
    assert full.custom_details.process_servers[0].id == ready.process_server
    assert listed.custom_details.process_servers == ()
    assert fabrics.get_fabric(VAULT, "other") is None
