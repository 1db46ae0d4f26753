"""Long listings of a vault, read as JSON."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from shared.azure.arm import list_json
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import Json

API_VERSION: Final = "2025-08-01"  # as the SDK's own client asks


def list_raw(vault: VaultRef, what: str, condition: str = "") -> Iterator[Json]:
    """Give every resource of a kind in a vault, page by page, properties and envelope side by side."""
    link = f"{vault.id}/{what}?api-version={API_VERSION}" + (f"&$filter={quote(condition)}" if condition else "")
    for raw in list_json(f"listing {what} of {vault.name}", vault.subscription, link):
        yield {**(raw.get("properties") or {}), **{name: value for name, value in raw.items() if name != "properties"}}
