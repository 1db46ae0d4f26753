"""Protect target: the migrated VM is protected to another region, and a failure there never touches its migration."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.requests import PhaseExit
from shared.coordination import operator_intents
from shared.coordination.decision import Decision
from shared.coordination.operator_intents import Skip
from shared.decisions.rounds import retry
from shared.ledger import events
from shared.ledger.plans import plan_at
from shared.problems import CloudRefused, Refused
from shared.site_recovery.items import get_item, item_of
from shared.site_recovery.vault import VaultRef
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.repeating import effects, submits_once
from tests.clouds import SUBSCRIPTION, resource

PHASE = "protect_target"
DR = VaultRef(subscription=SUBSCRIPTION, resource_group="rg-target-asr", name="rsv-dr")
WANTED = {
    "region": "northeurope",
    "network": {"vnet": "vnet-dr", "subnet": "app"},
    "vault": {"name": "rsv-dr", "create": True},
}
VM = "Microsoft.Compute/virtualMachines"
NETWORK = resource("Microsoft.Network/virtualNetworks", "vnet-prod", "rg-target")
ENABLING = "*/replicationProtectedItems/write"


def protected_plan(*names: str, **changes: Any) -> dict[str, Any]:
    plan = plan_of(*names, finish={"protectTarget": WANTED | changes})
    plan["target"]["cacheResourceGroup"] = "rg-target"
    return plan


def migrated_all(ferry: MigrationHarness, plan: dict[str, Any]) -> MigrationHarness:
    """Machines whose migration is complete: their VMs run in the target's region, the ledger has them as finalized."""
    ferry.build(plan)
    ferry.take_in(plan)
    for machine in plan["waves"][0]["machines"]:
        vm = {"name": machine["name"], "region": "westeurope", "resourceGroup": "rg-target"}
        network = {"privateIp": "10.20.1.4", "network": NETWORK, "subnet": "app"}
        ferry.cloud.ask("POST", "azure-vms", [vm | {"nics": [network]}])
    ferry.enlist(state=MachineState.FINALIZED)
    for machine in plan["waves"][0]["machines"]:
        ferry.stands(machine["name"], target_vm_id=resource(VM, machine["name"], "rg-target"))
    return ferry


@pytest.fixture
def migrated(ferry: MigrationHarness) -> MigrationHarness:
    """A machine whose migration is complete, and which is to be protected to another region."""
    return migrated_all(ferry, protected_plan("web1"))


def prepare(ferry: MigrationHarness, name: str = "web1") -> None:
    place = ferry.place(name, PHASE)
    ferry.play("prepare_protection", place, f"prepare-{name}-{ferry.cloud.now():%d%H%M%S}")


def texts_of(ferry: MigrationHarness, what: str) -> list[str]:
    return [event.text for event in events.page(ferry.migration, size=1_000)[0] if event.what == what]


def test_a_migrated_machine_is_protected_to_the_region_that_the_plan_says(migrated: MigrationHarness) -> None:
    prepare(migrated)
    migrated.step("web1", PHASE)
    row = migrated.row("web1")
    item = get_item(DR, item_of(row.item_id))
    assert item
    assert (item.protected, item.replication.discovery_machine_id.lower()) == (True, row.target_vm_id.lower())
    assert item.replication.target_resource_group_id.endswith("/rg-target-asr")
    assert item.replication.target_network_id.endswith("/vnet-dr")
    assert (row.state, row.problem, row.evidence.protection.region) == (
        MachineState.FINALIZED,
        None,
        "northeurope",
    )
    assert texts_of(migrated, "target-protected") == ["web1 is protected to northeurope by the vault rsv-dr"]


def test_what_machines_share_is_made_ready_once(ferry: MigrationHarness) -> None:
    migrated_all(ferry, protected_plan("web1", "db1"))
    listed = ferry.ask("list_protections", ferry.place(wave=WAVE))
    assert [each.name for each in listed.members] == ["db1"]
    for name in ("db1", "web1"):
        prepare(ferry, name)
        ferry.step(name, PHASE)
    made = {
        kind: len(effects(ferry, f"*/{kind}/write")) for kind in ("replicationFabrics", "replicationNetworkMappings")
    }
    assert made == {"replicationFabrics": 2, "replicationNetworkMappings": 1}


def test_a_protection_is_enabled_once_whatever_dies(migrated: MigrationHarness, dying: Callable[..., Dying]) -> None:
    prepare(migrated)
    look = migrated.look("web1", PHASE, tag="start_target_protection")
    sent = submits_once(migrated, dying, "start_target_protection", look, ENABLING)
    assert "/rsv-dr/" in sent["path"]


def test_a_machine_that_nobody_protects_sees_no_other_road(ferry: MigrationHarness) -> None:
    ferry.take_in(plan_of("web1"))
    ferry.enlist()
    assert plan_at(ferry.place("web1", PHASE)).scenario == "aws-to-azure"
    assert ferry.ask("start_target_protection", ferry.look("web1", PHASE)).job == ""
    assert ferry.ask("poll_target_protection", ferry.look("web1", PHASE)).settled
    assert ferry.ask("list_protections", ferry.place(wave=WAVE)).members == ()


def test_a_protection_that_fails_leaves_the_migration_complete_and_its_retry_only_protects(
    migrated: MigrationHarness,
) -> None:
    prepare(migrated)
    fail(migrated)
    row = migrated.row("web1")
    assert (row.state, row.failed_in, row.owner) == (MachineState.FINALIZED, PHASE, "")
    assert row.problem
    assert row.problem.code == "151072"
    assert row.release == f"azferry retry {migrated.migration} --machine web1"
    assert "Open the firewall" in row.waiting_for
    assert "protect_target failed" in texts_of(migrated, "protection-failed")[0]
    assert migrated.ask("list_finalized", migrated.place(wave=WAVE)).members == ()

    begun = retry(migrated.migration, (), Decision(by="ann", at=migrated.cloud.now())).begin
    assert begun
    migrated.round = 2
    assert migrated.ask("begin_round", begun).phases == ()
    listed = migrated.ask("list_finalized", migrated.place(wave=WAVE))
    assert [(each.name, each.resume_at) for each in listed.members] == [("web1", PHASE)]
    prepare(migrated)
    migrated.step("web1", PHASE)  # takes away what the failure left, and enables anew
    row = migrated.row("web1")
    assert (row.state, row.problem, row.failed_in) == (MachineState.FINALIZED, None, "")
    item = get_item(DR, item_of(row.item_id))
    assert item
    assert item.protected


def fail(ferry: MigrationHarness) -> None:
    """Walk the phase while Site Recovery's job breaks."""
    ferry.cloud.fault("job-fails", code="151072", message="no way out", recommendedAction="Open the firewall")
    ferry.ask("enter", ferry.look("web1", PHASE, owner="walk"))
    with pytest.raises(CloudRefused, match="no way out") as refused:
        ferry.play(PHASE, ferry.place("web1", PHASE))
    leaving = ferry.place("web1", PHASE, kind=PhaseExit, owner="walk", problem=refused.value.facts)
    ferry.ask("leave", leaving)


def test_what_cannot_be_made_ready_is_told_to_every_machine_of_that_protection(ferry: MigrationHarness) -> None:
    plan = protected_plan("web1", "db1", "app1", vault={"name": "rsv-dr", "resourceGroup": "rg-missing"})
    plan["waves"][0]["machines"][2]["protectTarget"] = WANTED
    ferry.take_in(plan)
    ferry.build(plan)
    ferry.gone("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-missing")
    ferry.enlist(state=MachineState.FINALIZED)
    listed = ferry.ask("list_protections", ferry.place(wave=WAVE))
    assert [each.name for each in listed.members] == ["app1", "db1"]
    with pytest.raises(Refused, match="rg-missing"):
        prepare(ferry, "db1")
    problems = {name: ferry.row(name).problem for name in ("web1", "db1", "app1")}
    assert {name: problem.id if problem else "" for name, problem in problems.items()} == {
        "web1": "resource-group-missing",
        "db1": "resource-group-missing",
        "app1": "",
    }
    assert ferry.row("web1").state == MachineState.FINALIZED


def test_a_vm_that_is_gone_or_unfit_is_told_before_anything_is_asked_for(migrated: MigrationHarness) -> None:
    prepare(migrated)
    silent = {"name": "web1", "region": "westeurope", "resourceGroup": "rg-target", "agentReady": False}
    migrated.cloud.ask("POST", "azure-vms", [silent])
    with pytest.raises(Refused) as refused:
        migrated.ask("start_target_protection", migrated.look("web1", PHASE))
    assert refused.value.facts.id == "vm-agent-silent"
    migrated.gone(migrated.row("web1").target_vm_id)
    with pytest.raises(Refused) as refused:
        migrated.ask("start_target_protection", migrated.look("web1", PHASE))
    assert refused.value.facts.id == "migrated-vm-missing"
    assert migrated.row("web1").item_id == ""


def test_a_person_may_leave_it_out(migrated: MigrationHarness) -> None:
    operator_intents.request_skip(Skip(migration=migrated.migration, machine="web1", phase=PHASE, by="ann"))
    assert migrated.ask("list_protections", migrated.place(wave=WAVE)).members == ()
    assert migrated.ask("start_target_protection", migrated.look("web1", PHASE)).job == ""
    assert migrated.ask("poll_target_protection", migrated.look("web1", PHASE)).settled
