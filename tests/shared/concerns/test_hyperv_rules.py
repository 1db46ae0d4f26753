"""Each rule about machines of Hyper-V hosts finds what it is for, and none judges machines of others."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine, judge_plan
from shared.concerns.registry import HYPERV, RULES, MachineCase, Standing
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.concerns.target_facts import TargetFacts

MakeCase = Callable[..., MachineCase]
MACHINE = {"name": "web1", "source": {"name": "WEB1"}, "target": {"size": "Standard_D2s_v5"}}
PLAN: dict[str, Any] = {
    "scenario": "hyperv-to-azure",
    "source": {"hyperv": {"site": "hq"}},
    "waves": [{"name": "shop", "verify": [{"tcp": 22}], "machines": [MACHINE]}],
}
VMM = {"source": {"hyperv": {"vmm": {"server": "vmm1", "clouds": ["Gold"]}}}}
FIREWALL = "cache-storage-firewall-hyperv"
ITEM = "/subscriptions/s/…/replicationProtectedItems/theirs"


def ids(concerns: Any) -> set[str]:
    return {concern.id for concern in concerns}


def on_host(sound: SourceFacts, **more: Any) -> SourceFacts:
    """The sound machine as a host tells of it."""
    return sound.replace(instance_id="/subscriptions/…/vm", devices=(), **more)


MACHINES: list[tuple[str, dict[str, Any]]] = [
    ("device-not-replicated", {"devices": ("a physical disk that is passed through",)}),
    ("already-protected", {"protected_as": ITEM}),
    ("system-not-told", {"os_family": None}),
    ("system-disk-assumed", {"disks": (DiskFacts(device="a.vhdx", root=True), DiskFacts(device="b.vhdx"))}),
]


@pytest.mark.parametrize(("concern", "change"), MACHINES)
def test_a_rule_finds_its_fact(case: MakeCase, sound: SourceFacts, concern: str, change: dict[str, Any]) -> None:
    assert concern not in ids(judge_machine(case(on_host(sound), plan=PLAN)))
    assert concern in ids(judge_machine(case(on_host(sound).replace(**change), plan=PLAN)))


PLANS: list[tuple[str, dict[str, Any]]] = [
    ("hyperv-retention-too-long", {"policy": {"recoveryPointRetention": "P2D"}}),
    ("hyperv-interval", {"policy": {"crashConsistentEvery": "PT10M"}}),
    ("vmm-announced-to-end", VMM),
]


@pytest.mark.parametrize(("concern", "change"), PLANS)
def test_a_rule_finds_what_the_plan_asks_for(case: MakeCase, concern: str, change: dict[str, Any]) -> None:
    assert concern not in ids(judge_plan(case(plan=PLAN)))
    assert concern in ids(judge_plan(case(plan=PLAN | change)))


def test_a_cache_account_behind_any_firewall_is_found(case: MakeCase, target: TargetFacts) -> None:
    assert target.storage
    behind = target.replace(storage=target.storage.replace(firewall="trusted"))
    assert FIREWALL not in ids(judge_plan(case(plan=PLAN)))
    assert FIREWALL in ids(judge_plan(case(plan=PLAN, target=behind)))


def test_every_rule_of_hyperv_is_tried_here() -> None:
    tried = {FIREWALL, *(concern for concern, _ in (*MACHINES, *PLANS))}
    assert {rule.id for rule in RULES.values() if rule.roads == HYPERV} == tried


def test_what_we_replicate_ourselves_is_nobody_elses(case: MakeCase, sound: SourceFacts) -> None:
    ours = {"web1": Standing(replicated=True)}
    off = on_host(sound).replace(protected_as=ITEM, os_family=None)  # a failover that failed has shut it down
    found = judge_machine(case(off, plan=PLAN, standings=ours))
    assert not {"already-protected", "system-not-told"} & ids(found)


def test_before_its_host_shows_a_machine_its_system_is_only_unknown(case: MakeCase) -> None:
    found = judge_machine(case(SourceFacts(), plan=PLAN))
    assert "system-not-told" not in ids(found)
    assert not [each for each in found if each.blocks]
