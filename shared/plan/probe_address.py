"""Addresses of checks, parsed when the plan comes in: one that cannot be asked is found out before any failover."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from shared.intake.addresses import is_internal

MACHINE: Final = "{machine}"
_SOME_ADDRESS: Final = "192.0.2.1"  # documentation's own: stands for the machine's while the form is looked at
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def what_is_wrong(address: str) -> str:
    """Return what is wrong with the address of a check, in words for whoever wrote the plan; empty when nothing is."""
    parts = urlsplit(address.replace(MACHINE, _SOME_ADDRESS))
    if _port(parts) is None:
        return f"the port of {address} must be a number from 1 to 65535"
    host = parts.hostname or ""
    if not all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")):
        return f"{host} is no host name: labels of letters, digits and hyphens, none empty, parted by dots"
    if host.lower() == "localhost" or (_is_address(host) and is_internal(host)):
        return f"{host} is the app itself or its surroundings, not a machine; write {MACHINE} for the machine's address"
    return ""


def _port(parts: SplitResult) -> int | None:
    """Return the port, that of the scheme where none is named; None when there is no such port."""
    try:
        port = parts.port
    except ValueError:
        return None
    if port is None:
        return None if parts.netloc.endswith(":") else 443 if parts.scheme == "https" else 80
    return port or None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
