"""Set target: static addresses, cards and names of disks reach Site Recovery, once, and only where they differ."""

from collections.abc import Callable
from typing import Any

import pytest

from activities.flow.set_target import set_target
from shared.azure import network
from shared.ledger import events, migrations, plans
from shared.ledger.expanded_plans import keep_expanded
from shared.ledger.machine_context import machine_context
from shared.ledger.versioned_row import validated
from shared.plan.target import MachineTarget
from shared.problems import Refused
from shared.site_recovery.items import get_item, item_of
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


# --- a change of the running plan -------------------------------------------------------------------------------------

BIGGER = {"size": "Standard_D8s_v5", "tags": {"team": "shop"}, "subnet": "app"}


def retargeted(ferry: MigrationHarness, target: dict[str, Any]) -> None:
    """Another plan holds in which the machine has this target, and Site Recovery was not told yet."""
    assert ferry.plan
    wave = ferry.plan.waves[0]
    entry = wave.machines[0].model_copy(update={"target": MachineTarget.model_validate(target)})
    changed = ferry.plan.model_copy(update={"waves": (wave.model_copy(update={"machines": (entry,)}),)})
    body = changed.model_dump_json(by_alias=True, exclude_defaults=True).encode()
    plans.save_as(ferry.migration, "v2", body)
    keep_expanded(ferry.migration, "v2", changed)
    place = ferry.place()
    migrations.change_row(place, lambda row: validated(row, {"plan_keys": ("v2",), "plan_version": 2}))
    ferry.round = 2
    ferry.stands("web1", retarget=2, round=2)


def tells(ferry: MigrationHarness) -> None:
    """Submit until nothing more is to be submitted, as the phase does."""
    for _ in range(5):
        answer = patiently(ferry, "set_target", ferry.look("web1", PHASE))
        if not answer.more:
            return
        ferry.cloud.later(3_600)
    raise AssertionError("it is told again and again")


def test_a_changed_plan_is_told_once_through_all_deaths_and_read_back(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    synced(ferry, {})
    retargeted(ferry, BIGGER)
    look = ferry.look("web1", PHASE)
    answer = after_many_deaths(dying, lambda: patiently(ferry, "set_target", look))
    assert (bool(answer.job), answer.more) == (True, True)
    assert ferry.row("web1").retarget == 2, "it is not read back yet"
    ferry.cloud.later(3_600)
    tells(ferry)

    (sent,) = updates(ferry)
    assert sent["method"] == "PATCH"
    item = get_item(machine_context(look).vault, item_of(ferry.row("web1").item_id))
    assert item
    assert item.replication.target_vm_size == "Standard_D8s_v5"
    assert ferry.row("web1").retarget == 0
    assert [each.what for each in events.page(ferry.migration)[0]].count("target-told") == 1
    tells(ferry)
    assert len(updates(ferry)) == 1


def test_what_site_recovery_shows_otherwise_afterwards_is_refused(
    ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(ferry, {})
    retargeted(ferry, BIGGER)
    monkeypatch.setattr("local.simulator.site_recovery.providers.in_mage_rcm.InMageRcm.update", lambda *_: None)
    with pytest.raises(Refused) as refused:
        tells(ferry)

    assert (refused.value.facts.id, "vm size" in str(refused.value)) == ("target-not-taken", True)
    assert ferry.row("web1").retarget == 2, "a retry tells it again"
