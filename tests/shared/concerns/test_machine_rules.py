"""Each rule about a machine finds what it is for, and is silent about a sound machine."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.concerns.judge import judge_machine, judged_machine
from shared.concerns.registry import HYPERV, RULES, Concern, MachineCase, Standing
from shared.concerns.rules.azure import BETWEEN_REGIONS
from shared.concerns.source_facts import DiskFacts, NicFacts, SourceFacts
from shared.concerns.target_facts import SizeFacts, SubnetFacts, SupportedOs, TargetFacts, VmFacts
from tests.shared.concerns import test_named, test_parts

MakeCase = Callable[..., MachineCase]
OWN_TESTS = (HYPERV, BETWEEN_REGIONS)  # these have files of their own
ALWAYS = {"private-ip-changes"}  # a move changes the address unless the plan keeps it


def ids(concerns: tuple[Concern, ...]) -> set[str]:
    return {concern.id for concern in concerns}


def test_nothing_is_said_about_a_sound_machine(case: MakeCase) -> None:
    assert ids(judge_machine(case())) == ALWAYS


def test_nothing_is_said_about_a_sound_windows_machine(case: MakeCase, windows: SourceFacts) -> None:
    assert ids(judge_machine(case(windows))) == ALWAYS | {"licence-included"}


def test_an_old_windows_with_aws_drivers_may_go(case: MakeCase, old_windows: SourceFacts) -> None:
    found = judge_machine(case(old_windows))

    assert [concern.id for concern in found if concern.blocks] == []


ROOT = DiskFacts(device="/dev/sda1", size_gib=30, root=True)
LARGE = tuple(DiskFacts(device=f"/dev/sd{n}", size_gib=10) for n in range(65))

SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("machine-not-found", {"found": False}),
    ("machine-ambiguous", {"found": False, "fits": ("i-1 (a, vpc-a)", "i-2 (b, vpc-b)")}),
    ("machine-terminated", {"state": "terminated"}),
    ("machine-terminated", {"state": "shutting-down"}),
    ("machine-not-running", {"state": "stopped"}),
    ("migrated-before", {"moved_by": "web1 was migrated by case.1 and serves as web1"}),
    ("replicated-by-earlier-migration", {"replicated_by": "web1's replication belongs to case.1"}),
    ("machine-not-running", {"state": "pending"}),
    ("machine-busy", {"busy_in": "other.1"}),
    ("spot-instance", {"spot": True}),
    ("auto-scaling-group", {"auto_scaling_group": "asg-web"}),
    ("dedicated-tenancy", {"tenancy": "host"}),
    ("no-management-agent", {"ssm_online": False}),
    ("churn-too-high", {"churn_mib_per_second": 54.1}),
    ("not-64-bit", {"architecture": "i386"}),
    ("arm64-not-supported", {"architecture": "arm64"}),
    ("arm64-not-supported", {"architecture": "arm64_mac"}),
    ("linux-paravirtual", {"virtualization_type": "paravirtual", "os_name": "RHEL", "os_version": "6.7"}),
    ("os-not-supported", {"os_name": "Amazon Linux", "os_version": "2023"}),
    ("os-not-supported", {"os_version": "24.04"}),
    ("os-not-supported", {"os_name": "Red Hat Enterprise Linux", "os_version": "60.1"}),
    ("os-out-of-support", {"os_name": "RHEL", "os_version": "6.7", "os_family": "linux"} | {"os_name": "CentOS"}),
    ("uefi-secure-boot", {"boot_mode": "uefi", "secure_boot": True}),
    ("uefi-becomes-generation-2", {"boot_mode": "uefi"}),
    ("licence-included", {"platform_details": "Red Hat Enterprise Linux"}),
    ("no-disk-seen", {"disks": ()}),
    ("instance-store-lost", {"disks": (ROOT, DiskFacts(device="ephemeral0", size_gib=100, instance_store=True))}),
    ("disk-too-large", {"disks": (ROOT, DiskFacts(device="/dev/sdb", size_gib=32_768))}),
    ("os-disk-too-large", {"disks": (ROOT.replace(size_gib=2_049),)}),
    ("os-disk-too-large", {"disks": (ROOT.replace(size_gib=4_097),), "boot_mode": "uefi"}),
    ("too-many-disks", {"disks": (ROOT, *LARGE)}),
    ("too-many-disks-for-size", {"disks": (ROOT, *LARGE[:5])}),
    ("disk-encrypted-at-source", {"disks": (ROOT.replace(encrypted=True),)}),
    ("public-ip-lost", {"public_ips": ("52.1.2.3",)}),
    ("public-ip-lost", {"public_ips": ("52.1.2.3",), "elastic_ips": ("52.1.2.4",)}),
    ("elastic-ip-stays", {"elastic_ips": ("52.1.2.3",)}),
    ("elastic-ip-stays", {"public_ips": ("52.1.2.3",), "elastic_ips": ("52.1.2.4",)}),
    ("several-private-addresses", {"nics": (NicFacts(vpc_id="vpc-0abc", ip="10.0.2.15", other_ips=("10.0.2.16",)),)}),
    ("stop-protection", {"stop_protection": True}),
    ("target-name-promised", {"name_promised_to": "other.1"}),
    ("several-network-interfaces", {"nics": (NicFacts(vpc_id="vpc-0abc"), NicFacts(vpc_id="vpc-0abc"))}),
    ("other-vpc", {"nics": (NicFacts(vpc_id="vpc-0def"),)}),
]


@pytest.mark.parametrize(("concern", "facts"), SOURCES)
def test_a_rule_finds_its_fact_of_the_source(
    case: MakeCase, sound: SourceFacts, concern: str, facts: dict[str, Any]
) -> None:
    assert concern in ids(judge_machine(case(sound.replace(**facts))))


SILENT: list[tuple[str, dict[str, Any]]] = [
    ("os-disk-too-large", {"disks": (ROOT.replace(size_gib=2_048),)}),
    ("os-disk-too-large", {"disks": (ROOT.replace(size_gib=4_096),), "boot_mode": "uefi"}),
    ("disk-too-large", {"disks": (ROOT, DiskFacts(device="/dev/sdb", size_gib=32_767))}),
    ("too-many-disks", {"disks": (ROOT, *LARGE[:64])}),
    ("too-many-disks-for-size", {"disks": (ROOT, *LARGE[:4])}),
    ("public-ip-lost", {"elastic_ips": ("52.1.2.3",)}),
    ("uefi-secure-boot", {"boot_mode": "uefi"}),
    ("os-not-supported", {"os_name": "RHEL", "os_version": "6.7"}),
    ("os-not-supported", {"os_name": "Red Hat Enterprise Linux Server", "os_version": "8.6"}),
    ("churn-too-high", {"churn_mib_per_second": 54.0}),
]


@pytest.mark.parametrize(("concern", "facts"), SILENT)
def test_a_rule_is_silent_at_its_limit(case: MakeCase, sound: SourceFacts, concern: str, facts: dict[str, Any]) -> None:
    assert concern not in ids(judge_machine(case(sound.replace(**facts))))


@pytest.mark.parametrize(
    ("concern", "facts"),
    [
        ("redhat-pv-drivers", {"pv_drivers": "redhat"}),
        ("pv-drivers-missing", {"pv_drivers": "none"}),
        ("windows-too-old", {"service_pack": 0}),
        ("windows-too-old", {"os_version": "6.0.6003"}),
        ("windows-too-old", {"os_version": "5.2.3790"}),
        ("bitlocker-on", {"bitlocker": True}),
        ("os-out-of-support", {}),
    ],
)
def test_a_rule_finds_its_fact_of_old_windows(
    case: MakeCase, old_windows: SourceFacts, concern: str, facts: dict[str, Any]
) -> None:
    assert concern in ids(judge_machine(case(old_windows.replace(**facts))))


ARM = SizeFacts(name="Standard_D2ps_v5", processor="Arm64", generations=("V2",))


def on_machine(**target: Any) -> dict[str, Any]:
    machine = {"name": "web1", "source": {"instanceId": "i-0aaa1111"}, "target": target}
    return {"waves": [{"name": "shop", "machines": [machine]}]}


@pytest.mark.parametrize(
    ("concern", "plan"),
    [
        ("no-checks", on_machine()),
        ("services-not-stopped", on_machine()),
        ("size-not-in-region", on_machine(size="Standard_X1")),
        ("windows-name-too-long", on_machine(name="a-name-of-sixteen")),
        ("windows-name-of-digits", on_machine(name="12345")),
        ("hybrid-benefit-not-used", on_machine(licence="NoLicenseType")),
        ("too-many-cards-for-size", on_machine(size="Standard_D2s_v5", nics=[{}, {}, {}])),
        ("zone-not-offered", on_machine(size="Standard_D2s_v5", zone="3")),
        ("premium-not-possible", on_machine(size="Standard_M128", diskType="Premium_LRS")),
        ("premium-not-possible", on_machine(size="Standard_M128", disks=[{"disk": "x", "type": "Premium_LRS"}])),
        ("static-address-taken", on_machine(nics=[{"privateIp": "10.1.2.10"}])),
        ("static-address-outside-subnet", on_machine(privateIp="10.1.3.10")),
        ("static-address-outside-subnet", on_machine(privateIp="10.1.2.3")),
        ("static-address-outside-subnet", on_machine(testPrivateIp="10.1.2.255")),
        ("static-address-taken", on_machine(privateIp="10.1.2.10")),
        ("target-name-taken", on_machine(name="TAKEN")),
        ("size-restricted", on_machine(size="Standard_M128")),
        ("size-of-other-processor", on_machine(size="Standard_D2ps_v5")),
        ("size-of-other-generation", on_machine(size="Standard_D2ps_v5")),
        ("push-needs-firewall", {"replication": {"mode": "configurationServer", "agent": {"install": "push"}}}),
        ("termination-protection", {"finish": {"decommission": {"mode": "terminate"}}}),
    ],
)
def test_a_rule_finds_what_the_plan_asks_for(
    case: MakeCase, windows: SourceFacts, target: TargetFacts, concern: str, plan: dict[str, Any]
) -> None:
    networks = [
        network.replace(subnets=(SubnetFacts(name="app", prefix="10.1.2.0/24", free=9, used_ips=("10.1.2.10",)),))
        for network in target.networks or ()
    ]
    sizes = (*(target.sizes or ()), SizeFacts(name="Standard_M128", premium=False, restricted=True), ARM)
    spoilt = target.replace(networks=tuple(networks), sizes=sizes, vms=(VmFacts(name="taken", group="rg-finance"),))

    found = judge_machine(case(windows.replace(termination_protection=True), plan=plan, target=spoilt))

    assert concern in ids(found)


GUID = "5d1c4a0e-0000-4000-8000-00000000beef"


@pytest.mark.parametrize(
    ("standing", "guid", "concerns"),
    [
        (Standing(fenced=GUID), GUID.upper(), {"fenced-target-left"}),
        (Standing(fenced=GUID), "another", {"target-name-taken"}),
        (Standing(failing_over=True), "another", set()),
        (Standing(), "another", {"target-name-taken"}),
    ],
)
def test_a_vm_of_the_machines_name_is_ours_or_a_strangers(
    case: MakeCase, target: TargetFacts, standing: Standing, guid: str, concerns: set[str]
) -> None:
    taken = target.replace(vms=(VmFacts(name="Web1", group="rg-finance", guid=guid),))
    found = ids(judge_machine(case(target=taken, standings={"web1": standing})))
    assert found & {"fenced-target-left", "target-name-taken"} == concerns


def test_a_vm_in_another_group_takes_no_name(case: MakeCase, target: TargetFacts) -> None:
    elsewhere = target.replace(vms=(VmFacts(name="web1", group="rg-other"),))
    assert "target-name-taken" not in ids(judge_machine(case(target=elsewhere)))


def test_a_source_that_we_stopped_ourselves_is_no_concern(case: MakeCase, sound: SourceFacts) -> None:
    off = sound.replace(state="stopped")
    assert "machine-not-running" in ids(judge_machine(case(off)))
    assert "machine-not-running" not in ids(judge_machine(case(off, standings={"web1": Standing(stopped=True)})))


@pytest.mark.parametrize(
    "plan",
    [
        {"target": {"diskEncryptionSet": "des-we"}},
        on_machine(diskEncryptionSet="des-we"),
        on_machine(disks=[{"disk": "vol-1", "encryptionSet": "des-we"}]),
    ],
)
def test_a_key_that_the_plan_replaces_is_no_concern(case: MakeCase, sound: SourceFacts, plan: dict[str, Any]) -> None:
    keyed = sound.replace(disks=(ROOT.replace(encrypted=True, kms_key="arn:aws:kms:key/1", volume_id="vol-1"),))
    found = {each.id: each for each in judge_machine(case(keyed))}
    assert found["disk-encrypted-at-source"].category == "warning"
    assert "with arn:aws:kms:key/1" in found["disk-encrypted-at-source"].evidence
    assert "disk-encrypted-at-source" not in {each.id for each in judge_machine(case(keyed, plan=plan))}


def test_an_address_that_its_own_failover_has_is_no_concern(
    case: MakeCase, sound: SourceFacts, target: TargetFacts
) -> None:
    taken = SubnetFacts(name="app", prefix="10.1.2.0/24", free=9, used_ips=("10.1.2.10",))
    busy = target.replace(networks=tuple(each.replace(subnets=(taken,)) for each in target.networks or ()))
    plan = on_machine(privateIp="10.1.2.10")
    assert "static-address-taken" in {each.id for each in judge_machine(case(sound, target=busy, plan=plan))}
    own = {"web1": Standing(failing_over=True)}
    found = judge_machine(case(sound, target=busy, plan=plan, standings=own))
    assert "static-address-taken" not in {each.id for each in found}


STOP, START = {"stopServices": "systemctl stop shop"}, {"startServices": "systemctl start shop"}


@pytest.mark.parametrize(
    ("of_wave", "of_machine", "warned"),
    [
        (STOP, {}, True),
        ({}, STOP, True),
        (STOP | START, {}, False),
        (START, STOP, True),
        (STOP | START, STOP, True),  # scripts of a machine replace those of its wave, both of them
        ({}, START, False),
        ({}, {}, False),
    ],
)
def test_services_that_are_stopped_and_that_nothing_starts_again_are_a_warning(
    case: MakeCase, of_wave: dict[str, str], of_machine: dict[str, str], *, warned: bool
) -> None:
    wave = on_machine()["waves"][0]
    (machine,) = wave["machines"]
    plan = {"waves": [wave | {"scripts": of_wave, "machines": [machine | {"scripts": of_machine}]}]}
    found = {each.id: each for each in judge_machine(case(plan=plan))}
    assert ("services-not-started-again" in found) == warned
    assert not warned or found["services-not-started-again"].category == "warning"


def test_every_rule_about_machines_has_a_test() -> None:
    tested = {concern for concern, _ in SOURCES} | ALWAYS
    tested |= {"redhat-pv-drivers", "pv-drivers-missing", "windows-too-old", "bitlocker-on", "no-checks"}
    tested |= {
        "way-closed",
        "checks-need-an-agent",
        "scripts-need-an-agent",
        "services-not-started-again",
    }  # test_servers.py, and below
    tested |= {"services-not-stopped", "size-not-in-region", "windows-name-too-long", "windows-name-of-digits"}
    tested |= {"hybrid-benefit-not-used", "static-address-outside-subnet", "static-address-taken"}
    tested |= {
        "target-name-taken",
        "fenced-target-left",
        "size-restricted",
        "termination-protection",
        "push-needs-firewall",
    }
    tested |= {"too-many-cards-for-size", "zone-not-offered", "premium-not-possible"}
    tested |= {"size-of-other-processor", "size-of-other-generation"} | test_named.MACHINE_RULES | test_parts.RULES
    tested |= {"network-not-seen", "shut-down-by-hand", "scripts-by-hand", "vmware-tools-not-running"}
    tested.add("boot-disk-assumed")
    tested |= {"static-address-twice", "kept-address-not-known"}  # test_kept_addresses.py
    tested |= {"source-drifted", "source-changed"}  # test_changes.py

    others = {rule.id for rule in RULES.values() if rule.scope == "machine" and rule.roads not in OWN_TESTS}
    assert others - tested == set()


def test_a_provider_that_lists_no_systems_does_not_stop_any(case: MakeCase, target: TargetFacts) -> None:
    found = judged_machine(case(target=target.replace(supported_os=())))
    assert [concern.id for concern in found.concerns if concern.blocks] == []
    assert found.unjudged["os-not-supported"] == "supported_os"


@pytest.mark.parametrize(("pack", "refused"), [(0, True), (1, False), (2, False), (None, False)])
def test_the_service_pack_that_the_services_own_list_demands_is_compared(
    case: MakeCase, old_windows: SourceFacts, target: TargetFacts, *, pack: int | None, refused: bool
) -> None:
    listed = SupportedOs(name="Windows Server 2008 R2", versions=("6.1",), service_packs={"6.1": 1})
    machine = old_windows.replace(service_pack=pack)
    found = judge_machine(case(machine, target=target.replace(supported_os=(listed,))))
    evidence = [each.evidence for each in found if each.id == "os-not-supported"]
    assert bool(evidence) == refused
    assert not refused or "listed from Service Pack 1 on, it has none" in evidence[0]
