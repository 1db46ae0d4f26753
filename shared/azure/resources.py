"""Resource groups.

| operation | role action |
| --- | --- |
| get_group | Microsoft.Resources/subscriptions/resourceGroups/read |
| ensure_group | Microsoft.Resources/subscriptions/resourceGroups/write |
"""

from collections.abc import Mapping

from pydantic import Field

from shared.azure import clients
from shared.azure.refusals import asking, found
from shared.models import Model


class ResourceGroup(Model):
    """A resource group as it is."""

    id: str
    name: str
    location: str
    state: str = ""
    tags: dict[str, str] = Field(default_factory=dict)


def get_group(subscription: str, name: str) -> ResourceGroup | None:
    """Give the group, or None when it does not exist."""
    groups = clients.resources(subscription).resource_groups
    return found(f"reading resource group {name}", lambda: _group(groups.get(name)))


def ensure_group(
    subscription: str, name: str, location: str, request: str, tags: Mapping[str, str] | None = None
) -> ResourceGroup:
    """Give the group, made if it was not there; one that is there is left as it is."""
    known = get_group(subscription, name)
    if known:
        return known
    groups = clients.resources(subscription).resource_groups
    body = {"location": location, "tags": dict(tags or {})}
    with asking(f"creating resource group {name}"):
        headers = {"x-ms-client-request-id": request}
        return _group(groups.create_or_update(name, body, retry_total=0, headers=headers))


def _group(group: object) -> ResourceGroup:
    raw = group.as_dict()  # type: ignore[attr-defined] # every model of the SDK has it
    state = (raw.get("properties") or {}).get("provisioningState") or ""
    return ResourceGroup(
        id=raw["id"], name=raw["name"], location=raw["location"], state=state, tags=raw.get("tags") or {}
    )
