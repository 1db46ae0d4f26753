"""Prepare vault: the resource groups and the vault exist, made only where the plan says so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.prepare_vault import TAG
from shared.contracts.requests import Poll
from shared.coordination.operator_intents import Control, Intent, set_intent
from shared.ledger import events, migrations
from shared.problems import Busy, CloudRefused, Interrupted, Refused
from shared.site_recovery.vault import get_vault
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.clouds import VAULT, group_id

VAULTS, GROUPS = "*vaults/write", "*resourceGroups/write"


def looking(ferry: MigrationHarness) -> Poll:
    look: Poll = ferry.look(phase="prepare_vault")
    return look


def given(**target: Any) -> dict[str, Any]:
    """A plan that expects its vault to be there."""
    plan = plan_of("web1")
    return plan | {"target": plan["target"] | {"vault": {"name": VAULT.name, "resourceGroup": VAULT.resource_group}}}


def test_a_vault_that_the_plan_wants_is_made_with_the_migrations_tag(begun: MigrationHarness) -> None:
    begun.ask("ensure_vault", looking(begun))
    assert begun.effects(VAULTS) == ["made vault"]
    stored = begun.cloud.ask("GET", f"resources?id={VAULT.id}")
    assert stored["tags"] == {TAG: begun.migration}
    assert stored["location"] == "westeurope"
    assert "vault-asked" in [each.what for each in events.page(begun.migration)[0]]


def test_a_vault_that_is_there_is_left_as_it_is(begun: MigrationHarness) -> None:
    begun.cloud.put(VAULT.id, properties={"provisioningState": "Succeeded"}, tags={"owner": "ops"})
    begun.ask("ensure_vault", looking(begun))
    assert begun.effects(VAULTS) == []


def test_run_twice_it_makes_one_vault(begun: MigrationHarness) -> None:
    look = looking(begun)
    for _ in range(2):
        begun.ask("ensure_vault", look)
    assert begun.effects(VAULTS) == ["made vault"]


def test_missing_groups_are_made_where_the_vault_may_be_made(begun: MigrationHarness) -> None:
    begun.gone(group_id("rg-target"))
    begun.ask("ensure_vault", looking(begun))
    assert len(begun.effects(GROUPS)) == 1
    assert "group-asked-rg-target" in [each.what for each in events.page(begun.migration)[0]]


def test_a_missing_vault_that_the_plan_does_not_let_us_make_is_refused(ferry: MigrationHarness) -> None:
    ferry.begin(plan=given())
    ferry.gone(VAULT.id)
    with pytest.raises(Refused) as raised:
        ferry.ask("ensure_vault", looking(ferry))
    assert raised.value.facts.id == "vault-missing"
    assert "target.vault.create" in raised.value.facts.advice
    assert ferry.effects(VAULTS) == []


def test_a_missing_group_that_the_plan_does_not_let_us_make_is_refused(ferry: MigrationHarness) -> None:
    ferry.begin(plan=given())
    ferry.gone(group_id("rg-target"))
    with pytest.raises(Refused) as raised:
        ferry.ask("ensure_vault", looking(ferry))
    assert raised.value.facts.id == "resource-group-missing"
    assert ferry.effects(GROUPS) == []


def test_a_group_just_made_that_azure_does_not_know_everywhere_is_waited_for(begun: MigrationHarness) -> None:
    begun.gone(group_id("rg-target"))
    begun.cloud.fault("server-error", operation=VAULTS, status=404, code="ResourceGroupNotFound", message="no group")
    with pytest.raises(Busy):
        begun.ask("ensure_vault", looking(begun))
    begun.ask("ensure_vault", looking(begun))
    assert begun.effects(VAULTS) == ["made vault"]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
def test_a_lost_connection_leaves_one_vault(begun: MigrationHarness, kind: str) -> None:
    begun.cloud.fault(kind, operation=VAULTS)
    look = looking(begun)
    with pytest.raises(Busy):
        begun.ask("ensure_vault", look)
    begun.ask("ensure_vault", look)
    assert begun.effects(VAULTS) == ["made vault"]


@pytest.mark.parametrize(("write", "after"), [(1, False), (1, True), (2, True), (3, True)])
def test_dying_around_any_write_leaves_one_vault(
    begun: MigrationHarness, dying: Callable[..., Dying], write: int, after: bool
) -> None:
    begun.gone(group_id("rg-target"))
    look = looking(begun)
    with dying(write, after=after) as death:
        begun.ask("ensure_vault", look)
    assert death.came
    begun.ask("ensure_vault", look)
    assert begun.effects(VAULTS) == ["made vault"]
    assert len(begun.effects(GROUPS)) == 1


@pytest.mark.parametrize(("fault", "after"), [("throttle", 17), ("server-error", 30)])
def test_a_busy_azure_is_asked_again_later(begun: MigrationHarness, fault: str, after: int) -> None:
    begun.cloud.fault(fault, operation="*vaults/read", retryAfter=17)
    with pytest.raises(Busy) as raised:
        begun.ask("ensure_vault", looking(begun))
    assert raised.value.after >= timedelta(seconds=min(after, 17))


def test_what_azure_refuses_reaches_the_operator(begun: MigrationHarness) -> None:
    begun.cloud.fault("server-error", operation=VAULTS, status=403, code="AuthorizationFailed", message="no right")
    with pytest.raises(CloudRefused) as raised:
        begun.ask("ensure_vault", looking(begun))
    assert raised.value.facts.code == "AuthorizationFailed"
    assert "no right" in raised.value.facts.detail


# --- poll_vault --------------------------------------------------------------------------------------------------------


def waiting_for(ferry: MigrationHarness) -> str:
    row = migrations.get(ferry.migration)
    assert row
    return row.waiting_for


def test_a_vault_that_is_ready_settles_it(begun: MigrationHarness) -> None:
    begun.ask("ensure_vault", looking(begun))
    begun.cloud.later(120)
    assert begun.ask("poll_vault", looking(begun)).settled
    assert get_vault(VAULT)
    assert waiting_for(begun) == ""


def test_a_vault_that_is_not_there_yet_is_waited_for_and_this_is_said(begun: MigrationHarness) -> None:
    seen = begun.ask("poll_vault", looking(begun))
    assert (seen.settled, seen.patience) == (False, 10)
    assert waiting_for(begun) == "the vault to be created"


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_a_vault_in_the_making_is_waited_for(begun: MigrationHarness, state: str) -> None:
    begun.cloud.put(VAULT.id, properties={"provisioningState": state})
    assert not begun.ask("poll_vault", looking(begun)).settled


def test_a_vault_that_failed_is_refused(begun: MigrationHarness) -> None:
    begun.cloud.put(VAULT.id, properties={"provisioningState": "Failed"})
    with pytest.raises(Refused) as raised:
        begun.ask("poll_vault", looking(begun))
    assert raised.value.facts.id == "vault-failed"


def test_a_cancelled_migration_waits_for_no_vault(begun: MigrationHarness) -> None:
    set_intent(Control(migration=begun.migration, intent=Intent.CANCEL, by="bob", at=begun.cloud.now()))
    with pytest.raises(Interrupted):
        begun.ask("poll_vault", looking(begun))
