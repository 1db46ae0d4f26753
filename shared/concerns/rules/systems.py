"""Rules about operating systems and drivers: what the guides allow, and what Site Recovery itself lists today."""

import re
from collections.abc import Callable, Iterator

from shared.concerns.registry import AWS, TO_AZURE, Case, MachineCase, known, plan_rule, rule
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import SupportedOs
from shared.plan.machines import Machine
from shared.reporting.name_lists import some_of

OLDEST_WINDOWS = (6, 1)  # Windows Server 2008 R2 (guides)
OUT_OF_SUPPORT = ("2008", "2012", "centos", "enterprise linux 5", "enterprise linux 6", "ubuntu 14", "ubuntu 16")
SHOWN = 20  # machines named in one line
SHORT_NAMES = {"rhel": "red hat enterprise linux", "sles": "suse linux enterprise server"}


def _windows(case: MachineCase) -> bool:
    return known(case.source.os_family, "os_family") == "windows"


def _version(text: str) -> tuple[int, ...]:
    """Give the numbers of a version."""
    return tuple(int(number) for number in re.findall(r"[0-9]+", text)[:4])


@rule(
    "not-64-bit",
    "critical",
    "Only 64-bit machines can be migrated",
    "Move its workload to a 64-bit machine; Site Recovery replicates none of 32 bits.",
    applies_to=TO_AZURE,
)
def _not_64_bit(case: MachineCase) -> Iterator[str]:
    architecture = known(case.source.architecture, "architecture")
    if architecture.startswith("i386"):
        yield f"its architecture is {architecture}"


@rule(
    "arm64-not-supported",
    "critical",
    "Machines with Arm processors cannot be migrated",
    "Move its workload to an x86-64 machine first; the Mobility service knows no Arm.",
)
def _arm64(case: MachineCase) -> Iterator[str]:
    architecture = known(case.source.architecture, "architecture")
    if architecture.startswith(("arm", "aarch")):
        yield f"its architecture is {architecture}"


@rule(
    "windows-too-old",
    "critical",
    "Windows is older than Windows Server 2008 R2 SP1",
    "Upgrade it to Windows Server 2008 R2 with Service Pack 1 or later.",
)
def _windows_too_old(case: MachineCase) -> Iterator[str]:
    if not _windows(case):
        return
    version = _version(known(case.source.os_version, "os_version"))
    if version[:2] < OLDEST_WINDOWS:
        yield f"its version is {case.source.os_version}"
    elif version[:2] == OLDEST_WINDOWS and case.service_pack_of(case.machine) == 0:
        yield f"it is Windows Server 2008 R2 without Service Pack 1: its version is {case.source.os_version}"


@plan_rule(
    "service-pack-unknown",
    "warning",
    "Nobody could see whether Windows Server 2008 R2 has Service Pack 1",
    "Run `winver` on each: build 7601 has it, 7600 has not. Say so in the plan (servicePack: 1 of the machine), or bring its "
    "management agent up, and retry.",
    applies_to=TO_AZURE,
)
def _pack_unknown(case: Case) -> Iterator[str]:
    def unknown(machine: Machine, source: SourceFacts) -> bool:
        old = source.os_family == "windows" and _version(source.os_version or "")[:2] == OLDEST_WINDOWS
        return old and case.service_pack_of(machine) is None

    yield from _together(case, unknown)


def _together(case: Case, which: Callable[[Machine, SourceFacts], bool]) -> Iterator[str]:
    """Name all machines of which something is not known in one line."""
    found = [
        machine.name
        for _, machine in case.plan.entries()
        if which(machine, case.sources.get(machine.name, SourceFacts()))
    ]
    if found:
        yield f"not known of {some_of(found, SHOWN)}"


@rule(
    "redhat-pv-drivers",
    "critical",
    "Windows runs on RedHat PV drivers, which are not supported",
    "Replace them with the AWS PV drivers, restart, then retry.",
    applies_to=AWS,
)
def _redhat_drivers(case: MachineCase) -> Iterator[str]:
    if _on_xen(case) and case.pv_drivers_of(case.machine) == "redhat":
        yield f"its paravirtual drivers are RedHat's{_seen(case)}"


def _seen(case: MachineCase) -> str:
    return f": {', '.join(case.source.drivers)}" if case.source.drivers else ""


@rule(
    "pv-drivers-missing",
    "critical",
    "Windows Server 2008 R2 has neither Citrix nor AWS PV drivers",
    "Install the AWS PV drivers, restart, then retry.",
    applies_to=AWS,
)
def _no_drivers(case: MachineCase) -> Iterator[str]:
    old = _on_xen(case) and _version(known(case.source.os_version, "os_version"))[:2] == OLDEST_WINDOWS
    if old and case.pv_drivers_of(case.machine) == "none":
        yield "it is Windows Server 2008 R2 and has no paravirtual drivers"


@plan_rule(
    "drivers-unknown",
    "warning",
    "Nobody could see which paravirtual drivers Windows on Xen runs on",
    "Look in the Device Manager of each, under storage controllers and network adapters: AWS PV and Citrix PV may go, RedHat "
    "PV may not. Say so in the plan (pvDrivers of the machine) or in the tag azferry:pv-drivers (aws, citrix, redhat or none); "
    "or bring the SSM agent up with source.aws.inspect on, and retry.",
    applies_to=AWS,
)
def _drivers_unknown(case: Case) -> Iterator[str]:
    def unknown(machine: Machine, source: SourceFacts) -> bool:
        xen = source.os_family == "windows" and source.hypervisor == "xen"
        return xen and case.pv_drivers_of(machine) is None

    yield from _together(case, unknown)


def _on_xen(case: MachineCase) -> bool:
    """Tell whether it is Windows on Xen: only there are paravirtual drivers."""
    return _windows(case) and known(case.source.hypervisor, "hypervisor") == "xen"


@rule(
    "linux-paravirtual",
    "critical",
    "Linux is paravirtualised; only HVM instances can be migrated",
    "Start the machine anew as an HVM instance from its disks, then retry.",
    applies_to=AWS,
)
def _paravirtual(case: MachineCase) -> Iterator[str]:
    if not _windows(case) and known(case.source.virtualization_type, "virtualization_type") == "paravirtual":
        yield "its virtualization type is paravirtual"


@rule(
    "os-not-supported",
    "critical",
    "The operating system is not on Site Recovery's list of today",
    "Upgrade it to a supported release. If the list only names it otherwise, acknowledge with the name used there.",
    applies_to=TO_AZURE,
    acknowledgeable=True,
)
def _not_supported(case: MachineCase) -> Iterator[str]:
    # a provider for which nothing is listed (copies from snapshots need no agent) is not judged by an empty list
    listed = known(case.target.supported_os or None, "supported_os")
    name, version = known(case.source.os_name, "os_name"), known(case.source.os_version, "os_version")
    fitting = [each for each in listed if _is_listed(each, name, version)]
    if not fitting:
        yield f"{name} {version} is not among the {len(listed)} systems that are listed"
        return
    # A pack that nobody knows is told by service-pack-unknown. On Linux the version itself says it (SUSE 12.5 is SP5).
    has, demanded = case.service_pack_of(case.machine), min(_pack_for(each, version) for each in fitting)
    if case.source.os_family == "windows" and has is not None and has < demanded:
        yield f"{name} {version} is listed from Service Pack {demanded} on, it has {has or 'none'}"


def _pack_for(listed: SupportedOs, version: str) -> int:
    """Give the lowest service pack that a line of the list demands of a version; 0 = none."""
    return max((pack for release, pack in listed.service_packs.items() if _begins(version, release)), default=0)


def _begins(version: str, each: str) -> bool:
    return version == each or version.startswith(f"{each}.")


def _is_listed(listed: SupportedOs, name: str, version: str) -> bool:
    """Tell whether a line of the list means this system; the words of its name, and the beginning of its version."""
    if not _words(listed.name) <= _words(name):
        return False
    return not listed.versions or any(_begins(version, each) for each in listed.versions)


def _words(name: str) -> set[str]:
    """Give the words of a system's name."""
    text = name.lower()
    for short, long in SHORT_NAMES.items():
        text = text.replace(short, long)
    return set(re.findall(r"[a-z0-9.]+", text))


@rule(
    "os-out-of-support",
    "information",
    "The maker of the operating system no longer supports it",
    "It can be migrated as it is; plan an upgrade in Azure.",
)
def _out_of_support(case: MachineCase) -> Iterator[str]:
    name = f"{known(case.source.os_name, 'os_name')} {known(case.source.os_version, 'os_version')}"
    if any(old in name.lower() for old in OUT_OF_SUPPORT):
        yield f"it runs {name}"


@rule(
    "uefi-secure-boot",
    "critical",
    "The machine boots with UEFI Secure Boot, which replication does not support",
    "Turn Secure Boot off in the machine's firmware settings, see that it boots, then retry.",
    applies_to=TO_AZURE,
)
def _secure_boot(case: MachineCase) -> Iterator[str]:
    if known(case.source.boot_mode, "boot_mode").startswith("uefi") and known(case.source.secure_boot, "secure_boot"):
        yield "it boots with UEFI and Secure Boot is on"


@rule(
    "uefi-becomes-generation-2",
    "information",
    "The machine boots with UEFI and becomes a generation 2 VM",
    "Choose a size that offers generation 2.",
    applies_to=TO_AZURE,
)
def _generation_2(case: MachineCase) -> Iterator[str]:
    if known(case.source.boot_mode, "boot_mode").startswith("uefi"):
        yield f"its boot mode is {case.source.boot_mode}"


@rule(
    "bitlocker-on",
    "critical",
    "A volume is encrypted with BitLocker",
    "Turn BitLocker off for every volume before replication; Azure encrypts the disks itself.",
    applies_to=TO_AZURE,
)
def _bitlocker(case: MachineCase) -> Iterator[str]:
    if _windows(case) and known(case.source.bitlocker, "bitlocker"):
        yield "BitLocker is on"


@rule(
    "licence-included",
    "information",
    "AWS includes the licence of the system or of software on it; Azure will not",
    "Bring licences (Azure Hybrid Benefit, subscriptions of Red Hat or SUSE, SQL Server) or plan for their cost.",
    applies_to=AWS,
)
def _licence(case: MachineCase) -> Iterator[str]:
    details = known(case.source.platform_details, "platform_details")
    if details not in ("Linux/UNIX", ""):
        yield f"AWS bills it as {details}"
