"""From one Azure region to another: what is made and paired, each once, and scripts that run on its VMs."""

from typing import Any

import pytest

from shared.contracts.contracts import ENSURE_MAPPING, ENSURE_POLICY, ENSURE_SITES
from shared.contracts.requests import Poll, where
from shared.contracts.sources import SourceCommand
from shared.ledger import events
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import Mark
from shared.problems import Refused
from shared.roads.azure_regions_size import size_of
from shared.site_recovery.items import get_item, item_of
from shared.sources.azure.vms import find_all
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import effects, patiently
from tests.activities.setup_snapshots import retraced
from tests.clouds import SUBSCRIPTION, VAULT

FROM = "northeurope"
SCRIPTS = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}


def plan() -> dict[str, Any]:
    """A plan of one VM that goes to another region."""
    azure = {"subscriptionId": SUBSCRIPTION, "region": FROM, "resourceGroup": "rg-source"}
    wave = plan_of("web1")["waves"][0] | {"scripts": SCRIPTS}
    target = plan_of("web1")["target"] | {"cacheResourceGroup": "rg-source"}
    machines = [{"name": "web1", "source": {"name": "web1"}}]
    own = {"scenario": "azure-to-azure", "source": {"azure": azure}, "target": target}
    return plan_of("web1") | own | {"waves": [wave | {"machines": machines}]}


@pytest.fixture
def ferry_between(ferry: MigrationHarness) -> MigrationHarness:
    """One VM, assessed, and a vault with nothing in it."""
    ferry.begin(plan=plan())
    walk(ferry, "assess", "prepare_vault")
    return ferry


def walk(ferry: MigrationHarness, *phases: str) -> None:
    for phase in phases:
        enter(ferry, phase)


@retraced
def enter(ferry: MigrationHarness, phase: str) -> None:
    here = ferry.place(phase=phase)
    ferry.ask("enter", Poll(**where(here), owner="root"))
    ferry.play(phase, here)


def test_both_regions_get_a_fabric_and_a_container(ferry_between: MigrationHarness) -> None:
    made = [each["path"].rpartition("/")[2] for each in effects(ferry_between, "*/replicationFabrics/write")]
    assert made == ["asr-a2a-default-northeurope", "asr-a2a-default-westeurope"]
    assert len(effects(ferry_between, "*/replicationProtectionContainers/write")) == 2
    nothing = ferry_between.ask(ENSURE_SITES.name, ferry_between.look(phase="prepare_vault", turn=9))
    assert (nothing.job, nothing.more) == ("", False), "all is there"


def test_containers_are_paired_both_ways_and_networks_mapped_and_adopted_by_the_next(
    ferry_between: MigrationHarness,
) -> None:
    walk(ferry_between, "set_replication_policy")
    pairs = effects(ferry_between, "*/replicationProtectionContainerMappings/write")
    assert [each["path"].split("/replicationFabrics/")[1].split("/")[0] for each in pairs] == [
        "asr-a2a-default-northeurope",
        "asr-a2a-default-westeurope",
    ]
    assert len(effects(ferry_between, "*/replicationNetworkMappings/write")) == 1
    walk(ferry_between, "set_replication_policy")
    assert len(effects(ferry_between, "*/replicationNetworkMappings/write")) == 1


def test_what_is_paired_is_asked_for_once_whatever_dies(ferry_between: MigrationHarness, dying: Any) -> None:
    here = {"phase": "set_replication_policy"}
    policy = patiently(ferry_between, ENSURE_POLICY.name, ferry_between.look(**here, tag=ENSURE_POLICY.name))
    if policy.job:
        ferry_between.cloud.ends(policy.job)
    look = ferry_between.look(**here, tag=ENSURE_MAPPING.name)
    for write in range(1, 5):
        with dying(write, after=True):
            patiently(ferry_between, ENSURE_MAPPING.name, look)
    answer = patiently(ferry_between, ENSURE_MAPPING.name, look)
    assert answer.more
    assert len(effects(ferry_between, "*/replicationProtectionContainerMappings/write")) == 1


def run(ferry: MigrationHarness, script: str) -> Any:
    """Send a script to the VM and look until it has ended."""
    command = ferry.look("web1", "quiesce", kind=SourceCommand, script=script, tag=script)
    began = ferry.ask("send_command", command)
    for turn in range(1, 20):
        seen = ferry.ask(
            "poll_command", command.replace(job=began.command, event=f"look:{turn}", now=ferry.cloud.now())
        )
        if seen.settled:
            return seen
        ferry.cloud.later(seen.patience)
    raise AssertionError("it never ended")


def test_a_script_runs_through_the_vms_own_agent(ferry_between: MigrationHarness) -> None:
    assert run(ferry_between, "stop-services").settled
    [sent] = effects(ferry_between, "*/runCommand/action")
    assert "/web1/" in sent["path"]
    assert ferry_between.row("web1").mark(Mark.SERVICES_ASKED)


def test_a_script_that_fails_says_what_it_printed(ferry_between: MigrationHarness) -> None:
    outcome = {"vm": "web1", "result": "failure", "exitCode": 3, "stderr": "Unit shop.service not loaded."}
    ferry_between.cloud.ask("POST", "outcomes", outcome)
    with pytest.raises(Refused, match="not loaded"):
        run(ferry_between, "stop-services")


@pytest.mark.parametrize("result", ["killed", "restarted"])
def test_a_script_that_did_not_end_failed_though_azure_says_success(
    ferry_between: MigrationHarness, result: str
) -> None:
    ferry_between.cloud.ask("POST", "outcomes", {"vm": "web1", "result": result, "stdout": "stopping"})
    with pytest.raises(Refused, match=r"ended as Failed \(it did not come to its end"):
        run(ferry_between, "stop-services")


def test_the_facts_of_a_vm_are_read_from_azure(ferry_between: MigrationHarness) -> None:
    facts = ferry_between.row("web1").source
    assert (facts.size, facts.state, facts.os_family) == ("Standard_D2s_v5", "running", "linux")
    assert facts.ineligible == ()
    assert [disk.type for disk in facts.disks] == ["Premium_LRS"]


def test_the_vms_of_a_group_are_listed_and_those_of_other_regions_and_groups_are_not(
    ferry_between: MigrationHarness,
) -> None:
    source = ferry_between.plan.source.azure if ferry_between.plan else None
    assert source
    machines = [("db1", FROM, "rg-source"), ("far1", "eastus", "rg-source"), ("other1", FROM, "rg-other")]
    vms = [{"name": name, "region": region, "resourceGroup": group} for name, region, group in machines]
    ferry_between.cloud.ask("POST", "azure-vms", vms)
    assert {each.name for each in find_all(source)} == {"web1", "db1"}
    everywhere = source.model_copy(update={"resource_group": ""})
    assert {each.name for each in find_all(everywhere)} == {"web1", "db1", "other1"}


def test_a_vm_gets_the_name_the_size_and_the_subnets_that_the_plan_says(ferry: MigrationHarness) -> None:
    renamed = plan()
    renamed["waves"][0]["machines"][0] |= {"name": "shop1", "target": {"size": "Standard_D4s_v5"}}
    ferry.begin(plan=renamed)
    ferry.prepare()
    ferry.walk("shop1", until="start_test_failover")
    item = get_item(VAULT, item_of(ferry.row("shop1").item_id))
    assert item
    assert (item.replication.target_vm_name, item.replication.target_vm_size) == ("shop1", "Standard_D4s_v5")
    assert [(card.subnet, card.test_subnet) for card in item.replication.cards] == [("app", "app")]


def test_a_size_that_the_region_lacks_becomes_the_nearest_which_is_said_and_kept_by_a_retry(
    ferry: MigrationHarness,
) -> None:
    ferry.begin(plan=plan())
    ferry.cloud.ask("POST", "quotas", {"location": "westeurope", "missingSizes": ["Standard_D2s_v5"]})
    ferry.prepare()
    ferry.walk("web1", until="start_test_failover")
    item = get_item(VAULT, item_of(ferry.row("web1").item_id))
    assert item
    assert item.replication.target_vm_size == "Standard_D2s_v4"
    texts = [each.text for each in events.page(ferry.migration, size=1_000)[0] if each.what == "size-chosen"]
    assert texts == ["web1 is Standard_D2s_v5 and becomes Standard_D2s_v4, the nearest that westeurope offers"]

    ferry.stands("web1", evidence=Evidence(sizes={"westeurope": "Standard_D2as_v5"}))  # chosen in an earlier round
    assert size_of(machine_context(ferry.place("web1"))) == "Standard_D2as_v5"
    for wrong in ("Standard_D2s_v2", "Standard_D2ps_v5"):  # not offered any more, or one that does not fit
        ferry.stands("web1", evidence=Evidence(sizes={"westeurope": wrong}))
        assert size_of(machine_context(ferry.place("web1"))) == "Standard_D2s_v4"


@pytest.mark.parametrize(
    ("spoilt", "zone", "chosen"),
    [
        ({"missingSizes": ["Standard_D2s_v5", "Standard_D2s_v4", "Standard_D2as_v5"]}, "", "Standard_D2s_v3"),
        ({"name": "standardDSv5Family", "limit": 0}, "", "Standard_D2s_v4"),
        ({"closedZones": {"Standard_D2s_v5": ["1"]}}, "1", "Standard_D2s_v4"),
        ({"closedZones": {"Standard_D2s_v5": ["1"]}}, "2", "Standard_D2s_v5"),
    ],
)
def test_the_size_that_is_enabled_has_the_processor_the_quota_the_zone_and_takes_the_disks(
    ferry: MigrationHarness, spoilt: dict[str, Any], zone: str, chosen: str
) -> None:
    zoned = plan()
    zoned["target"] |= {"zone": zone} if zone else {}
    ferry.begin(plan=zoned)
    ferry.cloud.ask("POST", "quotas", {"location": "westeurope", **spoilt})
    ferry.prepare()
    ferry.walk("web1", until="start_test_failover")
    item = get_item(VAULT, item_of(ferry.row("web1").item_id))
    assert item
    assert item.replication.target_vm_size == chosen


def test_facts_of_a_vm_tell_its_generation_and_what_its_size_has(ferry_between: MigrationHarness) -> None:
    facts = ferry_between.row("web1").source
    assert (facts.boot_mode, facts.local_disk, facts.special) == ("legacy-bios", False, ())


def test_a_size_that_the_plan_leaves_out_is_the_vms_own_where_the_region_offers_it(
    ferry_between: MigrationHarness,
) -> None:
    walk(ferry_between, "set_replication_policy")
    assert size_of(machine_context(ferry_between.place("web1"))) == "Standard_D2s_v5"
