"""The only module that opens tables and blobs; what is busy or out of reach becomes `Busy` here.

One client per table and process (the SDK's clients may be shared by threads). The SDK itself tries again only briefly:
patience belongs to durable timers. Any write may therefore have happened although its answer was lost; writers are
made so that running them again is harmless.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from azure.core.credentials import TokenCredential
from azure.core.exceptions import (
    DecodeError,
    HttpResponseError,
    ResourceExistsError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.data.tables import TableClient, TableServiceClient

from shared.problems import Busy
from shared.settings import Settings, settings
from shared.storage.patience import BUSY, Patience, patience_now
from shared.storage.quick_table import QuickTable
from shared.storage.table_wire import Wire, bearer, shared_key

if TYPE_CHECKING:  # an eighth of the app's start goes into reading these; who shows machines needs no blob
    from azure.storage.blob import BlobServiceClient, ContainerClient

SHORTLY = timedelta(seconds=5)
LOCAL: Final[dict[str, Any]] = {"use_env_settings": False}  # a stand-in is not behind a proxy


def table(name: str) -> QuickTable:
    """Give the client of one of our tables; the table is made at its first use in this process."""
    return _table(settings(), name, patience_now())


def container() -> "ContainerClient":
    """Give the blob container of plans and reports; it is made at its first use in this process."""
    return _container(settings(), patience_now(), settings().plans_container)


def table_to_read(name: str) -> TableClient:
    """Give the client of one of our tables as it is: it is not made where it is missing."""
    return _table_service(settings(), patience_now()).get_table_client(settings().table_prefix + name)


def container_to_read(name: str = "") -> "ContainerClient":
    """Give a container (that of plans and reports) as it is: it is not made where it is missing."""
    return _blob_service(settings(), patience_now()).get_container_client(name or settings().plans_container)


def backup_container() -> "ContainerClient":
    """Give the blob container of backups; it is made at its first use in this process."""
    return _container(settings(), patience_now(), settings().backup_container)


def record_container() -> "ContainerClient":
    """Give the blob container of the record that cannot be changed; in Azure the template makes it, with its policy."""
    return _container(settings(), patience_now(), settings().record_container)


def forget() -> None:
    """Drop every cached client: for tests that wipe the storage under them."""
    _table.cache_clear()
    _wire.cache_clear()
    _container.cache_clear()


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Turn throttling, 5xx, timeouts and lost connections into `Busy`; everything else passes."""
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as lost:
        raise Busy(f"{what}: storage is out of reach ({lost.message})", SHORTLY) from lost
    except DecodeError as unreadable:  # among the SDK's refusals, though nothing was refused
        raise Busy(f"{what}: storage is out of reach (what came is no whole answer of it)", SHORTLY) from unreadable
    except HttpResponseError as refusal:
        if refusal.status_code not in BUSY:
            raise
        raise Busy(f"{what}: storage is busy ({refusal.status_code})", _retry_after(refusal)) from refusal


def _retry_after(error: HttpResponseError) -> timedelta:
    """Read Retry-After; storage gives seconds where it gives it at all."""
    header = str(getattr(error.response, "headers", {}).get("Retry-After", ""))
    return timedelta(seconds=int(header)) if header.isdigit() else SHORTLY


@lru_cache(maxsize=256)
def _table(where: Settings, name: str, patience: Patience) -> QuickTable:
    client = QuickTable(_wire(where, patience), where.table_prefix + name)
    with asking(f"table {name}"):
        client.create_table()
    return client


@lru_cache(maxsize=16)
def _wire(where: Settings, patience: Patience) -> Wire:
    parts = dict(part.split("=", 1) for part in where.storage.split(";") if part)
    if where.storage:
        if "AccountKey" not in parts:
            raise ValueError(
                "the connection string of storage names no AccountKey: tables are opened by a key or an identity"
            )
        endpoint = parts.get("TableEndpoint") or _address(parts["AccountName"], parts.get("EndpointSuffix"))
        return Wire(endpoint, shared_key(parts["AccountName"], parts["AccountKey"]), patience)
    return Wire(_address(where.storage_account), bearer(identity(where)), patience)


def _address(account: str, suffix: str | None = None) -> str:
    return f"https://{account}.table.{suffix or 'core.windows.net'}"


@lru_cache(maxsize=16)
def _container(where: Settings, patience: Patience, name: str) -> "ContainerClient":
    client = _blob_service(where, patience).get_container_client(name)
    with asking("blob container"), suppress(ResourceExistsError):
        client.create_container()
    return client


def _table_service(where: Settings, patience: Patience) -> TableServiceClient:
    if where.storage:
        return TableServiceClient.from_connection_string(where.storage, **patience.options(**LOCAL))
    return TableServiceClient(_address(where.storage_account), credential=identity(where), **patience.options())


def _blob_service(where: Settings, patience: Patience) -> "BlobServiceClient":
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415 - see above

    if where.storage:
        return BlobServiceClient.from_connection_string(where.storage, **patience.options(**LOCAL))
    address = f"https://{where.storage_account}.blob.core.windows.net"
    return BlobServiceClient(address, credential=identity(where), **patience.options())


def identity(where: Settings) -> TokenCredential:
    """Give the app's own identity."""
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415 - who has a key needs no identity

    return DefaultAzureCredential(managed_identity_client_id=where.identity_client_id or None)
