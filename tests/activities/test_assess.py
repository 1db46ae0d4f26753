"""Assess: facts are read, pure rules judge them; nothing is changed in any cloud."""

from collections.abc import Callable
from typing import Any

import pytest

from local.world.build import build
from local.world.derive import derive
from local.world.model import Instance, OtherVpc, Subnet
from shared.coordination.decision import Decision
from shared.coordination.operator_intents import AcknowledgementRow, acknowledge
from shared.decisions.rounds import retry
from shared.ledger import events, machines, migrations, source_claims
from shared.ledger.expanded_plans import expanded_of
from shared.problems import Busy, Refused
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.crash_matrix import ledger_text, outlives_every_death
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import resource

ACCOUNT = resource("Microsoft.Storage/storageAccounts", "stcache")
STEPS = ("read_sources", "read_target", "judge_machines")


def assess(ferry: MigrationHarness, number: int = 1) -> None:
    for step in STEPS:
        ferry.ask(step, ferry.place(phase="assess", round=number))


def happened(ferry: MigrationHarness) -> list[str]:
    return [each.what for each in events.page(ferry.migration)[0]]


# --- read_sources ------------------------------------------------------------------------------------------------------


def test_every_machine_gets_a_row_with_the_facts_of_its_source(begun: MigrationHarness) -> None:
    begun.ask("read_sources", begun.place(phase="assess"))
    rows = {row.name: row for row in machines.list(begun.migration)}
    assert set(rows) == {"web1", "db1"}
    row = rows["web1"]
    assert (row.source_id, row.private_ip, row.wave) == (begun.instances["web1"], "10.0.2.21", "first")
    assert (row.source.state, row.source.ssm_online, row.source.os_family) == ("running", True, "linux")
    assert rows["db1"].source.os_family == "windows"
    migration = migrations.get(begun.migration)
    assert migration
    assert migration.machines == 2


def test_its_sources_are_claimed_so_that_no_two_migrations_move_one(begun: MigrationHarness) -> None:
    assess(begun)
    first, told_plan = begun.migration, plan_of("web1", "db1", name="other")
    for machine in told_plan["waves"][0]["machines"]:
        machine["target"] = {
            "name": f"{machine['name']}-again"
        }  # a taken name would be refused before anything is read
    begun.take_in(told_plan)
    assess(begun)
    row = begun.row("web1")
    assert row.source.busy_in == first
    assert row.state == MachineState.FAILED
    assert row.problem
    assert first in row.problem.detail
    assert set(source_claims.busy_elsewhere((row.source_id,), "third").values()) == {first}


def test_what_tags_select_becomes_machines(ferry: MigrationHarness) -> None:
    plan = plan_of()
    plan["waves"][0]["machines"] = [{"source": {"tags": {"App": "shop"}}}]
    ferry.begin(plan=plan)
    ferry.ask("read_sources", ferry.place(phase="assess"))
    names = [row.name for row in machines.list(ferry.migration)]
    assert len(names) == 2
    assert [entry.name for _, entry in expanded_of(ferry.migration).entries()] == names


def test_a_retry_reads_only_its_own_machines_again(begun: MigrationHarness) -> None:
    assess(begun)
    begun.stands("web1", state=MachineState.FAILED, failed_in="assess")
    begun.cloud.later(60)
    retry(begun.migration, ("web1",), Decision(by="ann", at=begun.cloud.now()))
    begun.ec2().stop_instances(InstanceIds=list(begun.instances.values()))
    begun.ask("read_sources", begun.place(phase="assess", round=2))
    assert (begun.row("web1").source.state, begun.row("db1").source.state) == ("stopped", "running")


def test_reading_outlives_every_death(begun: MigrationHarness, dying: Callable[..., Dying]) -> None:
    names = iter(f"plan-{number}" for number in range(1000))
    begun.migration = ""

    def fresh() -> Callable[[], Any]:
        if begun.migration:
            source_claims.free(begun.migration)
        begun.take_in(plan_of("web1", "db1", name=next(names)))
        place = begun.place(phase="assess")
        return lambda: begun.ask("read_sources", place)

    outlives_every_death(dying, fresh, lambda: ledger_text(begun))


# --- judge_machines ----------------------------------------------------------------------------------------------------


def test_machines_without_critical_concerns_go_on(begun: MigrationHarness) -> None:
    assess(begun)
    assert {row.state for row in machines.list(begun.migration)} == {MachineState.NOT_READY}


def test_a_machine_with_a_critical_concern_is_stopped_and_the_others_go_on(ferry: MigrationHarness) -> None:
    ferry.build(plan_of("web1"))
    ferry.take_in(plan_of("web1", "ghost"))
    assess(ferry)
    row = ferry.row("ghost")
    assert (row.state, row.failed_in) == (MachineState.FAILED, "assess")
    assert row.problem
    assert row.problem.id == "critical-concerns"
    assert row.waiting_for == row.problem.advice
    assert row.release == f"azferry retry {ferry.migration} --machine ghost"
    assert "machine-not-found" in [concern.id for concern in row.concerns]
    assert ferry.row("web1").state == MachineState.NOT_READY
    assert "machine-stopped" in happened(ferry)


def test_a_critical_concern_of_the_plan_stops_the_round(begun: MigrationHarness) -> None:
    begun.gone(ACCOUNT)
    with pytest.raises(Refused) as refused:
        assess(begun)
    assert refused.value.facts.id == "critical-concerns"
    assert "there is no storage account stcache" in refused.value.facts.detail
    row = migrations.get(begun.migration)
    assert row
    assert "cache-storage-missing" in [concern.id for concern in row.concerns]


def test_a_target_that_would_not_take_machines_is_seen_before_anything_is_done(begun: MigrationHarness) -> None:
    rules = {"defaultAction": "Deny", "bypass": "Logging, Metrics"}
    shut = {"isHnsEnabled": True, "allowSharedKeyAccess": False, "networkAcls": rules}
    begun.cloud.put(ACCOUNT, kind="StorageV2", sku={"name": "Standard_LRS"}, properties=shut)
    production, test = (
        resource("Microsoft.Network/virtualNetworks", f"vnet-{name}", "rg-target") for name in ("prod", "test")
    )
    begun.cloud.put(
        test,
        properties={
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]},
            "virtualNetworkPeerings": [{"properties": {"remoteVirtualNetwork": {"id": production}}}],
        },
    )
    service = {"name": "d", "properties": {"serviceName": "Microsoft.Web/serverFarms"}}
    given = {"addressPrefix": "10.9.1.0/24", "delegations": [service]}
    begun.cloud.put(f"{production}/subnets/app", properties=given)
    with pytest.raises(Refused):
        assess(begun)
    row = migrations.get(begun.migration)
    assert row
    assert {
        ("cache-storage-hierarchical", "stcache is an account for Data Lake Storage"),
        ("cache-storage-without-keys", "allowSharedKeyAccess of stcache is false"),
        ("cache-storage-firewall", "stcache denies all but some networks, trusted Microsoft services too"),
        ("subnet-delegated", "vnet-prod/app is delegated"),
        ("test-network-peered", "vnet-test is peered with vnet-prod"),
    } <= {(concern.id, concern.evidence) for concern in row.concerns}


@pytest.fixture
def elsewhere(ferry: MigrationHarness) -> MigrationHarness:
    """A machine in another VPC than the appliance, which are peered: a concern that a person may take upon themselves."""
    derived = derive(plan_of("web1"))
    beside = {"vpcs": (OtherVpc(name="far", cidr="10.9.0.0/16", peered=True),)}
    beside["subnets"] = (*derived.aws.subnets, Subnet(name="far", cidr="10.9.2.0/24", vpc="far"))
    far = Instance(name="far1", id="i-0aaa1111", ip="10.9.2.21", subnet="far")
    beside["instances"] = (*derived.aws.instances, far)
    ferry.world = derived.model_copy(update={"aws": derived.aws.model_copy(update=beside)})
    ferry.instances = dict(build(ferry.world, ferry.places))
    plan = plan_of()
    plan["waves"][0]["machines"] = [{"name": "web1", "source": {"instanceId": "i-0aaa1111"}}]
    ferry.take_in(plan)
    return ferry


def test_a_concern_that_can_be_accepted_says_how(elsewhere: MigrationHarness) -> None:
    assess(elsewhere)
    row = elsewhere.row("web1")
    assert row.state == MachineState.FAILED
    assert row.problem
    assert f"azferry acknowledge {elsewhere.migration} --concern other-vpc --reason" in row.problem.advice


def test_an_acknowledged_concern_lets_the_machine_go_on_and_names_who_accepted_it(elsewhere: MigrationHarness) -> None:
    now = elsewhere.cloud.now()
    acknowledge(
        AcknowledgementRow(migration=elsewhere.migration, concern="other-vpc", by="ann", reason="peered", at=now)
    )
    assess(elsewhere)
    row = elsewhere.row("web1")
    assert row.state == MachineState.NOT_READY
    (concern,) = [each for each in row.concerns if each.id == "other-vpc"]
    assert (concern.acknowledged_by, concern.acknowledged_reason) == ("ann", "peered")


def test_tags_that_match_nothing_are_a_concern_of_the_plan(ferry: MigrationHarness) -> None:
    plan = plan_of("web1")
    ferry.build(plan)
    plan["waves"][0]["machines"].append({"source": {"tags": {"App": "nothing"}}})
    ferry.take_in(plan)
    assess(ferry)
    row = migrations.get(ferry.migration)
    assert row
    assert "tags-match-nothing" in [concern.id for concern in row.concerns]


def test_assessing_changes_nothing_in_azure(begun: MigrationHarness) -> None:
    assess(begun)
    log = begun.cloud.log()
    assert {entry["method"] for entry in log} <= {"GET", "POST"}
    assert not [entry for entry in log if entry["effect"] and not entry["effect"].startswith("refused")]


def test_judged_twice_it_says_the_same(begun: MigrationHarness) -> None:
    assess(begun)
    before = ledger_text(begun)
    begun.ask("judge_machines", begun.place(phase="assess"))
    assert ledger_text(begun) == before


def test_judging_outlives_every_death(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    names = iter(f"plan-{number}" for number in range(1000))
    ferry.build(plan_of("web1"))

    def fresh() -> Callable[[], Any]:
        if ferry.migration:
            source_claims.free(ferry.migration)
        ferry.take_in(plan_of("web1", "ghost", name=next(names)))
        for step in STEPS[:2]:
            ferry.ask(step, ferry.place(phase="assess"))
        place = ferry.place(phase="assess")
        return lambda: ferry.ask("judge_machines", place)

    outlives_every_death(dying, fresh, lambda: ledger_text(ferry))


@pytest.mark.parametrize("operation", ["*vaults/read", "*virtualNetworks/read"])
def test_a_busy_azure_is_read_again_later(begun: MigrationHarness, operation: str) -> None:
    begun.ask("read_sources", begun.place(phase="assess"))
    begun.cloud.fault("throttle", operation=operation, retryAfter=17)
    with pytest.raises(Busy):
        begun.ask("read_target", begun.place(phase="assess"))
