"""The only module that opens tables and blobs; what is busy or out of reach becomes `Busy` here.

One client per table and process (the SDK's clients may be shared by threads). The SDK itself tries again only briefly:
patience belongs to durable timers. Any write may therefore have happened although its answer was lost; writers are
made so that running them again is harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

from azure.core.credentials import TokenCredential
from azure.core.exceptions import (
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient, TableServiceClient
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient, ContainerClient

from shared.problems import Busy
from shared.settings import Settings, settings

BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
SHORTLY = timedelta(seconds=5)
LOCAL: Final[dict[str, Any]] = {"use_env_settings": False}  # a stand-in is not behind a proxy


@dataclass(frozen=True)
class Patience:
    """How long one operation of storage may take: tries after the first, seconds to connect and to hear something."""

    tries: int
    connecting: int
    reading: int

    def options(self, **more: Any) -> dict[str, Any]:
        """Give it as the SDK's clients take it, with more of their options."""
        sending = {"connection_timeout": self.connecting, "read_timeout": self.reading, **more}
        return {"retry_total": self.tries, **sending} | ({} if self.tries else {"transport": OnceMore(**sending)})


class OnceMore(RequestsTransport):  # type: ignore[misc] # azure-core gives the class lazily, without its type
    """Sends once more where the connection was lost: a kept one may have been closed since. A time-out is told at once."""

    def send(self, request: Any, **options: Any) -> Any:
        """Give the answer. Raises what the transport raises; a body is bytes, so it can be sent again."""
        try:
            return super().send(request, **options)
        except ServiceResponseTimeoutError:
            raise
        except ServiceResponseError:
            return super().send(request, **options)


QUICK: Final = Patience(tries=2, connecting=5, reading=30)
FOR_PEOPLE: Final = Patience(tries=0, connecting=5, reading=5)  # who waits in front of a screen is told soon
FOR_A_PROBE: Final = Patience(tries=0, connecting=2, reading=2)
_patience: ContextVar[Patience] = ContextVar("patience", default=QUICK)


@contextmanager
def with_patience(patience: Patience) -> Iterator[None]:
    """Ask storage with this patience within the block, also in the threads that it starts."""
    token = _patience.set(patience)
    try:
        yield
    finally:
        _patience.reset(token)


def patience_now() -> Patience:
    """Give the patience with which storage is asked here."""
    return _patience.get()


def table(name: str) -> TableClient:
    """Give the client of one of our tables; the table is made at its first use in this process."""
    return _table(settings(), name, _patience.get())


def container() -> ContainerClient:
    """Give the blob container of plans and reports; it is made at its first use in this process."""
    return _container(settings(), _patience.get())


def table_to_read(name: str) -> TableClient:
    """Give the client of one of our tables as it is: it is not made where it is missing."""
    return _table_service(settings(), _patience.get()).get_table_client(settings().table_prefix + name)


def container_to_read() -> ContainerClient:
    """Give the container of plans and reports as it is: it is not made where it is missing."""
    return _blob_service(settings(), _patience.get()).get_container_client(settings().plans_container)


def forget() -> None:
    """Drop every cached client: for tests that wipe the storage under them."""
    _table.cache_clear()
    _container.cache_clear()


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn throttling, 5xx, timeouts and lost connections into `Busy`; everything else passes."""
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as lost:
        raise Busy(f"{what}: storage is out of reach ({lost.message})", SHORTLY) from lost
    except HttpResponseError as refusal:
        if refusal.status_code not in BUSY:
            raise
        raise Busy(f"{what}: storage is busy ({refusal.status_code})", _retry_after(refusal)) from refusal


def _retry_after(error: HttpResponseError) -> timedelta:
    """Read Retry-After; storage gives seconds where it gives it at all."""
    header = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return timedelta(seconds=int(header)) if header.isdigit() else SHORTLY


@lru_cache(maxsize=256)
def _table(where: Settings, name: str, patience: Patience) -> TableClient:
    client = _table_service(where, patience).get_table_client(where.table_prefix + name)
    with asking(f"table {name}"), suppress(ResourceExistsError):
        client.create_table()
    return client


@lru_cache(maxsize=16)
def _container(where: Settings, patience: Patience) -> ContainerClient:
    client = _blob_service(where, patience).get_container_client(where.plans_container)
    with asking("blob container"), suppress(ResourceExistsError):
        client.create_container()
    return client


def _table_service(where: Settings, patience: Patience) -> TableServiceClient:
    if where.storage:
        return TableServiceClient.from_connection_string(where.storage, **patience.options(**LOCAL))
    address = f"https://{where.storage_account}.table.core.windows.net"
    return TableServiceClient(address, credential=identity(where), **patience.options())


def _blob_service(where: Settings, patience: Patience) -> BlobServiceClient:
    if where.storage:
        return BlobServiceClient.from_connection_string(where.storage, **patience.options(**LOCAL))
    address = f"https://{where.storage_account}.blob.core.windows.net"
    return BlobServiceClient(address, credential=identity(where), **patience.options())


def identity(where: Settings) -> TokenCredential:
    """Give the app's own identity."""
    return DefaultAzureCredential(managed_identity_client_id=where.identity_client_id or None)
