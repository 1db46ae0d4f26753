"""Which size a machine fits, and which is the nearest to the one that it has."""

from typing import Any

import pytest

from shared.concerns.fitting import CHECKS, Needs, misfits, needs_of, why_not
from shared.concerns.nearest_size import nearest_size
from shared.concerns.registry import Unknown
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.concerns.target_facts import SizeFacts
from shared.plan.details import DiskTarget, NicTarget
from shared.plan.target import MachineTarget, Target
from tests.shared.concerns.conftest import PLAN, SOUND

TARGET = Target.model_validate(PLAN["target"])
OWN = MachineTarget()
VM = SOUND.replace(
    size="Standard_B2ms",
    memory_gb=8.0,
    local_disk=False,
    special=(),
    disks=(
        DiskFacts(device="os", size_gib=30, type="Premium_LRS", root=True),
        DiskFacts(device="data", size_gib=30, type="StandardSSD_LRS", volume_id="/subscriptions/1/disks/data"),
    ),
)


def size(name: str = "Standard_D2s_v5", **change: Any) -> SizeFacts:
    usual = SizeFacts(
        name=name,
        family="standardDSv5Family",
        cores=2,
        memory_gb=8,
        max_data_disks=4,
        max_nics=2,
        premium=True,
        zones=("1", "2"),
        processor="x64",
        generations=("V1", "V2"),
        local_disk=False,
        special=(),
    )
    return usual.replace(**change)


def nearest(*offered: SizeFacts, vm: SourceFacts = VM, target: Target = TARGET, own: MachineTarget = OWN) -> str:
    found = nearest_size(vm.size or "", needs_of(target, own, vm), offered)
    return found.name if found else ""


WORSE: dict[str, dict[str, Any]] = {
    "restricted": {"restricted": True},
    "quota": {"no_quota": True},
    "processor": {"processor": "Arm64"},
    "generation": {"generations": ("V2",)},
    "cores": {"cores": 1},
    "memory": {"memory_gb": 4},
    "disks": {"max_data_disks": 0},
    "cards": {"max_nics": 1},
    "premium": {"premium": False},
    "zone": {"zones": ("2",)},
    "special": {"special": ("GPU",)},
}
BUSY = VM.replace(nics=(NicFacts(id="1"), NicFacts(id="2")))
IN_ZONE = TARGET.model_copy(update={"zone": "1"})


@pytest.mark.parametrize("reason", WORSE)
def test_the_nearest_size_is_passed_over_when_it_lacks_one_thing(reason: Any) -> None:
    larger = size("Standard_E8s_v5", cores=8, memory_gb=64)
    near = size("Standard_B2s_v2")
    assert nearest(near, larger, vm=BUSY, target=IN_ZONE) == near.name
    assert nearest(near.replace(**WORSE[reason]), larger, vm=BUSY, target=IN_ZONE) == larger.name


@pytest.mark.parametrize("reason", WORSE)
def test_the_same_size_is_left_when_it_lacks_one_thing(reason: Any) -> None:
    same, larger = size("Standard_B2ms", **WORSE[reason]), size("Standard_E8s_v5", cores=8, memory_gb=64)
    assert nearest(same, larger, vm=BUSY, target=IN_ZONE) == larger.name


@pytest.mark.parametrize("reason", WORSE)
def test_a_named_size_is_judged_by_the_same_list(reason: Any) -> None:
    needs = needs_of(IN_ZONE, OWN, BUSY)
    worse = size(**WORSE[reason])
    assert list(misfits(size(), needs)) == []
    assert list(misfits(worse, needs, reason)) == list(why_not(worse, needs)) != []


def test_every_check_has_a_worse_size_above() -> None:
    assert WORSE.keys() == CHECKS.keys()


def test_a_burstable_vm_gets_no_arm_size_and_no_special_one() -> None:
    arm = size("Standard_B2ps_v2", processor="Arm64", generations=("V2",))
    graphics, confidential = size("Standard_B2gpu", special=("GPU",)), size("Standard_B2c", special=("confidential",))
    uefi = VM.replace(boot_mode="uefi")  # of the generation that the Arm size takes
    assert nearest(arm, graphics, confidential, size("Standard_D2s_v5"), vm=uefi) == "Standard_D2s_v5"
    assert nearest(arm, vm=uefi) == ""


def test_a_local_disk_is_kept_even_in_a_larger_size_and_none_appears_without_need() -> None:
    with_disk = VM.replace(size="Standard_D2d_v5", local_disk=True)
    small, large = size("Standard_D2s_v5"), size("Standard_D4ds_v5", cores=4, memory_gb=16, local_disk=True)
    assert nearest(small, large, vm=with_disk) == large.name
    assert nearest(small, vm=with_disk) == small.name
    assert nearest(size("Standard_B2mt", local_disk=True), size("Standard_Z2")) == "Standard_Z2"


def test_disks_are_needed_as_the_plan_makes_them() -> None:
    standard = size(premium=False)
    assert nearest(standard) == ""
    assert nearest(standard, target=TARGET.model_copy(update={"disk_type": "StandardSSD_LRS"})) == standard.name
    other = MachineTarget(disks=(DiskTarget(disk="os", type="StandardSSD_LRS"),))
    assert nearest(standard, own=other) == standard.name
    left = MachineTarget(disks=(DiskTarget(disk="data", leave_out=True),))
    assert needs_of(TARGET, OWN, VM).data_disks == 1
    assert needs_of(TARGET, left, VM).data_disks == 0


def test_cards_are_those_of_the_plan_and_between_regions_those_that_it_has() -> None:
    two = MachineTarget(nics=(NicTarget(), NicTarget(), NicTarget(leave_out=True)))
    outside = SOUND.replace(nics=(NicFacts(), NicFacts(), NicFacts()))
    assert needs_of(TARGET, OWN, outside).cards == 1
    assert needs_of(TARGET, two, outside).cards == 2
    assert needs_of(TARGET, OWN, VM.replace(nics=outside.nics)).cards == 3


def test_a_zone_that_is_closed_to_the_subscription_is_told_from_one_that_has_no_such_size() -> None:
    needs = Needs(region="westeurope", zone="3")
    assert list(misfits(size(), needs, "zone")) == ["Standard_D2s_v5 is offered in 1, 2 of westeurope"]
    (misfit,) = misfits(size(closed_zones=("3",)), needs, "zone")
    assert misfit.endswith("zone 3 is closed to this subscription")


def test_what_is_not_known_is_a_question_about_a_named_size_and_keeps_no_size_from_being_the_nearest() -> None:
    unknown = size(processor=None, premium=None)
    with pytest.raises(Unknown, match=r"sizes\.processor"):
        list(misfits(unknown, needs_of(TARGET, OWN, VM), "processor"))
    assert nearest(unknown) == unknown.name
