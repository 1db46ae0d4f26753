"""What a plan names and the app does not make is looked up in Azure before anything is replicated, each resource once."""

from typing import Any

import pytest

from activities.facts.named_resources import read_named
from activities.facts.target_facts import read_target_facts
from activities.flow.kept_reads import KeptReads
from shared.concerns.target_facts import ResourceFacts
from shared.plan.model import Plan
from shared.problems import Busy
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import group_id, resource

COMPUTE = "Microsoft.Compute"
ENCRYPTION = resource(f"{COMPUTE}/diskEncryptionSets", "des-1", "rg-target")
ACCOUNT = resource("Microsoft.Storage/storageAccounts", "stboot", "rg-target")
PROXIMITY = resource(f"{COMPUTE}/proximityPlacementGroups", "ppg-1", "rg-target")
RESERVATION = resource(f"{COMPUTE}/capacityReservationGroups", "crg-1", "rg-target")
SET = resource(f"{COMPUTE}/availabilitySets", "as-1", "rg-target")
DISKS = resource(f"{COMPUTE}/diskEncryptionSets", "des-disk", "rg-shared")
OF_PLAN = {
    "diskEncryptionSet": "des-1",
    "bootDiagnosticsAccount": "stboot",
    "proximityPlacementGroup": "ppg-1",
    "capacityReservationGroup": "crg-1",
}
OWN = {"availabilitySet": "as-1", "disks": [{"disk": "disk-2", "encryptionSet": DISKS}]}
ALL = (ENCRYPTION, ACCOUNT, PROXIMITY, RESERVATION, SET, DISKS)
THERE = ResourceFacts(exists=True, region="westeurope")


def naming(**more: Any) -> dict[str, Any]:
    """A plan of two machines that name the same things."""
    plan = plan_of("web1", "db1", **more)
    plan["target"] |= OF_PLAN
    for machine in plan["waves"][0]["machines"]:
        machine["target"] = OWN
    return plan


def read(ferry: MigrationHarness, plan: dict[str, Any]) -> dict[str, ResourceFacts]:
    return read_named(Plan.model_validate(plan), KeptReads())


def furnish(ferry: MigrationHarness) -> None:
    for group in ("rg-target", "rg-shared"):
        ferry.cloud.put(group_id(group))
    for each in ALL:
        ferry.cloud.put(each, properties={})


def test_everything_that_is_named_is_read_once_however_many_machines_name_it(ferry: MigrationHarness) -> None:
    furnish(ferry)
    assert read(ferry, naming()) == {each.lower(): THERE for each in ALL}
    reads = [entry["operation"].rpartition("/read")[0].rpartition("/")[2] for entry in ferry.cloud.log("*/read")]
    assert sorted(reads) == [
        "availabilitySets",
        "capacityReservationGroups",
        "diskEncryptionSets",
        "diskEncryptionSets",
        "proximityPlacementGroups",
        "storageAccounts",
    ]


@pytest.mark.parametrize("gone", ALL, ids=lambda resource_id: resource_id.rpartition("/")[2])
def test_one_that_is_gone_is_known_to_be_missing(ferry: MigrationHarness, gone: str) -> None:
    furnish(ferry)
    ferry.gone(gone)
    found = read(ferry, naming())
    assert [key for key, facts in found.items() if not facts.exists] == [gone.lower()]


def test_in_a_group_that_is_gone_nothing_is_there(ferry: MigrationHarness) -> None:
    assert {facts.exists for facts in read(ferry, naming()).values()} == {False}


def test_an_id_of_another_kind_is_no_such_resource(ferry: MigrationHarness) -> None:
    furnish(ferry)
    plan = plan_of("web1")
    plan["target"] |= {"diskEncryptionSet": SET, "bootDiagnosticsAccount": "/subscriptions/not-an-id"}
    assert [facts.exists for facts in read(ferry, plan).values()] == [False, False]


def test_what_may_not_be_read_is_not_known_and_the_others_are(ferry: MigrationHarness) -> None:
    furnish(ferry)
    ferry.cloud.fault(
        "server-error", operation="*diskEncryptionSets/read", status=403, code="AuthorizationFailed", times=None
    )
    assert set(read(ferry, naming())) == {each.lower() for each in ALL} - {ENCRYPTION.lower(), DISKS.lower()}


def test_while_azure_is_busy_what_was_read_is_not_asked_for_again(ferry: MigrationHarness) -> None:
    furnish(ferry)
    kept = KeptReads()
    ferry.cloud.fault("throttle", operation="*diskEncryptionSets/read", retryAfter=17)
    plan = Plan.model_validate(naming())
    with pytest.raises(Busy):
        read_named(plan, kept)
    assert len(read_named(plan, kept)) == len(ALL)
    answered = [entry for entry in ferry.cloud.log("*/read") if entry["status"] == 200]
    assert len(answered) == len(ALL)


def test_network_and_cache_of_a_protection_are_read_before_the_migration(ferry: MigrationHarness) -> None:
    network = {"vnet": "vnet-dr", "subnet": "app"}
    onward = {"region": "northeurope", "network": network, "vault": {"name": "rsv-dr"}, "cacheStorageAccount": "stdr"}
    plan = plan_of("web1", finish={"protectTarget": onward})
    ferry.build(plan)
    facts = read_target_facts(Plan.model_validate(plan)).named
    dr, cache = (
        resource("Microsoft.Network/virtualNetworks", "vnet-dr", "rg-target-asr"),
        resource("Microsoft.Storage/storageAccounts", "stdr", "rg-target"),
    )
    vault = resource("Microsoft.RecoveryServices/vaults", "rsv-dr", "rg-target-asr")
    assert facts is not None
    assert {key: answer.exists for key, answer in facts.items()} == {
        dr.lower(): True, cache.lower(): True, vault.lower(): True
    }  # fmt: skip
    assert (facts[dr.lower()].region, facts[dr.lower()].subnets) == ("northeurope", ("app",))
