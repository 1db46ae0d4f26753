"""What the name of a system says."""

import pytest

from shared.sources.guest_os import GuestOs, guest_os


@pytest.mark.parametrize(
    ("kind", "name", "family", "version"),
    [
        ("windowsGuest", "Microsoft Windows Server 2012 R2 (64-bit)", "windows", "6.3.9600"),
        ("Windows", "Windows Server 2012", "windows", "6.2.9200"),
        ("linuxGuest", "Red Hat Enterprise Linux 8 (64-bit)", "linux", "8"),
        ("Linux", "Ubuntu 22.04", "linux", "22.04"),
        ("", "Ubuntu Linux (64-bit)", "linux", None),
    ],
)
def test_family_and_version_come_out_of_the_name(kind: str, name: str, family: str, version: str | None) -> None:
    system = guest_os(kind, name)
    assert (system.family, system.version) == (family, version)


def test_what_is_told_beside_the_name_goes_first() -> None:
    assert guest_os("Linux", "RHEL 8", "8.8").version == "8.8"


def test_the_service_pack_and_the_bits_are_read_from_it() -> None:
    old = guest_os("Windows", "Windows Server 2008 R2 Service Pack 1 (32-bit)")
    assert (old.service_pack, old.architecture) == (1, "i386")
    assert guest_os("Windows", "Windows Server 2008 R2 SP1", architecture="x64").service_pack == 1


def test_no_name_says_nothing() -> None:
    assert guest_os("", "") == GuestOs()
