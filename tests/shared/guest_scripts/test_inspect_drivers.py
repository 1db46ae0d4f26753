"""Looking for paravirtual drivers: the script itself, run by a real PowerShell against what WMI of a Windows machine answers."""

from pathlib import Path

import pytest

from shared.sources.aws.inspected import Inspected, inspected, script
from tests.shared.guest_scripts.roads import Machine

WMI = """
function driver($Maker, $Name, $Version) {
    New-Object psobject -Property @{ DriverProviderName = $Maker; DeviceName = $Name; DriverVersion = $Version }
}
function Get-WmiObject([string]$Class) {
    if ($Class -eq 'Win32_OperatingSystem') {
        return New-Object psobject -Property @{ Version = '6.1.7601'; ServicePackMajorVersion = 1 }
    }
    if ($Class -ne 'Win32_PnPSignedDriver') { throw "no such class: $Class" }
    DRIVERS
}
"""
PLAIN = "'Microsoft' 'Local Print Queue' '6.1.7600.16385'", "$null $null $null"
AWS = (
    "'Amazon Inc.' 'AWS PV Network Device #0' '8.2.6.1'",
    "'Amazon Inc.' 'AWS PV Network Device #1' '8.2.6.1'",
    "'Amazon Inc.' 'AWS NVMe Elastic Block Storage Adapter' '1.3.2.53'",
)
RED_HAT = ("'Red Hat Inc.' 'RedHat PV NIC Driver' '1.3.10.0'",)


def look(folder: Path, drivers: tuple[str, ...]) -> Inspected | None:
    """Run the script on a machine with these drivers, as Systems Manager does, and read what it printed."""
    lines = "\n".join(f"    driver {each}" for each in drivers)
    made = script()
    ended = Machine(folder).run("SSM", made.replace(text=WMI.replace("DRIVERS", lines) + made.text))
    return inspected(ended.result.stdout) if ended.result.succeeded else None


@pytest.mark.parametrize(
    ("drivers", "kind", "named"),
    [
        (PLAIN, "none", ()),
        (PLAIN + AWS, "aws", ("AWS PV Network Device 8.2.6.1",)),
        (AWS[2:], "none", ()),
        (RED_HAT + AWS[:1], "redhat", ("AWS PV Network Device 8.2.6.1", "RedHat PV NIC Driver 1.3.10.0")),
        (
            ("'Citrix Systems, Inc.' 'Citrix PV Ethernet Adapter #0' '7.2.0.59'",),
            "citrix",
            ("Citrix PV Ethernet Adapter 7.2.0.59",),
        ),
    ],
    ids=["none", "AWS", "of Nitro", "Red Hat beside AWS", "Citrix"],
)
def test_the_drivers_are_seen(tmp_path: Path, drivers: tuple[str, ...], kind: str, named: tuple[str, ...]) -> None:
    seen = look(tmp_path, drivers)
    assert seen
    assert (seen.version, seen.service_pack) == ("6.1.7601", 1)
    assert (seen.pv_drivers, seen.drivers) == (kind, named)


def test_a_machine_whose_wmi_is_broken_is_told_as_unknown(tmp_path: Path) -> None:
    assert look(tmp_path, ("(throw 'Generic failure') a b",)) is None
