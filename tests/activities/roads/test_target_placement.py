"""Keeping addresses: on every road each machine asks for the address of its source, and its VM has it."""

from functools import partial
from typing import Any

import pytest

from shared.azure import compute, network
from shared.problems import Refused
from tests.activities import premises
from tests.activities.hosts import hyperv_plan
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import effects
from tests.activities.roads.test_azure_regions import plan as between_regions
from tests.clouds import SUBSCRIPTION


def keeping(plan: dict[str, Any], **more: Any) -> dict[str, Any]:
    return plan | {"target": plan["target"] | {"privateIp": "keep"}} | more


def walked(ferry: MigrationHarness, plan: dict[str, Any]) -> MigrationHarness:
    """Walk the machines until their VMs are there; a person stands at their gates."""
    if plan.get("scenario") in ("physical-to-azure", "vmware-to-azure"):
        premises.begin(ferry, plan)
        walk = ferry.walk if plan["replication"].get("mode") == "agentless" else partial(premises.walk, ferry)
        for machine in plan["waves"][0]["machines"]:
            walk(machine["name"], until="verify")
    else:
        ferry.begin(plan=plan)
        ferry.prepare()
        ferry.walk(*(machine["name"] for machine in plan["waves"][0]["machines"]), until="verify")
    return ferry


def addresses_in_azure(name: str) -> tuple[str, ...]:
    """The addresses of a VM's first card."""
    vm = compute.get_vm(compute.vm_id(SUBSCRIPTION, "rg-target", name))
    assert vm
    card = network.get_nic(vm.nic_ids[0])
    assert card
    return card.private_ips


@pytest.mark.parametrize(
    ("road", "address"),
    [
        (plan_of("web1"), "10.0.2.21"),
        (premises.plan("physical-to-azure", "web1"), "10.5.1.4"),
        (premises.plan("vmware-to-azure", "web1"), "10.5.1.4"),
        (premises.plan("vmware-to-azure", "web1") | {"replication": {"mode": "agentless"}}, "10.5.1.4"),
        (premises.classic("web1"), "10.0.2.21"),
        (between_regions(), "10.4.0.4"),
    ],
    ids=["ec2", "physical", "vmware", "agentless", "configuration-server", "between-regions"],
)
def test_the_vm_has_the_address_of_its_source(ferry: MigrationHarness, road: dict[str, Any], address: str) -> None:
    walked(ferry, keeping(road))
    assert address in addresses_in_azure("web1")
    assert "private-ip-changes" not in {each.id for each in ferry.row("web1").concerns}


def test_hosts_tell_no_address_so_the_plan_must_or_the_one_that_shows_later_is_accepted(
    ferry: MigrationHarness,
) -> None:
    with pytest.raises(Refused) as refused:
        walked(ferry, keeping(hyperv_plan("web1")))
    assert "kept-address-not-known" in [each.id for each in ferry.row("web1").concerns if each.blocks]
    assert "privateIp: dynamic" in refused.value.facts.advice
    assert effects(ferry, "*/replicationProtectedItems/write") == []


def test_an_accepted_address_is_the_one_that_shows_once_the_machine_replicates(ferry: MigrationHarness) -> None:
    accepted = [{"concern": "kept-address-not-known", "reason": "its subnet is the same"}]
    walked(ferry, keeping(hyperv_plan("web1"), acknowledge=accepted))
    assert "10.1.0.4" in addresses_in_azure("web1")


def test_a_machine_may_differ_from_its_plan_and_each_of_its_cards_keeps_its_own(ferry: MigrationHarness) -> None:
    plan = keeping(plan_of("web1", "db1"))
    plan["waves"][0]["machines"][0]["target"] = {"privateIp": "dynamic"}
    plan["waves"][0]["machines"][1]["target"] = {"nics": [{"sourceIp": "10.0.2.22", "name": "db1-card"}]}
    walked(ferry, plan)
    assert "10.0.2.21" not in addresses_in_azure("web1")
    assert "10.0.2.22" in addresses_in_azure("db1")
