"""Rules about VMs that go from one Azure region to another."""

from typing import Any

import pytest

from shared.concerns.judge import judge_machine, judge_plan
from shared.concerns.registry import RULES
from shared.concerns.rules.azure import BETWEEN_REGIONS
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.concerns.target_facts import SizeFacts, StorageFacts, TargetFacts, VaultFacts
from tests.shared.concerns.conftest import MakeCase

SIZES = (
    SizeFacts(name="Standard_D2s_v5", family="standardDSv5Family", cores=2, memory_gb=8, max_data_disks=4),
    SizeFacts(name="Standard_D4s_v5", family="standardDSv5Family", cores=4, memory_gb=16, max_data_disks=8),
    SizeFacts(name="Standard_E4s_v5", family="standardESv5Family", cores=4, memory_gb=32, max_data_disks=8),
)
PLAN: dict[str, Any] = {
    "scenario": "azure-to-azure",
    "source": {"azure": {"subscriptionId": "00000000-0000-0000-0000-000000000001", "region": "northeurope"}},
    "waves": [{"name": "shop", "machines": [{"name": "web1", "source": {"name": "web1"}}]}],
}
ASKED = {"outbound-access", "authentication-proxy", "root-certificates"}


@pytest.fixture
def vm(sound: SourceFacts) -> SourceFacts:
    """A VM about which there is nothing to say."""
    disk = DiskFacts(device="os", size_gib=30, type="Premium_LRS", encrypted=False, root=True)
    return sound.replace(size="Standard_D2s_v5", cores=2, memory_gb=8.0, ineligible=(), disks=(disk,))


@pytest.fixture
def region(target: TargetFacts) -> TargetFacts:
    """A target region with its cache account beside the sources."""
    beside = StorageFacts(exists=True, region="northeurope", kind="StorageV2")
    return target.replace(sizes=SIZES, storage=beside, vault_regions=("westeurope", "northeurope"))


def of_machine(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> dict[str, str]:
    found = judge_machine(case(vm, plan=PLAN, target=region))
    return {each.id: each.evidence for each in found if RULES.get(each.id) and RULES[each.id].roads == BETWEEN_REGIONS}


def of_plan(case: MakeCase, vm: SourceFacts, region: TargetFacts, **plan: Any) -> set[str]:
    return {each.id for each in judge_plan(case(vm, plan=PLAN | plan, target=region)) if each.category != "information"}


def test_a_sound_vm_is_only_told_its_size(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> None:
    assert of_machine(case, vm, region) == {"size-chosen": "it is Standard_D2s_v5 now and stays Standard_D2s_v5"}


@pytest.mark.parametrize(
    ("concern", "change"),
    [
        (
            "unmanaged-disks",
            {"disks": (DiskFacts(device="os", size_gib=30, encrypted=False, root=True, managed=False),)},
        ),
        ("disk-encrypted-in-guest", {"disks": (DiskFacts(device="os", size_gib=30, encrypted=True, root=True),)}),
        ("ephemeral-os-disk", {"ephemeral_os_disk": True}),
        ("not-eligible", {"ineligible": ("150172: the OS is not supported",)}),
        ("replicated-already", {"ineligible": ("VirtualMachineAlreadyProtected: in rsv-old",)}),
        ("no-size-fits", {"size": "Standard_M128s", "cores": 128, "memory_gb": 2048.0}),
    ],
)
def test_a_vm_that_cannot_go_is_told_why(
    case: MakeCase, vm: SourceFacts, region: TargetFacts, concern: str, change: dict[str, Any]
) -> None:
    found = of_machine(case, vm.replace(**change), region)
    assert set(found) - {"size-chosen"} == {concern}


def test_the_nearest_size_is_said_by_both_names(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> None:
    old = vm.replace(size="Standard_D4s_v3", cores=4, memory_gb=16.0)
    assert of_machine(case, old, region)["size-chosen"] == (
        "it is Standard_D4s_v3 now and becomes Standard_D4s_v5: westeurope does not offer Standard_D4s_v3"
    )


def test_a_size_that_fits_nobody_is_told_with_what_is_wrong_with_the_old_one(
    case: MakeCase, vm: SourceFacts, region: TargetFacts
) -> None:
    closed = region.replace(sizes=tuple(each.replace(restricted=True) for each in SIZES))
    concern = of_machine(case, vm, closed)["no-size-fits"]
    assert "cannot stay: Standard_D2s_v5 is restricted in westeurope; no other size" in concern


def test_a_local_disk_that_goes_is_told_of_a_chosen_and_of_a_named_size(
    case: MakeCase, vm: SourceFacts, region: TargetFacts
) -> None:
    without = region.replace(sizes=tuple(each.replace(local_disk=False) for each in SIZES))
    has_one = vm.replace(size="Standard_D2ds_v5", local_disk=True)
    lost = "Standard_D2ds_v5 has one, Standard_{} has none"
    assert of_machine(case, has_one, without)["local-disk-lost"] == lost.format("D2s_v5")
    named = PLAN | {"target": {"size": "Standard_E4s_v5"}}
    found = judge_machine(case(has_one, plan=named, target=without))
    assert lost.format("E4s_v5") in [each.evidence for each in found if each.id == "local-disk-lost"]
    assert "local-disk-lost" not in of_machine(case, has_one.replace(local_disk=False), without)


def test_what_only_the_operator_can_see_is_a_warning_to_acknowledge(
    case: MakeCase, vm: SourceFacts, region: TargetFacts
) -> None:
    assert of_plan(case, vm, region) - {"cutover-unattended", "test-skipped"} == ASKED
    assert all(RULES[each].acknowledgeable for each in ASKED)


def test_cache_and_vault_are_where_the_service_wants_them(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> None:
    own_region = region.replace(storage=StorageFacts(exists=True, region="westeurope", kind="StorageV2"))
    assert "cache-not-beside-source" in of_plan(case, vm, own_region)
    missing = region.replace(vault=VaultFacts(exists=False))
    assert not of_plan(case, vm, missing) & {"vault-region-not-offered", "vault-in-source-region"}
    assert "vault-region-not-offered" in of_plan(case, vm, missing.replace(vault_regions=("eastus",)))
    beside = {"target": {"vault": {"name": "rsv-ferry", "region": "northeurope", "create": True}}}
    assert "vault-in-source-region" in of_plan(case, vm, missing, **beside)


def test_the_vms_own_tags_count_with_those_of_the_plan(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> None:
    fifty = {f"t{n}": "" for n in range(50)}
    assert "too-many-tags" not in of_machine(case, vm.replace(tags=fifty), region)
    assert "51" in of_machine(case, vm.replace(tags={**fifty, "one-more": ""}), region)["too-many-tags"]


def test_all_addresses_of_a_card_come_along(case: MakeCase, vm: SourceFacts, region: TargetFacts) -> None:
    nic = NicFacts(id="/x/nic1", ip="10.4.1.7", other_ips=("10.4.1.8",))
    found = of_machine(case, vm.replace(nics=(nic,)), region)
    assert found["several-private-addresses-move"] == "10.4.1.7, 10.4.1.8 of nic1"
    assert "several-private-addresses" not in found


def test_every_rule_between_regions_has_a_test() -> None:
    machine = {"unmanaged-disks", "disk-encrypted-in-guest", "ephemeral-os-disk", "not-eligible", "replicated-already"}
    plan = {"cache-not-beside-source", "vault-region-not-offered", "vault-in-source-region"} | ASKED
    own = {rule.id for rule in RULES.values() if rule.roads == BETWEEN_REGIONS}
    assert own == machine | plan | {"size-chosen", "no-size-fits", "local-disk-lost"} | {
        "too-many-tags",
        "several-private-addresses-move",
    }
