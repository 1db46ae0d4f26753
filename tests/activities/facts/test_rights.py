"""What a road asks of Azure is asked for before: with exactly these rights it is walked to its end, without any one it is told."""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from activities.facts.rights import lacking
from shared.azure.rights import TABLE, wanted
from shared.plan.model import Plan
from shared.problems import Refused
from shared.roads.plan_rights import asked_of_all
from shared.states import MachineState
from tests.activities import premises
from tests.activities.hosts import hyperv_plan
from tests.activities.hosts_of_vmm.test_from_vmm import SERVER
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.roads import test_azure_regions, test_configuration_server, test_vcenter
from tests.clouds import SUBSCRIPTION, group_id
from tests.role_files import role

pytestmark = pytest.mark.timeout(600)  # whole roads

ITEM = "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems"
MIGRATION = ITEM.replace("ProtectedItems", "MigrationItems")
VM = "Microsoft.Compute/virtualMachines"


def scripted(document: dict[str, Any]) -> dict[str, Any]:
    """Return the plan with a script of its own on the VM in Azure."""
    script = {"name": "dns", "when": "both", "script": "exit 0"}
    return document | {"waves": [wave | {"targetScripts": [script]} for wave in document["waves"]]}


ROADS: dict[str, Callable[[], dict[str, Any]]] = {
    "aws": lambda: plan_of("web1"),
    "aws, configuration server": lambda: test_configuration_server.classic("web1"),
    "physical": lambda: premises.plan("physical-to-azure", "web1"),
    "physical, configuration server": lambda: premises.classic("web1"),
    "vmware": lambda: premises.plan("vmware-to-azure", "web1"),
    "vmware, configuration server": lambda: test_vcenter.plan("web1"),
    "vmware, agentless": lambda: scripted(
        premises.plan("vmware-to-azure", "web1") | {"replication": {"mode": "agentless"}}
    ),
    "hyperv": lambda: hyperv_plan("web1"),
    "hyperv, vmm": lambda: hyperv_plan("web1", source={"vmm": SERVER}),
    "azure": test_azure_regions.plan,
}
# Asked for, and not needed by a machine that arrives: what takes it back, and what a boot that fails is read with.
WAY_BACK = {
    f"{VM}/write",
    f"{VM}/deallocate/action",
    f"{VM}/start/action",
    f"{VM}/retrieveBootDiagnosticsData/action",
    f"{ITEM}/failoverCancel/action",
}


def exists(ferry: MigrationHarness, group: str) -> bool:
    """Tell whether a resource group is there."""
    return ferry.cloud.control.get("/control/resources", params={"id": group_id(group)}).status_code == 200


def grant(ferry: MigrationHarness, plan: Plan, *, but: Collection[str] = ()) -> None:
    """Let the app do exactly what it asks for, but for some actions."""
    groups: dict[str, list[str]] = {"": list(role("subscription")["actions"])}
    for each in asked_of_all(plan, vault_exists=False):
        groups.setdefault(each.scope.group, []).extend([*each.actions, *wanted("discovery", each.features)])
    for group in [each for each in groups if each and not exists(ferry, each)]:
        groups[""] += [*wanted("maker", {"creates"}), *groups[group]]  # its rights come from the subscription
    everywhere = groups[""]
    grants = []
    for group, actions in groups.items():
        left = sorted({each for each in (*actions, *everywhere) if each not in but})
        scope = group_id(group) if group else f"/subscriptions/{SUBSCRIPTION}"
        grants.append({"scope": scope, "permissions": [{"actions": left}]})
    ferry.cloud.ask("POST", "permissions", [{"scope": "", "permissions": []}, *grants])


def go(ferry: MigrationHarness, document: dict[str, Any]) -> None:
    """Walk a plan's only machine to its end."""
    if document.get("scenario") in ("physical-to-azure", "vmware-to-azure"):
        for phase in ("assess", "prepare_vault"):
            ferry.play(phase, ferry.place(phase=phase))
        premises.register(ferry)
        for phase in ("register_appliance", "set_replication_policy"):
            ferry.play(phase, ferry.place(phase=phase))
        (ferry.walk if "agentless" in str(document) else lambda name: premises.walk(ferry, name))("web1")
    else:
        ferry.prepare()
        ferry.walk("web1")


@pytest.mark.parametrize("name", ROADS)
def test_a_road_is_walked_with_exactly_the_rights_that_assessment_asks_for(ferry: MigrationHarness, name: str) -> None:
    document = ROADS[name]()
    plan = Plan.model_validate(document)
    ferry.begin(plan=document)
    grant(ferry, plan)
    go(ferry, document)
    assert ferry.row("web1").state == MachineState.FINALIZED
    log = ferry.cloud.ask("GET", "log?limit=100000")["entries"]
    assert [each["operation"] for each in log if each["status"] == 403] == []
    seen = {each["operation"].lower() for each in log}
    actions = {action for each in asked_of_all(plan, vault_exists=False) for action in each.actions}
    never_called = {each.action for each in TABLE if each.why}
    changing = {each for each in actions - never_called - WAY_BACK if not each.endswith("/read")}
    assert {each for each in changing if each.lower() not in seen} == set(), "asked for, and not needed"


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("aws", f"{ITEM}/remove/action"),
        ("aws", f"{VM}/deallocate/action"),
        ("aws, configuration server", f"{ITEM}/unplannedFailover/action"),
        ("vmware, agentless", f"{MIGRATION}/migrate/action"),
        ("hyperv", f"{ITEM}/plannedFailover/action"),
        ("azure", f"{ITEM}/failoverCommit/action"),
        ("azure", f"{VM}/extensions/write"),
        ("azure", "Microsoft.Storage/storageAccounts/listkeys/action"),
        ("azure", "Microsoft.Network/virtualNetworks/subnets/join/action"),
    ],
    ids=lambda value: "-".join(value.split("/")[-2:]),
)
def test_a_role_that_lacks_one_action_is_told_before_anything_is_changed(
    ferry: MigrationHarness, name: str, action: str
) -> None:
    document = ROADS[name]()
    ferry.begin(plan=document)
    grant(ferry, Plan.model_validate(document), but={action})
    with pytest.raises(Refused, match=action):
        ferry.play("assess", ferry.place(phase="assess"))
    changed = [each for each in ferry.cloud.ask("GET", "log?limit=100000")["entries"] if each["method"] != "GET"]
    assert changed == []


@pytest.mark.parametrize("name", ["aws", "azure"])
def test_each_action_that_is_asked_for_is_missed_where_it_is_needed(ferry: MigrationHarness, name: str) -> None:
    document = ROADS[name]()
    plan = Plan.model_validate(document)
    ferry.build(document)
    actions = {(each.scope, right) for each in asked_of_all(plan, vault_exists=False) for right in each.actions}
    grant(ferry, plan)
    assert lacking(plan, vault_exists=False) == ()
    for scope, action in sorted(actions):
        grant(ferry, plan, but={action})
        lines = lacking(plan, vault_exists=False)
        assert any(scope.group in line and action in line for line in lines), (scope, action)


def test_what_the_plan_does_not_do_is_not_asked_for() -> None:
    def actions_of(**changes: Any) -> set[str]:
        document = plan_of("web1") | changes
        return {
            action for each in asked_of_all(Plan.model_validate(document), vault_exists=True) for action in each.actions
        }

    plans = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
    wave = plan_of("web1")["waves"][0]
    assert f"{ITEM}/failoverCommit/action" not in actions_of()
    assert not any(each.startswith(plans) for each in actions_of())
    together = actions_of(waves=[wave | {"cutover": {"mode": "recoveryPlan"}}])
    assert {f"{plans}/write", f"{plans}/unplannedFailover/action"} <= together
    assert f"{plans}/testFailover/action" not in together
    assert f"{ITEM}/testFailover/action" not in actions_of(waves=[wave | {"gates": {"test": "skip"}}])
    assert not any("/runCommand" in each for each in actions_of())
    script = {"name": "dns", "when": "both", "script": "exit 0"}
    ours = {each for each in actions_of(waves=[wave | {"targetScripts": [script]}]) if "/runCommand" in each}
    assert ours == {f"{VM}/runCommands/{each}" for each in ("read", "write", "delete")}
    assert f"{VM}/runCommand/action" in actions_of(waves=[wave | {"verify": [{"service": "nginx"}]}])


def test_a_protection_asks_for_its_own_places_too(ferry: MigrationHarness) -> None:
    ferry.build(plan_of("web1"))
    onward = {"region": "northeurope", "network": {"vnet": "v", "subnet": "s"}, "vault": {"name": "rsv-dr"}}
    document = plan_of("web1") | {"finish": {"protectTarget": onward | {"resourceGroup": "rg-dr"}}}
    actions = {(each.scope.group, action) for each in _asked(document) for action in each.actions}
    assert ("rg-dr", "Microsoft.RecoveryServices/vaults/replicationFabrics/write") in actions
    assert ("rg-target", f"{VM}/extensions/write") in actions
    assert ("rg-target", f"{VM}/runCommand/action") in actions, "its Mobility service is taken off"
    assert ("rg-dr", f"{ITEM}/failoverCommit/action") not in actions


def test_what_a_plan_names_is_asked_for_where_it_lies(ferry: MigrationHarness) -> None:
    encrypts = f"{group_id('rg-keys')}/providers/Microsoft.Compute/diskEncryptionSets/des-1"
    document = plan_of("web1")
    document["target"] |= {"diskEncryptionSet": encrypts, "availabilitySet": "as-1"}
    ferry.build(document)
    ferry.cloud.put(group_id("rg-keys"))
    plan = Plan.model_validate(document)
    actions = {(each.scope.group, right) for each in asked_of_all(plan, vault_exists=True) for right in each.actions}
    named = {each for each in actions if each[1].endswith(("Sets/read", "Groups/read")) and "Resources" not in each[1]}
    action = "Microsoft.Compute/diskEncryptionSets/read"
    assert named == {("rg-keys", action), ("rg-target", "Microsoft.Compute/availabilitySets/read")}
    grant(ferry, plan, but={action})
    assert lacking(plan, vault_exists=False) == (f"rg-keys: {action}",)


def _asked(document: dict[str, Any]) -> list[Any]:
    plan = Plan.model_validate(document)
    return list(asked_of_all(plan, vault_exists=True))
