"""Reading the facts of the target: what cannot be read is unknown, and the rest is not."""

from typing import Any

import pytest

from activities.facts.target_facts import read_appliance_facts, read_target_facts, unknown_if_refused
from shared.concerns.target_facts import TargetFacts
from shared.plan.model import Plan
from shared.problems import Busy, CloudRefused
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import group_id, resource

NETWORK = resource("Microsoft.Network/virtualNetworks", "vnet-prod", "rg-target")
ACCOUNT = resource("Microsoft.Storage/storageAccounts", "stcache")


@pytest.fixture
def plan(begun: MigrationHarness) -> Plan:
    assert begun.plan
    return begun.plan


def unknown_in(facts: TargetFacts) -> set[str]:
    return {name for name in TargetFacts.model_fields if getattr(facts, name) is None}


def forbid(ferry: MigrationHarness, operation: str) -> None:
    ferry.cloud.fault(
        "server-error", operation=operation, status=403, code="AuthorizationFailed", message="no right", times=None
    )


def test_everything_that_is_there_is_read(begun: MigrationHarness, plan: Plan) -> None:
    facts = read_target_facts(plan)
    assert facts.region_known
    assert facts.resource_group_exists
    assert facts.sizes
    assert facts.usages
    assert facts.networks
    assert [each.name for each in facts.networks] == ["vnet-prod", "vnet-test"]
    assert [subnet.name for subnet in facts.networks[0].subnets] == ["app"]
    assert facts.storage
    assert (facts.storage.exists, facts.storage.kind) == (True, "StorageV2")
    assert facts.vms == ()
    assert facts.missing_actions == ()


def test_what_is_not_there_is_known_to_be_missing(begun: MigrationHarness, plan: Plan) -> None:
    for gone in (ACCOUNT, NETWORK):
        begun.gone(gone)
    facts = read_target_facts(plan)
    assert facts.storage
    assert not facts.storage.exists
    assert facts.networks is not None
    assert [each.name for each in facts.networks] == ["vnet-test"]
    assert facts.vault
    assert not facts.vault.exists


def test_a_missing_target_group_is_known_and_has_no_vms(begun: MigrationHarness, plan: Plan) -> None:
    begun.gone(group_id("rg-target"))
    facts = read_target_facts(plan)
    assert (facts.resource_group_exists, facts.vms) == (False, ())


def test_the_vault_tells_which_systems_are_supported(begun: MigrationHarness, plan: Plan) -> None:
    assert read_target_facts(plan).supported_os is None
    begun.prepare(until="open_security_groups")
    facts = read_target_facts(plan)
    assert facts.vault
    assert (facts.vault.exists, facts.vault.region) == (True, "westeurope")
    assert facts.supported_os
    packs = {each.name: each.service_packs for each in facts.supported_os if each.service_packs}
    assert packs == {"Windows Server 2008 R2": {"6.1": 1}}


@pytest.mark.parametrize(
    ("operation", "fact"),
    [
        ("*storageAccounts/read", "storage"),
        ("*virtualNetworks/read", "networks"),
        ("*virtualMachines/read", "vms"),
        ("*skus/read", "sizes"),
        ("*usages/read", "usages"),
        ("*permissions/read", "missing_actions"),
    ],
)
def test_what_we_may_not_read_is_unknown_and_the_rest_is_not(
    begun: MigrationHarness, plan: Plan, operation: str, fact: str
) -> None:
    known = unknown_in(read_target_facts(plan))
    forbid(begun, operation)
    assert unknown_in(read_target_facts(plan)) - known == {fact}


@pytest.mark.parametrize("kind", ["throttle", "server-error"])
def test_what_is_only_busy_is_not_unknown(begun: MigrationHarness, plan: Plan, kind: str) -> None:
    begun.cloud.fault(kind, operation="*storageAccounts/read", retryAfter=17, times=None)
    with pytest.raises(Busy):
        read_target_facts(plan)


# --- the appliance -----------------------------------------------------------------------------------------------------


def test_before_the_vault_is_there_nothing_is_registered(begun: MigrationHarness, plan: Plan) -> None:
    facts = read_appliance_facts(plan)
    assert (facts.registered, facts.machines) == (False, 0)


def test_a_vault_without_the_appliance_says_so(begun: MigrationHarness, plan: Plan) -> None:
    begun.prepare(until="open_security_groups")
    assert not read_appliance_facts(plan).registered


def test_a_healthy_appliance_is_registered_and_counts_its_machines(prepared: MigrationHarness) -> None:
    assert prepared.plan
    facts = read_appliance_facts(prepared.plan)
    assert (facts.registered, facts.machines, facts.unhealthy) == (True, 0, ())


def test_components_that_are_not_well_are_named(begun: MigrationHarness, plan: Plan) -> None:
    begun.prepare(until="register_appliance")
    begun.cloud.fault("component-unhealthy", match="processServers", times=None)
    begun.register()
    begun.cloud.later(1800)
    assert read_appliance_facts(plan).unhealthy


def test_an_appliance_that_may_not_be_read_is_unknown_and_not_called_missing(prepared: MigrationHarness) -> None:
    assert prepared.plan
    forbid(prepared, "*replicationFabrics/read")
    forbid(prepared, "*replicationAppliances/read")
    facts = read_appliance_facts(prepared.plan)
    assert facts.registered is None


def test_only_refusals_make_a_fact_unknown() -> None:
    def refuse() -> Any:
        raise CloudRefused("no right")

    def fail() -> Any:
        raise ZeroDivisionError

    assert unknown_if_refused(refuse) is None
    assert unknown_if_refused(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        unknown_if_refused(fail)


@pytest.mark.parametrize("static", [True, False])
def test_addresses_in_use_are_read_with_their_network_where_the_plan_wants_static_ones(
    begun: MigrationHarness, static: bool
) -> None:
    card = {"privateIp": "10.20.0.9", "network": NETWORK, "subnet": "app"}
    vm = {"name": "other", "region": "westeurope", "resourceGroup": "rg-target", "nics": [card]}
    begun.cloud.ask("POST", "azure-vms", [vm])
    plan = plan_of("web1")
    plan["waves"][0]["machines"][0]["target"] = {"privateIp": "10.20.0.9"} if static else {}
    before = len(begun.cloud.log("Microsoft.Network/virtualNetworks/read"))
    facts = read_target_facts(Plan.model_validate(plan))
    assert facts.networks
    assert [each.subnets[0].used_ips for each in facts.networks] == [("10.20.0.9",) if static else (), ()]
    assert len(begun.cloud.log("Microsoft.Network/virtualNetworks/read")) - before == 2
