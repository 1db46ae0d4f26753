"""Real addresses and real listeners for simulated VMs, so that probes meet what they would meet in Azure.

A VM gets an address of its own in 127.0.0.0/8 (Linux answers for all of it). Each of its ports is bound as it is, also 80
or 443 where the process may (root, or `net.ipv4.ip_unprivileged_port_start=0`); a port that may not be bound stays closed
and is named in `GET /control/vms/{name}`: worlds use ports from 1024 on. One listener speaks HTTP to whoever does and keeps
quiet to all others.
"""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

_LEASE_PORT = 47100
_NETS = 190 * 256
_PATIENCE = 5.0
Page = Callable[[str], tuple[str, bytes] | None]


class Addresses:
    """Hands out addresses; a /24 is leased by binding a port in it, so that two simulators never share one."""

    def __init__(self) -> None:
        self._leases: list[socket.socket] = []
        self._given = self._give()

    def next(self) -> str:
        """Return an address that nobody else has."""
        return next(self._given)

    def close(self) -> None:
        """Give the leases back."""
        for lease in self._leases:
            lease.close()
        self._leases.clear()

    def _give(self) -> Iterator[str]:
        for net in range(1, _NETS):
            prefix = f"127.{60 + net // 256}.{net % 256}"
            if not self._lease(f"{prefix}.254"):
                continue
            yield from (f"{prefix}.{host}" for host in range(1, 254))
        raise OSError("no address of 127.0.0.0/8 is free, or this system (macOS) does not answer for all of them")

    def _lease(self, address: str) -> bool:
        lease = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            lease.bind((address, _LEASE_PORT))
        except OSError:
            lease.close()
            return False
        self._leases.append(lease)
        return True


@dataclass
class Listeners:
    """The open ports of one address."""

    address: str
    page: Page
    refused: dict[int, str] = field(default_factory=dict)
    _open: dict[int, socket.socket] = field(default_factory=dict)
    _talks: set[socket.socket] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def ports(self) -> list[int]:
        """The ports that answer."""
        return sorted(self._open)

    def open(self, ports: Iterable[int]) -> None:
        """Listen on each port at once; what may not be bound is remembered in `refused`."""
        for port in ports:
            if port in self._open:
                continue
            try:
                listener = socket.create_server((self.address, port), backlog=64)
            except OSError as problem:
                self.refused[port] = str(problem)
                continue
            self._open[listener.getsockname()[1]] = listener
            self._start(self._serve(listener))

    def close(self) -> None:
        """Stop listening and end what is being answered; a probe is refused from here on."""
        loop = asyncio.get_running_loop()
        for each in (*self._open.values(), *self._talks):
            # The loop forgets the number of the socket before another socket can get it.
            loop.remove_reader(each.fileno())
            loop.remove_writer(each.fileno())
            each.close()
        self._open.clear()
        self._talks.clear()
        for task in tuple(self._tasks):
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError:
                return
            self._talks.add(connection)
            self._start(self._answer(connection))

    async def _answer(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            head = await asyncio.wait_for(loop.sock_recv(connection, 4096), _PATIENCE)
            if head[:5] in (b"GET /", b"HEAD "):
                await loop.sock_sendall(connection, self._response(head))
        except (OSError, TimeoutError):
            return
        finally:
            self._talks.discard(connection)
            connection.close()

    def _response(self, head: bytes) -> bytes:
        method, path, *_ = head.decode("latin-1").split(" ")
        found = self.page(path)
        kind, body = found or ("text/plain", b"not found\n")
        status = "200 OK" if found else "404 Not Found"
        start = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return start.encode() + (b"" if method == "HEAD" else body)
