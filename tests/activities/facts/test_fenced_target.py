"""The VM that a rollback switched off: known by its own id, touched only when somebody agreed and it is off."""

from collections.abc import Callable

import pytest

from activities.facts.fenced_target import clear_the_name
from shared.azure import compute
from shared.concerns.registry import Concern
from shared.ledger import events
from shared.ledger.evidence import Evidence, Fenced
from shared.ledger.machine_context import machine_context
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness
from tests.activities.repeating import after_many_deaths
from tests.clouds import SUBSCRIPTION

VM = compute.vm_id(SUBSCRIPTION, "rg-target", "web1")
GUID = "5d1c4a0e-0000-4000-8000-00000000beef"
DELETE = "*/virtualMachines/delete"
AGREED = Concern(id="fenced-target-left", category="critical", acknowledgeable=True, acknowledged_by="ann")


@pytest.fixture
def left(enlisted: MigrationHarness) -> MigrationHarness:
    """A VM of the machine's name that the ledger says we switched off; Azure does not tell that it is off."""
    enlisted.cloud.put(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-target")
    size = {"vmSize": "Standard_D2s_v5"}
    properties = {"provisioningState": "Succeeded", "vmId": GUID, "hardwareProfile": size}
    enlisted.cloud.put(VM, properties=properties)
    enlisted.stands("web1", evidence=Evidence(fenced_target=Fenced(id=VM, guid=GUID)))
    return enlisted


def clear(ferry: MigrationHarness) -> None:
    place = ferry.place("web1", "enable_replication")
    clear_the_name(place, machine_context(place))


def test_without_anybodys_agreement_it_stays_and_the_machine_stops(left: MigrationHarness) -> None:
    with pytest.raises(Refused) as refused:
        clear(left)
    assert refused.value.facts.id == "fenced-target-left"
    assert "acknowledge" in refused.value.facts.advice
    assert left.effects(DELETE) == []


def test_it_is_not_deleted_unless_it_is_seen_to_be_off(left: MigrationHarness) -> None:
    left.stands("web1", concerns=(AGREED,))
    with pytest.raises(Refused) as refused:
        clear(left)
    assert refused.value.facts.id == "fenced-target-runs"
    assert left.effects(DELETE) == []


def test_another_vm_that_took_the_name_meanwhile_is_not_ours(
    left: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    other = Fenced(id=VM, guid="5d1c4a0e-0000-4000-8000-00000000cafe")
    left.stands("web1", concerns=(AGREED,), evidence=Evidence(fenced_target=other))
    after_many_deaths(dying, lambda: clear(left))
    assert left.effects(DELETE) == []
    assert "fenced-target-gone" in [each.what for each in events.page(left.migration)[0]]
    assert left.row("web1").evidence.fenced_target is None, "the one that we switched off is gone"


def test_where_nothing_was_fenced_azure_is_not_asked(enlisted: MigrationHarness) -> None:
    clear(enlisted)
    assert enlisted.cloud.log("*virtualMachines*") == []
