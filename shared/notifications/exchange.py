"""One request to a receiver: to a checked address, over https, no redirect followed, nothing waited for long.

A name is looked up once and the connection goes to an address that was checked: a name that answers differently the second
time leads nowhere. Whoever drips its answer is cut off.
"""

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from typing import Final
from urllib.parse import SplitResult, urlsplit

from shared.intake.addresses import is_loopback, is_public

CONNECTING: Final = 5.0  # seconds
ANSWERING: Final = 15.0  # seconds for all of it
MOST_READ: Final = 4_096  # bytes of an answer: more tells nobody anything


class UnreachableReceiverError(Exception):
    """The receiver cannot be asked now; it is tried again."""


class ForbiddenReceiverError(Exception):
    """The receiver must not be asked: its address is none that the app may speak to."""


@dataclass(frozen=True)
class Outgoing:
    """What is sent."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Incoming:
    """What was answered; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(outgoing: Outgoing, *, private: bool = False) -> Incoming:
    """Send a request and give its answer. Raises `UnreachableReceiverError` and `ForbiddenReceiverError`.

    `private`: the address may be one of the app's surroundings, and plain http on loopback.
    """
    parts = urlsplit(outgoing.url)
    _check_scheme(parts, private=private)
    try:
        address = _address(parts, private=private)
        return _within(_connect(parts, address), parts, outgoing)
    except (OSError, HTTPException, UnicodeError) as error:
        raise UnreachableReceiverError(_in_words(parts, error)) from error


def _check_scheme(parts: SplitResult, *, private: bool) -> None:
    local = private and parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not (parts.scheme == "https" or local) or not parts.hostname:
        raise ForbiddenReceiverError("its address does not begin with https://")


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _address(parts: SplitResult, *, private: bool) -> str:
    """Look a host up. Raises `ForbiddenReceiverError` where one of its addresses is none that the app may speak to."""
    found = socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    inside = [each for each in addresses if not is_public(each)]
    if inside and not private:
        raise ForbiddenReceiverError(f"{parts.hostname} is {inside[0]}, an address of the app's own surroundings")
    return addresses[0]


def _connect(parts: SplitResult, address: str) -> HTTPConnection:
    """Connect to the address that was checked; the certificate has to be the name's."""
    raw = socket.create_connection((address, _port(parts)), CONNECTING)
    raw.settimeout(ANSWERING)
    host = parts.hostname or ""
    if parts.scheme == "http":
        plain = HTTPConnection(host, _port(parts))
        plain.sock = raw
        return plain
    try:
        sealed = _context().wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise
    connection = HTTPSConnection(host, _port(parts), context=_context())
    connection.sock = sealed
    return connection


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _within(connection: HTTPConnection, parts: SplitResult, outgoing: Outgoing) -> Incoming:
    """Ask, and close the connection when the time is over: a socket's own limit counts from each byte anew."""
    over = Event()
    watch = Timer(ANSWERING, _cut, (connection, over))
    watch.start()
    try:
        answer = _ask(connection, parts, outgoing)
    except (OSError, HTTPException):
        if not over.is_set():
            raise
    finally:
        watch.cancel()
        connection.close()
    if over.is_set():  # what had come by then is read as if it were all, or as a lost connection
        raise TimeoutError
    return answer


def _ask(connection: HTTPConnection, parts: SplitResult, outgoing: Outgoing) -> Incoming:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(outgoing.method, path, outgoing.body or None, {"user-agent": "azferry", **outgoing.headers})
    answer = connection.getresponse()
    body = answer.read(MOST_READ)
    return Incoming(answer.status, {name.lower(): value for name, value in answer.getheaders()}, body)


def _cut(connection: HTTPConnection, over: Event) -> None:
    """End a connection whose time is over; who reads from it sees its end."""
    over.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _in_words(parts: SplitResult, error: Exception) -> str:
    """Say what went wrong, by its host: the rest of an address may be secret."""
    if isinstance(error, ssl.SSLError):
        return f"the certificate of {parts.hostname} is not trusted, or it speaks no TLS ({type(error).__name__})"
    if isinstance(error, socket.gaierror):
        return f"the name {parts.hostname} is not known"
    if isinstance(error, TimeoutError):
        return f"{parts.hostname} did not answer in time"
    return f"{parts.hostname} cannot be reached ({type(error).__name__})"
