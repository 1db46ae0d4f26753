"""Arrival: the VM that the failover made is compared with what plan and source say, when it has booted."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.requests import Verification
from shared.coordination import operator_intents
from shared.coordination.operator_intents import AcknowledgementRow
from shared.ledger import events
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths
from tests.clouds import resource

NETWORK = resource("Microsoft.Network/virtualNetworks", "vnet-prod", "rg-target")
TWO_DISKS = {
    "disks": [{"device": "/dev/sda1", "root": True}, {"device": "/dev/sdf"}, {"device": "e", "instanceStore": True}]
}


@pytest.fixture
def arriving(ferry: MigrationHarness) -> MigrationHarness:
    """A machine of two disks whose failover is done; what Azure made of it is the test's."""
    plan = plan_of("web1")
    plan["target"] |= {"size": "Standard_D4s_v5", "tags": {"owner": "anna"}}
    plan["waves"][0]["machines"][0]["target"] = {"privateIp": "10.20.1.9"}
    ferry.build(plan)
    ferry.take_in(plan)
    ferry.enlist(source=TWO_DISKS)
    return ferry


def made(ferry: MigrationHarness, disks: int = 2, **other: Any) -> None:
    """Let Azure have the VM, as expected but for what is said."""
    card = {"privateIp": "10.20.1.9", "network": NETWORK, "subnet": "app", "static": True}
    vm = {
        "name": "web1",
        "region": "westeurope",
        "resourceGroup": "rg-target",
        "size": "Standard_D4s_v5",
        "tags": {"owner": "anna"},
        "disks": [{"name": f"web1-{number}", "sizeGb": 30, "osDisk": number == 0} for number in range(disks)],
        "nics": [card | other.pop("nic", {})],
    }
    ferry.cloud.ask("POST", "azure-vms", [vm | other])


def look(ferry: MigrationHarness) -> Verification:
    poll: Verification = ferry.look("web1", "verify", kind=Verification)
    return poll


def found(ferry: MigrationHarness) -> dict[str, str]:
    return {each.id: each.evidence for each in ferry.row("web1").concerns}


def test_a_vm_that_is_as_planned_raises_nothing(arriving: MigrationHarness) -> None:
    made(arriving)
    assert arriving.ask("poll_boot", look(arriving)).settled
    assert found(arriving) == {}


def test_what_only_differs_is_said_and_the_machine_goes_on(
    arriving: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    made(arriving, size="Standard_D2s_v5", tags={})
    poll = look(arriving)
    assert after_many_deaths(dying, lambda: arriving.ask("poll_boot", poll)).settled
    assert found(arriving) == {
        "vm-has-other-size": "it is Standard_D2s_v5 and should be Standard_D4s_v5",
        "vm-lacks-tags": "owner=anna",
    }
    texts = [each.text for each in events.page(arriving.migration, size=1_000)[0] if each.what == "vm-lacks-tags"]
    assert texts == ["The migrated VM does not carry all its tags: owner=anna"]


def test_what_keeps_it_from_serving_stops_it_until_it_is_mended_or_accepted(arriving: MigrationHarness) -> None:
    made(arriving, disks=1, nic={"subnet": "other", "privateIp": "10.20.9.4"})
    with pytest.raises(Refused) as refused:
        arriving.ask("poll_boot", look(arriving))
    facts = refused.value.facts
    assert facts.id == "critical-concerns"
    assert [each.message.partition(":")[0] for each in facts.errors] == [
        "vm-lacks-disks",
        "vm-in-other-network",
        "vm-has-other-address",
    ]
    assert "azferry acknowledge" in facts.advice
    assert arriving.row("web1").target_vm_id, "a rollback has to find it"

    acknowledgement = {"migration": arriving.migration, "machine": "web1", "by": "ann", "reason": "scratch"}
    operator_intents.acknowledge(
        AcknowledgementRow(concern="vm-lacks-disks", at=arriving.cloud.now(), **acknowledgement)
    )
    made(arriving, disks=1)
    assert arriving.ask("poll_boot", look(arriving)).settled
    assert found(arriving) == {"vm-lacks-disks": "it has 1 of 2"}
