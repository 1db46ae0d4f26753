"""Storage accounts: the facts that a cache account is judged by.

| operation | role action |
| --- | --- |
| get_account | Microsoft.Storage/storageAccounts/read |
"""

from typing import Any

from pydantic import Field

from shared.azure import clients
from shared.azure.arm_id import parse
from shared.azure.refusals import found
from shared.models import Model


class StorageAccount(Model):
    """A storage account."""

    id: str
    name: str
    location: str
    kind: str = Field(default="", description="StorageV2, BlockBlobStorage, …")
    shared_key: bool = True
    default_action: str = Field(default="Allow", description="Deny = only listed networks reach it")
    bypass: tuple[str, ...] = Field(default=(), description="who passes its network rules: AzureServices, Logging, …")
    hierarchical: bool = False


def account_id(subscription: str, group: str, name: str) -> str:
    """Give a storage account's ARM id."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{name}"


def get_account(arm_id: str) -> StorageAccount | None:
    """Give the account, or None when it does not exist."""
    at = parse(arm_id)
    accounts = clients.storage(at.subscription).storage_accounts
    what = f"reading storage account {at.name}"
    return found(what, lambda: _account(accounts.get_properties(at.group, at.name).as_dict()))


def _account(raw: dict[str, Any]) -> StorageAccount:
    properties = raw.get("properties") or {}
    rules = properties.get("networkAcls") or {}
    return StorageAccount(
        id=raw["id"],
        name=raw["name"],
        location=raw["location"],
        kind=raw.get("kind") or "",
        shared_key=properties.get("allowSharedKeyAccess") is not False,
        default_action=rules.get("defaultAction") or "Allow",
        bypass=tuple(each.strip() for each in (rules.get("bypass") or "AzureServices").split(",")),
        hierarchical=bool(properties.get("isHnsEnabled")),
    )
