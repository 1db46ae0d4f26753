"""`python -m local.storage.server`: the same storage for other processes, over sockets.

For stacks whose tests are not about storage: a request costs a sixth of Azurite's, and a fresh account nothing. It has no
queues, and asks for no signature.
"""

import argparse
import os
import re
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..azurite import Azurite
from .service import BLOBS, QUEUES, TABLES, Storage
from .wire import Answer, Request, request_of

SERVICES = ("blobs", "queues", "tables")
ACCOUNT = re.compile(r"/(?P<name>\w+)")
NO_QUEUE = Answer(404, b"", {"x-ms-error-code": "QueueNotFound"})
NOT_KNOWN = Answer(501, b"", {"x-ms-error-code": "NotImplemented"})


class Accounts:
    """Accounts by name; each is empty at first."""

    def __init__(self) -> None:
        """Have none."""
        self._storages: defaultdict[str, Storage] = defaultdict(Storage)
        self._turn = threading.Lock()

    def of(self, name: str) -> Storage:
        """Give an account."""
        with self._turn:
            return self._storages[name]

    def answer(self, service: str, request: Request) -> Answer:
        """Do what a request asks of one of the services, in the account that its path names."""
        if service == QUEUES:
            return NO_QUEUE if request.method in ("GET", "HEAD") else NOT_KNOWN
        found = ACCOUNT.match(request.path)
        if not found:
            return Answer(400, b"", {"x-ms-error-code": "InvalidUri"})
        return self.of(found["name"]).answer(service, request)


class Server(ThreadingHTTPServer):
    """One service of all accounts."""

    daemon_threads = True

    def __init__(self, port: int, service: str, accounts: Accounts) -> None:
        """Listen."""
        self.service, self.accounts = service, accounts
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that are gone: hosts are killed here."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """A connection, which is kept."""

    server: Server
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body leave together
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = request_of(self.command, self.path, dict(self.headers), body)
        made = self.server.accounts.answer(self.server.service, request)
        self.send_response_only(made.status)
        for name, value in made.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(made.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(made.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def served(ports: Sequence[int] = (0, 0, 0), known: Accounts | None = None) -> Iterator[Azurite]:
    """Serve blobs, queues and tables on these ports until the block ends; where they are is told as of an Azurite."""
    accounts = known or Accounts()
    servers = [Server(port, service, accounts) for service, port in zip((BLOBS, QUEUES, TABLES), ports, strict=True)]
    threads = [threading.Thread(target=each.serve_forever, args=(0.05,), daemon=True) for each in servers]
    for thread in threads:
        thread.start()
    try:
        yield Azurite(os.getpid(), *(each.server_port for each in servers))
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser()
    for service in SERVICES:
        parser.add_argument(f"--{service}", type=int, required=True)
    given = parser.parse_args(arguments)
    with served((given.blobs, given.queues, given.tables)) as storage:
        print(f"listening on http://127.0.0.1:{storage.table}", flush=True)  # noqa: T201  # read by who started it
        threading.Event().wait()


if __name__ == "__main__":
    main()
