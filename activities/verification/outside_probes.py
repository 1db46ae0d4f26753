"""Ports and pages tried from the app's own network: each answers or not, whatever goes wrong.

A host name is resolved once and its address looked at before anything is sent: a name that leads to loopback or to the
platform's metadata service is not followed, and no redirect is. On the local stack VMs have loopback addresses.
"""

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from shared.intake.addresses import is_internal
from shared.settings import settings

CONNECTING: Final = 5  # seconds
ANSWERING: Final = 10
HEADERS: Final = {"User-Agent": "azferry"}


class InternalAddressError(OSError):
    """The name leads to the app's own surroundings."""


def answers_tcp(host: str, port: int) -> bool:
    """Whether a port accepts a connection."""
    try:
        _connected(host, port, CONNECTING).close()
    except (OSError, ValueError):  # ValueError: a name that cannot be one
        return False
    return True


def answers_http(url: str, expected: int) -> bool:
    """Whether an address answers with the expected status; a redirect is an answer like any other."""
    try:
        return _status(url) == expected
    except (HTTPException, OSError, ValueError):
        return False


def _status(url: str) -> int:
    parts = urlsplit(url)
    kind = _CheckedTls if parts.scheme == "https" else _Checked
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWERING)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers=HEADERS)
        return connection.getresponse().status
    finally:
        connection.close()


class _Checked(HTTPConnection):
    def connect(self) -> None:
        self.sock = _connected(self.host, self.port, ANSWERING)


class _CheckedTls(HTTPSConnection):
    def connect(self) -> None:
        plain = _connected(self.host, self.port, ANSWERING)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def _connected(host: str, port: int, seconds: float) -> socket.socket:
    """Return a connection to the first address of a host that takes it. Raise OSError when none does or none may."""
    refused: OSError = InternalAddressError(f"{host} has no address that may be asked")
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if is_internal(str(address[0])) and not settings().local:
            continue
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(seconds)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            refused = error
        else:
            return connection
    raise refused
