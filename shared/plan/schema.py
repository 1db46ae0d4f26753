"""The JSON Schema of plans, for editors and other tools: it accepts exactly what the reader's schema part accepts."""

from functools import lru_cache
from typing import Any

from shared.plan.model import Plan

EXAMPLE = {
    "name": "finance",
    "source": {"aws": {"region": "eu-west-1"}},
    "target": {
        "subscriptionId": "00000000-0000-0000-0000-000000000001",
        "region": "westeurope",
        "resourceGroup": "rg-finance",
        "network": {"vnet": "vnet-prod", "subnet": "app", "testVnet": "vnet-test", "testSubnet": "app"},
        "cacheStorageAccount": "stferrycache",
        "vault": {"name": "rsv-ferry", "create": True},
    },
    "waves": [{"name": "shop", "machines": [{"name": "shop-web1", "source": {"instanceId": "i-0aaa1111"}}]}],
}


@lru_cache(maxsize=1)
def plan_schema() -> dict[str, Any]:
    """Give the schema (JSON Schema 2020-12). The rules over the whole plan stand in the reader, not here."""
    made: dict[str, Any] = without_null(Plan.model_json_schema(by_alias=True))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://azferry.dev/schemas/plan"}
    return head | made | {"examples": [EXAMPLE]}


def without_null(part: Any) -> Any:
    """Take out null: what is not wanted is left out, and the reader refuses an explicit null."""
    if isinstance(part, list):
        return [without_null(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {key: without_null(value) for key, value in part.items() if not (key == "default" and value is None)}
    choices = [choice for choice in kept.pop("anyOf", []) if choice != {"type": "null"}]
    return kept | (choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else {})
