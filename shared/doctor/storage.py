"""Whether the app's tables, blobs and queues answer it, and whether it may write there: nothing is written to see."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from pydantic import Field

from shared.azure.permissions import granted_at, may_with_data
from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.models import Model
from shared.problems import Busy, CloudRefused
from shared.settings import platform, settings
from shared.storage import poison
from shared.storage.patience import FOR_A_PROBE, with_patience
from shared.storage.tables import asking, container_to_read, table_to_read

_DATA: Final = "Microsoft.Storage/storageAccounts"


class StorageService(NamedTuple):
    """A part of the account: the role that opens it, what the app does there, and how to read one thing of it."""

    name: str
    role: str
    actions: tuple[str, ...]
    read: Callable[[], Any]


class LedgerAccount(Model):
    """The account that the app keeps everything in, as far as commands have to name it."""

    name: str
    scope: str = Field(default="", description="ARM id; empty where the platform does not say where we are")


def _actions(*parts: str) -> tuple[str, ...]:
    return tuple(f"{_DATA}/{part}" for part in parts)


_ENTITIES, _BLOBS, _MESSAGES = (
    "tableServices/tables/entities",
    "blobServices/containers/blobs",
    "queueServices/queues/messages",
)
SERVICES: Final = (
    StorageService(
        "tables",
        "Storage Table Data Contributor",
        _actions(f"{_ENTITIES}/read", f"{_ENTITIES}/write", f"{_ENTITIES}/add/action", f"{_ENTITIES}/delete"),
        lambda: next(iter(table_to_read("migrations").list_entities(results_per_page=1)), None),
    ),
    StorageService(
        "blobs",
        "Storage Blob Data Owner",
        _actions(f"{_BLOBS}/read", f"{_BLOBS}/write", f"{_BLOBS}/delete"),
        lambda: next(iter(container_to_read().list_blob_names(results_per_page=1)), None),
    ),
    StorageService(
        "queues",
        "Storage Queue Data Contributor",
        _actions(f"{_MESSAGES}/read", f"{_MESSAGES}/write", f"{_MESSAGES}/delete"),
        poison.count,
    ),
)


def look() -> Iterator[HealthFinding]:
    """Read one thing of each service, then ask Azure what else the identity may do there."""
    account = _account()
    if not account.name:
        yield kinds.STORAGE_UNNAMED.seen("neither AZFERRY_STORAGE_ACCOUNT nor a connection string is set")
        return
    with with_patience(FOR_A_PROBE):
        found = [_read(each, account) for each in SERVICES]
    yield from found
    if settings().storage_account and all(each.id == kinds.STORAGE.id for each in found):
        yield from write_rights(account)


def _account() -> LedgerAccount:
    where, here = settings(), platform()
    if where.storage:
        parts = dict(part.split("=", 1) for part in where.storage.split(";") if "=" in part)
        return LedgerAccount(name=parts.get("AccountName", "of the connection string"))
    at = f"/subscriptions/{here.subscription}/resourceGroups/{here.group}" if here.group and here.subscription else ""
    scope = f"{at}/providers/{_DATA}/{where.storage_account}" if at and where.storage_account else ""
    return LedgerAccount(name=where.storage_account, scope=scope)


def _read(service: StorageService, account: LedgerAccount) -> HealthFinding:
    what = f"{service.name} of {account.name}"
    try:
        with asking(f"reading {service.name}"):
            service.read()
    except ResourceNotFoundError:
        return kinds.STORAGE.seen(f"{what} answer; nothing was kept there yet")
    except (Busy, ValueError) as away:  # ValueError: no connection string in a form that can be read
        return kinds.STORAGE_AWAY.seen(f"{what}: {away}", account=account.name)
    except (HttpResponseError, ClientAuthenticationError) as refusal:
        code = getattr(refusal, "error_code", "") or refusal.status_code or type(refusal).__name__
        return kinds.STORAGE_REFUSED.seen(f"{what} refused us: {code}", **_grant(service, account))
    except AzureError as away:
        return kinds.STORAGE_AWAY.seen(f"{what}: {away.message}", account=account.name)
    return kinds.STORAGE.seen(f"{what} answer")


def _grant(service: StorageService, account: LedgerAccount) -> dict[str, str]:
    scope = account.scope or f'"$(az storage account show --name {account.name} --query id --output tsv)"'
    return {"who": identity_name(), "role": service.role, "scope": scope}


def identity_name() -> str:
    """Give the identity as a command may name it."""
    return settings().identity_client_id or "$(azd env get-value AZFERRY_IDENTITY_PRINCIPAL_ID)"


def write_rights(account: LedgerAccount) -> Iterator[HealthFinding]:
    """Ask Azure what the identity may do with what the account holds."""
    blocks = _blocks(account)
    if blocks is None:
        yield kinds.STORAGE_RIGHTS_UNKNOWN.seen(f"rights on {account.name}", who=identity_name())
        return
    for service in SERVICES:
        missing = [each for each in service.actions if not may_with_data(each, blocks)]
        if missing:
            yield kinds.STORAGE_RIGHTS.seen(
                f"{service.name} of {account.name}: {', '.join(missing)}", **_grant(service, account)
            )


def _blocks(account: LedgerAccount) -> list[Any] | None:
    """Give what the identity may do with the account; None where Azure does not tell."""
    try:
        return granted_at(platform().subscription, account.scope) if account.scope else None
    except (Busy, CloudRefused):
        return None
