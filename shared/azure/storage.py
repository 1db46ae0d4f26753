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
    sku: str = Field(default="", description="Standard_LRS, Premium_LRS, …")
    shared_key: bool = True
    public_network_access: str = ""
    default_action: str = Field(default="Allow", description="Deny = only listed networks reach it")
    hierarchical: bool = False
    state: str = ""


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
    return StorageAccount(
        id=raw["id"],
        name=raw["name"],
        location=raw["location"],
        kind=raw.get("kind") or "",
        sku=(raw.get("sku") or {}).get("name") or "",
        shared_key=properties.get("allowSharedKeyAccess") is not False,
        public_network_access=properties.get("publicNetworkAccess") or "",
        default_action=(properties.get("networkAcls") or {}).get("defaultAction") or "Allow",
        hierarchical=bool(properties.get("isHnsEnabled")),
        state=properties.get("provisioningState") or "",
    )
