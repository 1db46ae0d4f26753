"""What the name of a system says: its family, its version, its service pack.

vCenter and appliances tell one text, such as `Microsoft Windows Server 2019 (64-bit)` or `Ubuntu 22.04`, and often no
version beside it (recorded: `osVersion` may be empty).
"""

import re
from typing import Literal

from shared.models import Model

# What Windows says of itself, by the name it is sold under (documented by Microsoft).
WINDOWS = {
    "2008 r2": "6.1.7601",
    "2008": "6.0.6003",
    "2012 r2": "6.3.9600",
    "2012": "6.2.9200",
    "2016": "10.0.14393",
    "2019": "10.0.17763",
    "2022": "10.0.20348",
    "2025": "10.0.26100",
}
FIRST_2008_R2 = 7600  # the build of Windows Server 2008 R2 without a service pack
NUMBER = re.compile(r"\b\d+(?:\.\d+)*\b")


class GuestOs(Model):
    """A system as far as its name tells; None = the name does not say."""

    family: Literal["windows", "linux"] | None = None
    name: str | None = None
    version: str | None = None
    service_pack: int | None = None
    architecture: str | None = None


def guest_os(kind: str, name: str, version: str = "", architecture: str = "") -> GuestOs:
    """Read a system; `kind` is the appliance's word for the family, such as Windows, linuxGuest or windowsguest."""
    family = _family(f"{kind} {name}".lower())
    return GuestOs(
        family=family,
        name=name or None,
        version=version or _version(family, name.lower()),
        service_pack=_service_pack(name.lower()) if family == "windows" else None,
        architecture=_architecture(f"{architecture} {name}".lower()),
    )


def _family(text: str) -> Literal["windows", "linux"] | None:
    if "windows" in text:
        return "windows"
    return "linux" if text.strip() else None


def _version(family: str | None, name: str) -> str | None:
    """Give the version that a name implies; the bits in brackets are none."""
    if family == "windows":
        return next((version for year, version in WINDOWS.items() if year in name), None)
    found = NUMBER.search(re.sub(r"\(.*?\)", "", name))
    return found.group() if found else None


def pack_of(version: str) -> int | None:
    """Give the service pack that a build tells, where a system reported it itself: 6.1.7600 has none, 6.1.7601 is SP1."""
    build = re.fullmatch(r"6\.1\.(\d+)(?:\.\d+)*", version)
    return None if build is None else int(int(build.group(1)) > FIRST_2008_R2)


def _service_pack(name: str) -> int | None:
    found = re.search(r"(?:service pack |\bsp)(\d)", name)
    return int(found.group(1)) if found else None


def _architecture(text: str) -> str | None:
    if "32-bit" in text or "x86 " in text or "i386" in text:
        return "i386"
    return "x86_64" if "64" in text and "arm" not in text else None
