"""What the templates would make, as the compiler predicted it when it was kept; that it still does, test_compiled.py asks."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.infra.compiler import compiler

FOLDER = Path(__file__).parent / "snapshots"
ORDER = FOLDER / "order.json"
CASES = tuple(sorted(path.stem for path in FOLDER.glob("*.bicepparam")))
SCOPE = re.compile(r"\[(\w+)\('([^']+)'(?:, '([^']+)')?")
ROLE = re.compile(r"'Microsoft\.Authorization/roleDefinitions', '([0-9a-f-]{36})'|roleDefinitions/([0-9a-f-]{36})")

Resource = dict[str, Any]


@lru_cache
def resources(case: str) -> tuple[Resource, ...]:
    """Return what a deployment of a case would make."""
    read: list[Resource] = json.loads((FOLDER / f"{case}.snapshot.json").read_text())["predictedResources"]
    return tuple(read)


def of_type(case: str, kind: str) -> list[Resource]:
    """Return those of one type, without the provider's `Microsoft.`."""
    return [each for each in resources(case) if each["type"] == f"Microsoft.{kind}"]


def only(case: str, kind: str) -> Resource:
    """Return the only one of its type."""
    (found,) = of_type(case, kind)
    return found


def config(case: str, name: str) -> dict[str, Any]:
    """Return a configuration of the app: `appsettings`, `authsettingsV2`."""
    (found,) = (each for each in of_type(case, "Web/sites/config") if each["name"].endswith(f"/{name}"))
    properties: dict[str, Any] = found["properties"]
    return properties


def grants(case: str) -> Iterator[tuple[str, str]]:
    """Yield where each role is granted, and the id of the role."""
    for each in of_type(case, "Authorization/roleAssignments"):
        role = ROLE.search(each["properties"]["roleDefinitionId"])
        assert role, each["properties"]["roleDefinitionId"]
        yield _place(each["id"]), role[1] or role[2]


def _place(expression: str) -> str:
    """Return the scope of an assignment: `subscription`, `subscription/group`, or the last two names of a resource."""
    found = SCOPE.match(expression)
    assert found, expression
    how, first, second = found.groups()
    if how == "extensionResourceId":
        return "/".join(first.split("/")[-2:])
    return first if how == "subscriptionResourceId" else f"{first}/{second}"


def compiled() -> Resource:
    """Return the template that the compiler makes; skip the test where there is none."""
    template: Resource = json.loads(compiler("build", "main.bicep", "--stdout").stdout)
    return template


def order(template: Resource, name: str = "main") -> dict[str, dict[str, list[str]]]:
    """Return what each resource of a template and of those nested in it waits for."""
    found = {name: {key: sorted(each.get("dependsOn", ())) for key, each in _named(template["resources"])}}
    for key, each in _named(template["resources"]):
        if each["type"] == "Microsoft.Resources/deployments":
            found |= order(each["properties"]["template"], f"{name}.{key}")
    return found


def _named(declared: dict[str, Resource] | list[Resource]) -> Iterable[tuple[str, Resource]]:
    if isinstance(declared, dict):
        return declared.items()
    return [(f"{each['type']} {each['name']}", each) for each in declared]
