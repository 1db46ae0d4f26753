"""Rules about machines outside a cloud: what only people can see or do there is told."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine
from shared.concerns.registry import Concern, MachineCase
from shared.concerns.source_facts import DiskFacts, SourceFacts

MakeCase = Callable[..., MachineCase]
ALWAYS = {"private-ip-changes"}  # a move changes the address unless the plan keeps it
TWO_DISKS = (DiskFacts(device="/dev/sd0", size_gib=10), DiskFacts(device="/dev/sd1", size_gib=10))


def ids(concerns: tuple[Concern, ...]) -> set[str]:
    return {concern.id for concern in concerns}


OUTSIDE = {
    "vmware-to-azure": {"network-not-seen", "scripts-by-hand"},
    "physical-to-azure": {"network-not-seen", "scripts-by-hand", "shut-down-by-hand"},
}


@pytest.mark.parametrize("scenario", OUTSIDE)
def test_what_only_people_can_do_outside_a_cloud_is_told(case: MakeCase, sound: SourceFacts, scenario: str) -> None:
    machine = sound.replace(guest_tools=True)
    assert ids(judge_machine(case(machine, plan={"scenario": scenario}))) == ALWAYS | OUTSIDE[scenario]


def test_only_a_vm_needs_its_tools_to_be_shut_down(case: MakeCase, sound: SourceFacts) -> None:
    found = {
        each: ids(judge_machine(case(sound.replace(guest_tools=False), plan={"scenario": each}))) for each in OUTSIDE
    }
    assert [scenario for scenario, flagged in found.items() if "vmware-tools-not-running" in flagged] == [
        "vmware-to-azure"
    ]


@pytest.mark.parametrize(
    ("mode", "disks", "target", "concerned"),
    [
        ("agentless", TWO_DISKS, {}, ["/dev/sd0 of 2 disks"]),
        ("agentless", TWO_DISKS[:1], {}, []),
        ("agentless", TWO_DISKS, {"disks": [{"disk": "/dev/sd1", "osDisk": True}]}, []),
        ("appliance", TWO_DISKS, {}, []),
    ],
)
def test_without_agents_the_disk_that_boots_is_assumed_unless_the_plan_names_it(
    case: MakeCase,
    sound: SourceFacts,
    mode: str,
    disks: tuple[DiskFacts, ...],
    target: dict[str, Any],
    concerned: list[str],
) -> None:
    machine = {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": target}
    waves = [{"name": "shop", "machines": [machine]}]
    plan = {"scenario": "vmware-to-azure", "replication": {"mode": mode}, "waves": waves}
    found = judge_machine(case(sound.replace(guest_tools=True, disks=disks), plan=plan))
    assert [each.evidence for each in found if each.id == "boot-disk-assumed"] == concerned


def test_nobody_can_tell_whether_a_server_runs(case: MakeCase, sound: SourceFacts) -> None:
    off = sound.replace(state="stopped", guest_tools=True)
    found = {each: ids(judge_machine(case(off, plan={"scenario": each}))) for each in OUTSIDE}
    assert [scenario for scenario, flagged in found.items() if "machine-not-running" in flagged] == ["vmware-to-azure"]
