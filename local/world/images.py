"""The EC2 images that worlds launch from: a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Image:
    """An image as EC2 shows it, and what the system in it is called elsewhere."""

    ami: str
    name: str
    os_type: Literal["Windows", "Linux"]
    os_name: str
    version: str
    platform_details: str
    owner: str
    drivers: tuple[str, ...]
    virtualization: str = "hvm"
    architecture: str = "x86_64"
    boot_mode: str = ""  # what it asks for; `uefi-preferred` says nothing of how its instances boot (recorded)


_MICROSOFT, _REDHAT, _CANONICAL = "801119661308", "309956199498", "099720109477"
# What Windows says of itself: the version that Systems Manager reports (documented by Microsoft).
_BUILDS = {
    "2008 R2": "6.1.7600",
    "2008 R2 SP1": "6.1.7601",
    "2012 R2": "6.3.9600",
    "2016": "10.0.14393",
    "2019": "10.0.17763",
    "2022": "10.0.20348",
}
_AWS_PV = ("AWS PV 8.4.3", "AWS NVMe 1.4.2", "AWS ENA 2.6.0")
_LINUX = ("hv_vmbus", "hv_storvsc", "hv_netvsc", "nvme", "ena")


def _windows(key: str, release: str, date: str, drivers: tuple[str, ...] = _AWS_PV) -> Image:
    name = f"Windows_Server-{release}-English-Full-Base-{date}"
    year = release.removesuffix("_RTM").replace("-", " ").replace("_", " ")
    called, build = f"Windows Server {year}", _BUILDS[year]
    return Image(f"ami-{key}", name, "Windows", called, build, "Windows", _MICROSOFT, drivers)


def _ubuntu(key: str, release: str, word: str, boot_mode: str = "") -> Image:
    name = f"ubuntu/images/hvm-ssd/ubuntu-{word}-{release}-amd64-server-20250610"
    options = {"boot_mode": boot_mode}
    return Image(f"ami-{key}", name, "Linux", f"Ubuntu {release}", release, "Linux/UNIX", _CANONICAL, _LINUX, **options)


def _rhel(key: str, release: str, drivers: tuple[str, ...] = _LINUX, virtualization: str = "hvm") -> Image:
    name = f"RHEL-{release}.0_{virtualization.upper()}-20240115-x86_64-1-Hourly2-GP3"
    words = "Red Hat Enterprise Linux"
    return Image(f"ami-{key}", name, "Linux", f"RHEL {release}", release, words, _REDHAT, drivers, virtualization)


IMAGES: Mapping[str, Image] = {
    "windows-2008-r2": _windows("0f0000002008", "2008-R2_SP1", "2019.12.16", ("Citrix PV 7.2",)),
    "windows-2008-r2-no-sp": _windows("0f0000012008", "2008-R2", "2010.03.10", ("Citrix PV 5.9",)),
    "windows-2012-r2": _windows("0f0000002012", "2012-R2_RTM", "2023.09.13"),
    "windows-2016": _windows("0f0000002016", "2016", "2025.10.15"),
    "windows-2019": _windows("0f0000002019", "2019", "2025.10.15"),
    "windows-2022": _windows("0f0000002022", "2022", "2025.10.15"),
    "windows-2016-redhat-pv": _windows("0f0000092016", "2016", "2017.01.11", ("RedHat PV NIC 1.0",)),
    "ubuntu-20.04": _ubuntu("0f0000012004", "20.04", "focal"),
    "ubuntu-22.04": _ubuntu("0f0000012204", "22.04", "jammy"),
    "ubuntu-24.04": _ubuntu("0f0000012404", "24.04", "noble", "uefi-preferred"),
    "rhel-7": _rhel("0f0000030007", "7.9"),
    "rhel-8": _rhel("0f0000030008", "8.8"),
    "rhel-6-pv": _rhel("0f0000030006", "6.7", ("xen-blkfront",), "paravirtual"),
}


def image_json(image: Image) -> dict[str, Any]:
    """Return a row of the file that moto reads its images from."""
    windows = {"platform": "windows"} if image.os_type == "Windows" else {}
    return {
        "ami_id": image.ami,
        "name": image.name,
        "description": image.os_name,
        "owner_id": image.owner,
        "public": True,
        "virtualization_type": image.virtualization,
        "architecture": image.architecture,
        "state": "available",
        "image_type": "machine",
        "hypervisor": "xen",
        "root_device_name": "/dev/sda1",
        "root_device_type": "ebs",
        "sriov": "simple",
        "creation_date": "2025-10-15T00:00:00.000Z",
        **windows,
    }
