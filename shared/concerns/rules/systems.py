"""Rules about operating systems and drivers: what the guides allow, and what Site Recovery itself lists today."""

import re
from collections.abc import Iterator

from shared.concerns.facts import SupportedOs
from shared.concerns.registry import AWS, TO_AZURE, MachineCase, known, rule

OLDEST_WINDOWS = (6, 1)  # Windows Server 2008 R2 (guides)
OUT_OF_SUPPORT = ("2008", "2012", "centos", "enterprise linux 5", "enterprise linux 6", "ubuntu 14", "ubuntu 16")
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
    elif version[:2] == OLDEST_WINDOWS and known(case.source.service_pack, "service_pack") < 1:
        yield "it is Windows Server 2008 R2 without Service Pack 1"


@rule(
    "redhat-pv-drivers",
    "critical",
    "Windows runs on RedHat PV drivers, which are not supported",
    "Replace them with the AWS PV drivers, restart, then retry.",
    applies_to=AWS,
)
def _redhat_drivers(case: MachineCase) -> Iterator[str]:
    if _on_xen(case) and known(case.source.pv_drivers, "pv_drivers") == "redhat":
        yield "its paravirtual drivers are RedHat's"


@rule(
    "pv-drivers-missing",
    "critical",
    "Windows Server 2008 R2 has neither Citrix nor AWS PV drivers",
    "Install the AWS PV drivers, restart, then retry.",
    applies_to=AWS,
)
def _no_drivers(case: MachineCase) -> Iterator[str]:
    old = _on_xen(case) and _version(known(case.source.os_version, "os_version"))[:2] == OLDEST_WINDOWS
    if old and known(case.source.pv_drivers, "pv_drivers") == "none":
        yield "it is Windows Server 2008 R2 and has no paravirtual drivers"


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
    if not any(_is_listed(one, name, version) for one in listed):
        yield f"{name} {version} is not among the {len(listed)} systems that are listed"


def _is_listed(listed: SupportedOs, name: str, version: str) -> bool:
    """Tell whether a line of the list means this system; the words of its name, and the beginning of its version."""
    if not _words(listed.name) <= _words(name):
        return False
    return not listed.versions or any(version == one or version.startswith(f"{one}.") for one in listed.versions)


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
