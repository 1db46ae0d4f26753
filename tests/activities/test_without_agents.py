"""Without agents: the mapping says where copies wait, and keeps a gateway that Azure Migrate has made ready."""

from activities.without_agents import applies_to, pairing
from shared.plan.model import Plan
from shared.site_recovery.mappings import Mapping
from shared.site_recovery.policies import Policy
from tests.activities.ferry import plan_of

VAULT_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/Kv1"
POLICY = Policy(id="/policies/ours", name="ours")


def plan(**agentless):
    replication = {"mode": "agentless", "agentless": agentless}
    return Plan.model_validate(plan_of("web1", scenario="vmware-to-azure", replication=replication))


def said(wanted, *there):
    properties = pairing(wanted, POLICY, there)
    assert properties["policyId"] == POLICY.id
    return properties["providerSpecificInput"]


def test_only_migration_items_are_meant():
    assert applies_to(plan())
    assert not applies_to(Plan.model_validate(plan_of("web1")))


def test_copies_wait_in_the_plans_cache_account_of_the_targets_region():
    told = said(plan())
    assert told["storageAccountId"].endswith("/storageAccounts/stcache")
    assert told["targetLocation"] == "westeurope"
    assert "keyVaultId" not in told


def test_a_key_vault_of_the_plan_is_named_with_the_secrets_that_azure_migrate_keeps_there():
    told = said(plan(keyVaultId=VAULT_ID))
    assert told["keyVaultId"] == VAULT_ID
    assert told["keyVaultUri"] == "https://kv1.vault.azure.net"
    assert told["storageAccountSasSecretName"] == "stcache-gwySas"


def test_a_gateway_that_is_there_is_kept_as_it_is():
    made = {
        "instanceType": "VMwareCbt",
        "storageAccountId": "/subscriptions/s/x/migrategwsa1",
        "targetLocation": "northeurope",
        "keyVaultId": VAULT_ID,
        "keyVaultUri": "https://other.vault.azure.net",
        "storageAccountSasSecretName": "gateway",
        "serviceBusConnectionStringSecretName": "bus",
    }
    there = Mapping(id="m", name="containermapping", provider_specific_details=made)
    assert said(plan(), there) == made
