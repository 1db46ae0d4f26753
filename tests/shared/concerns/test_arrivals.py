"""What differs between the VM that a failover made and what plan and source say of it."""

from typing import Any

import pytest

from shared.concerns.arrivals import Arrived, Expected, VmCase
from shared.concerns.judge import judged_vm
from shared.concerns.registry import Acknowledged, Concern
from shared.plan.model import Plan
from tests.activities.migration_harness import plan_of

NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/vnet-prod"
SET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/availabilitySets/as-web"
EXPECTED = Expected(
    size="Standard_D2s_v5",
    subnet_id=f"{NETWORK}/subnets/app",
    addresses=("10.20.1.9",),
    disks=2,
    zone="1",
    availability_set_id=SET,
    tags={"Owner": "anna"},
)
ARRIVED = Arrived(
    size="standard_d2s_v5",
    subnet_id=f"{NETWORK.lower()}/subnets/APP",
    addresses=("10.20.1.9",),
    cards=1,
    disks=2,
    zone="1",
    availability_set_id=SET.upper(),
    tags={"owner": "anna", "other": "1"},
)
PLAN = Plan.model_validate(plan_of("web1"))


def judged(*accepted: Acknowledged, **other: Any) -> tuple[Concern, ...]:
    return judged_vm(VmCase(PLAN, "web1", EXPECTED, ARRIVED.replace(**other)), accepted).concerns


def test_a_vm_that_is_as_expected_raises_nothing() -> None:
    assert judged() == ()
    assert judged_vm(VmCase(PLAN, "web1", Expected(disks=1), ARRIVED.replace(cards=3, zone="2"))) == ((), {})


@pytest.mark.parametrize(
    ("other", "concern", "category", "evidence"),
    [
        ({"disks": 1}, "vm-lacks-disks", "critical", "it has 1 of 2"),
        (
            {"subnet_id": f"{NETWORK}/subnets/db"},
            "vm-in-other-network",
            "critical",
            "it is in vnet-prod/db (g) and should be in vnet-prod/app (g)",
        ),
        (
            {"addresses": ("10.20.1.4",)},
            "vm-has-other-address",
            "critical",
            "10.20.1.9 is not among its addresses 10.20.1.4",
        ),
        ({"cards": 0}, "vm-lacks-cards", "critical", "it has 0 of 1"),
        (
            {"size": "Standard_D4s_v5"},
            "vm-has-other-size",
            "warning",
            "it is Standard_D4s_v5 and should be Standard_D2s_v5",
        ),
        ({"zone": ""}, "vm-placed-elsewhere", "warning", "zone (none) instead of 1"),
        ({"availability_set_id": ""}, "vm-placed-elsewhere", "warning", "availability set (none) instead of as-web"),
        ({"tags": {"owner": "ben"}}, "vm-lacks-tags", "warning", "Owner=anna"),
    ],
)
def test_what_differs_is_said_in_plain_words(other: dict[str, Any], concern: str, category: str, evidence: str) -> None:
    (found,) = judged(**other)
    assert (found.id, found.category, found.evidence, found.machine) == (concern, category, evidence, "web1")


def test_what_cannot_be_read_is_never_a_pass() -> None:
    found = judged_vm(VmCase(PLAN, "web1", EXPECTED, ARRIVED.replace(subnet_id=None, addresses=None)))
    assert found.concerns == ()
    assert found.unjudged.keys() == {"vm-in-other-network", "vm-has-other-address"}


def test_a_person_may_take_it_upon_themselves() -> None:
    acknowledged = Acknowledged("vm-lacks-disks", "ann", "scratch disk", "web1")
    assert [each.blocks for each in judged(disks=1)] == [True]
    assert [each.blocks for each in judged(acknowledged, disks=1)] == [False]
