"""Trying connections from inside a machine: every place that does not answer is named, nothing is changed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.guest_scripts.wrapper import GuestScript

Tried = tuple[str, int]  # host and port

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "guest_scripts"
SHUT = 13  # exit code: something does not answer
SIGN_IN = "login.microsoftonline.com"
BLOBS = "{account}.blob.core.windows.net"


def urls_of(cache_account: str) -> tuple[Tried, ...]:
    """Give what Site Recovery needs of the internet and what has a name before anything is registered.

    That is the sign-in and the cache storage; the addresses of the service itself differ from vault to vault.
    """
    return ((SIGN_IN, 443), (BLOBS.format(account=cache_account), 443))


def script(tried: Sequence[Tried], *, windows: bool) -> GuestScript:
    """Give a script that ends well when all of these answer, and with `SHUT` when one does not."""
    file = FOLDER / ("check-connectivity.ps1" if windows else "check-connectivity.sh")
    places = ",".join(f"{host}:{port}" for host, port in tried)
    text = file.read_text(encoding="utf-8")
    return GuestScript(name="check-connectivity", text=text, arguments={"places": places})


def named(tried: Iterable[Tried]) -> str:
    """Say what was tried: hosts, each with its ports."""
    ports: dict[str, list[str]] = {}
    for host, port in tried:
        ports.setdefault(host, []).append(str(port))
    return ", ".join(f"{host} ({' and '.join(each)})" for host, each in ports.items())
