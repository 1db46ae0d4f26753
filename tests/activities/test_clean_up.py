"""Clean up: what the migration itself left behind, and nothing else."""

from collections.abc import Callable

import pytest

from activities.clean_up import remove_leftovers
from shared.azure import compute
from shared.ledger import events
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths, effects, patiently
from tests.clouds import SUBSCRIPTION
from tests.ledger_rows import put

COPY = compute.vm_id(SUBSCRIPTION, "rg-target", "web1-test")
DELETE = "*/virtualMachines/delete"


@pytest.fixture
def copied(enlisted: MigrationHarness) -> MigrationHarness:
    """A VM that is called as the test copy of web1 would be."""
    enlisted.cloud.put(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target")
    properties = {"provisioningState": "Succeeded", "hardwareProfile": {"vmSize": "Standard_D2s_v5"}}
    enlisted.cloud.put(COPY, properties=properties)
    return enlisted


def test_a_test_copy_that_stayed_is_removed_through_all_deaths(
    prepared: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    prepared.walk("web1", until="accept_test_vm")
    copy = prepared.row("web1").test_vm_id
    put(prepared.place("web1"), state=MachineState.CUT_OVER)
    here = prepared.place("web1", "clean_up")
    after_many_deaths(dying, lambda: patiently(prepared, "remove_leftovers", here))
    prepared.cloud.later(600)
    row = prepared.row("web1")
    assert copy
    assert compute.get_vm(copy) is None
    assert (row.state, row.test_vm_id) == (MachineState.FINALIZED, "")
    assert "leftover-removed" in [each.what for each in events.page(prepared.migration, size=1_000)[0]]


def test_copies_that_are_gone_cost_one_listing_for_all_machines_of_a_minute(enlisted: MigrationHarness) -> None:
    enlisted.cloud.put(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target")
    now = enlisted.cloud.now()
    for name in ("web1", "db1"):
        enlisted.comes_to(name, "clean_up")
        enlisted.stands(name, test_vm_id=compute.vm_id(SUBSCRIPTION, "rg-target", f"{name}-test"))
    enlisted.cloud.ask("DELETE", "log")
    for name in ("web1", "db1"):
        remove_leftovers(enlisted.place(name, "clean_up", now=now))
        assert enlisted.row(name).state == MachineState.FINALIZED
    assert len(enlisted.cloud.log("*/virtualMachines/read")) == 1


def test_a_machine_of_that_name_that_we_never_made_stays(copied: MigrationHarness) -> None:
    put(copied.place("web1"), state=MachineState.CUT_OVER)
    remove_leftovers(copied.place("web1", "clean_up"))
    assert compute.get_vm(COPY)
    assert effects(copied, DELETE) == []
    assert copied.row("web1").state == MachineState.FINALIZED
