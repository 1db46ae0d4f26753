"""Whether a console shows a system that came up, and which machines bring an agent along."""

import pytest

from activities.verification.boot_evidence import is_up
from shared.site_recovery.vm_agent import comes_along

LINUX = "[  OK  ] Reached target Multi-User System.\n\nUbuntu 22.04 web1 ttyS0\n\nweb1 login: "


@pytest.mark.parametrize(
    ("console", "up"),
    [
        (LINUX, True),
        (LINUX + "\n[ 12.3] cloud-init: done\n", True),
        ("Computer is booting, SAC started and initialized.\r\nSAC>", True),
        ("EVENT: The CMD command is now available.", True),
        ("Booting\n", False),
        ("", False),
        ("Entering emergency mode. Exit the shell to continue.\n", False),
        (LINUX + "\nKernel panic - not syncing: Attempted to kill init!", False),
        ("*** STOP: 0x0000007B INACCESSIBLE_BOOT_DEVICE", False),
        ("error: unknown filesystem.\ngrub rescue> ", False),
        ("Last login: Tue Nov 24 on tty1\n", False),
    ],
)
def test_a_console_that_asks_to_sign_in_last_is_up(console: str, up: bool) -> None:
    assert is_up(console) is up


@pytest.mark.parametrize(
    ("provider", "family", "brings"),
    [
        ("InMageRcm", "windows", True),
        ("InMageRcm", "linux", False),
        ("InMageAzureV2", "linux", False),
        ("HyperVReplicaAzure", "windows", False),
        ("VMwareCbt", "linux", True),
        ("A2A", "linux", True),
        ("InMageRcm", None, False),
    ],
)
def test_which_machines_bring_the_vm_agent(provider: str, family: str | None, brings: bool) -> None:
    assert comes_along(provider, family) is brings
