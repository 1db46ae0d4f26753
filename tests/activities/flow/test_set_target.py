"""Set target: static addresses, cards and names of disks reach Site Recovery, once, and only where they differ."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.flow.set_target import set_target
from shared.azure import network
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import group_id

UPDATED = "*/replicationProtectedItems/write"
PHASE = "initial_sync"
CARD = {"privateIp": "10.9.1.20", "testPrivateIp": "10.9.1.21", "name": "web1-card"}


def walked(ferry: MigrationHarness, target: dict[str, Any], until: str) -> MigrationHarness:
    """One machine with this target, replicating."""
    plan = plan_of("web1")
    plan["waves"][0]["machines"][0]["target"] = target
    ferry.begin(plan=plan)
    ferry.prepare()
    ferry.walk("web1", until=until)
    return ferry


def updates(ferry: MigrationHarness) -> list[dict[str, Any]]:
    return [each for each in effects(ferry, UPDATED) if each["method"] == "PATCH"]


def synced(ferry: MigrationHarness, target: dict[str, Any]) -> MigrationHarness:
    """As `walked`, in step, but with its target not set yet."""
    walked(ferry, target, until=PHASE)
    ferry.cloud.later(86_400)
    return ferry


def test_it_is_set_once_through_all_deaths(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    synced(ferry, {"nics": [CARD], "disks": []})
    look = ferry.look("web1", PHASE)
    answer = after_many_deaths(dying, lambda: patiently(ferry, "set_target", look))
    assert answer.job
    assert len(updates(ferry)) == 1


def test_what_is_set_already_is_left_alone(ferry: MigrationHarness) -> None:
    walked(ferry, {"nics": [CARD]}, until="start_test_failover")
    assert len(updates(ferry)) == 1
    ferry.round = 2
    assert set_target(ferry.look("web1", PHASE)).job == ""
    assert len(updates(ferry)) == 1


def test_the_copy_has_its_static_address_and_its_name(ferry: MigrationHarness) -> None:
    walked(ferry, {"privateIp": "10.9.1.20", "testPrivateIp": "10.9.1.21"}, until="verify_test_vm")
    card = network.get_nic(f"{group_id('rg-target')}/providers/Microsoft.Network/networkInterfaces/web1-test-nic")
    assert card
    assert "10.9.1.21" in card.private_ips


def test_a_machine_with_nothing_special_costs_no_call(ferry: MigrationHarness) -> None:
    walked(ferry, {}, until=PHASE)
    before = len(ferry.cloud.log())
    assert set_target(ferry.look("web1", PHASE)).job == ""
    assert len(ferry.cloud.log()) == before


def test_a_card_that_the_machine_does_not_have_is_refused(ferry: MigrationHarness) -> None:
    synced(ferry, {"nics": [{"sourceIp": "10.0.9.9"}]})
    with pytest.raises(Refused) as refused:
        set_target(ferry.look("web1", PHASE))
    assert refused.value.facts.id == "no-such-part"
    assert updates(ferry) == []
