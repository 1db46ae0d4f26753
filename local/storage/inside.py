"""An account within a process: answered at once for the process itself, and at its ports for everybody else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..azurite import ACCOUNT, Azurite
from .server import Accounts, served
from .service import BLOBS, TABLES, serving

_ENDPOINT = re.compile(r"(?P<kind>Blob|Queue|Table)Endpoint=http://127\.0\.0\.1:(?P<port>\d+)/")


@contextmanager
def inside(connection: str) -> Iterator[Azurite]:
    """Be the account of a connection string of this machine until the block ends. Raises `KeyError` for any other."""
    ports = {found["kind"]: int(found["port"]) for found in _ENDPOINT.finditer(connection)}
    accounts = Accounts()
    places = {("127.0.0.1", ports["Table"]): TABLES, ("127.0.0.1", ports["Blob"]): BLOBS}
    listening = served((ports["Blob"], ports["Queue"], ports["Table"]), accounts)
    with serving(places, accounts.of(ACCOUNT)), listening as storage:
        yield storage
