"""What an inspection of a Windows machine on Xen printed: its build, its service pack and its paravirtual drivers."""

import re
from pathlib import Path
from typing import Literal

from shared.guest_scripts.wrapper import GuestScript
from shared.models import Model

SCRIPT = Path(__file__).resolve().parent.parent.parent / "guest_scripts" / "inspect-drivers.ps1"
ENDED = "azferry-inspected"
_SYSTEM = re.compile(r"^azferry-system\|(?P<version>[0-9.]+)\|(?P<pack>[0-9]+)\s*$", re.MULTILINE)
_DRIVER = re.compile(
    r"^azferry-driver\|(?P<maker>[^|\n]*)\|(?P<device>[^|\n]*)\|(?P<version>[^|\n]*?)\s*$", re.MULTILINE
)
# AWS's and Red Hat's drivers of other kinds (NVMe, ENA, VirtIO) are no paravirtual ones of Xen.
_OF_XEN = re.compile(r"\bPV\b|\bXen", re.IGNORECASE)
Kind = Literal["redhat", "citrix", "aws", "none"]
_MAKERS: tuple[tuple[str, Kind], ...] = (("red hat", "redhat"), ("redhat", "redhat"), ("citrix", "citrix"))


class Inspected(Model):
    """What was seen inside a machine."""

    version: str = ""
    service_pack: int = 0
    pv_drivers: Kind = "none"
    drivers: tuple[str, ...] = ()


def script() -> GuestScript:
    """Give the script that prints it."""
    return GuestScript(name="inspect-drivers", text=SCRIPT.read_text(encoding="utf-8"))


def inspected(printed: str) -> Inspected | None:
    """Read what the script printed; None when it did not come to its end."""
    system = _SYSTEM.search(printed)
    if system is None or ENDED not in printed:
        return None
    found = [each for each in _DRIVER.finditer(printed) if _OF_XEN.search(each["device"])]
    return Inspected(
        version=system["version"],
        service_pack=int(system["pack"]),
        pv_drivers=_kind([f"{each['maker']} {each['device']}".lower() for each in found]),
        drivers=tuple(f"{each['device']} {each['version']}" for each in found),
    )


def _kind(names: list[str]) -> Kind:
    """Give the kind that decides: Red Hat's stop a migration whatever stands beside them."""
    for word, kind in _MAKERS:
        if any(word in name for name in names):
            return kind
    return "aws" if any("amazon" in name or "aws" in name for name in names) else "none"
