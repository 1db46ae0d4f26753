"""Stored resource types: their paths, and the plain reads and writes that ARM does alike for each."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..arm import Call, Reply, Route
from ..errors import ArmError, not_found
from ..resources import Resource

_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_SKIP = re.compile(r"start=(\d+)")


@dataclass(frozen=True)
class Kind:
    """A resource type such as `Microsoft.Network/virtualNetworks/subnets`; the last segment names the route variable."""

    provider: str
    types: tuple[str, ...]

    @property
    def name(self) -> str:
        """The full type name."""
        return "/".join((self.provider, *self.types))

    @property
    def collection(self) -> str:
        """The path template of all of them under their parent."""
        parents = "".join(f"/{each}/{{{each}}}" for each in self.types[:-1])
        return f"{_GROUP}/providers/{self.provider}{parents}/{self.types[-1]}"

    @property
    def template(self) -> str:
        """The path template of one."""
        return f"{self.collection}/{{{self.types[-1]}}}"

    @property
    def everywhere(self) -> str:
        """The path template of all of them in a subscription."""
        return f"/subscriptions/{{subscription}}/providers/{self.provider}/{self.types[-1]}"

    def id(self, params: Mapping[str, str]) -> str:
        """Return the ARM id that the route's variables name."""
        return self.template.format_map(params)

    def parent(self, params: Mapping[str, str]) -> str:
        """Return the ARM id of what it lies in: the group, or the parent resource."""
        return self.collection.format_map(params).rpartition("/")[0] if len(self.types) > 1 else group_id(params)

    def stored(self, call: Call) -> Resource:
        """Return the document that the call names; raise ARM's 404."""
        require_group(call)
        found = call.world.resources.get(self.id(call.params))
        if found is None:
            label = "/".join((self.name, *[call.params[each] for each in self.types]))
            message = f"The Resource '{label}' under resource group '{call.params['group']}' was not found."
            raise ArmError(404, "ResourceNotFound", message)
        return found


def group_id(params: Mapping[str, str]) -> str:
    """Return the ARM id of the resource group of a route."""
    return _GROUP.format_map(params)


def require_group(call: Call) -> Resource:
    """Return the call's resource group; raise ARM's 404 of a group that is not there."""
    found = call.world.resources.get(group_id(call.params))
    if found is None:
        message = f"Resource group '{call.params['group']}' could not be found."
        raise ArmError(404, "ResourceGroupNotFound", message)
    return found


Show = Callable[[Call, Resource], Resource]


def as_stored(_: Call, document: Resource) -> Resource:
    """Show a document as it is kept."""
    return document


def get(kind: Kind, show: Show = as_stored) -> Route:
    """Return the route that reads one."""
    return Route("GET", kind.template, lambda call: Reply(200, show(call, kind.stored(call))))


def listed(kind: Kind, show: Show = as_stored) -> Route:
    """Return the route that lists those of a group or of a parent."""

    def handle(call: Call) -> Reply:
        require_group(call)
        if len(kind.types) > 1 and call.world.resources.get(kind.parent(call.params)) is None:
            raise not_found(kind.parent(call.params))
        scope = kind.parent(call.params)
        return paged(call, [show(call, each) for each in call.world.resources.under(scope, kind.name)])

    return Route("GET", kind.collection, handle)


def listed_everywhere(kind: Kind, show: Show = as_stored) -> Route:
    """Return the route that lists those of a subscription."""

    def handle(call: Call) -> Reply:
        scope = f"/subscriptions/{call.params['subscription']}"
        return paged(call, [show(call, each) for each in call.world.resources.under(scope, kind.name)])

    return Route("GET", kind.everywhere, handle)


def paged(call: Call, found: list[Any]) -> Reply:
    """Answer a page; `nextLink` stands in all but the last one."""
    size = call.world.settings.page_size
    match = _SKIP.fullmatch(call.query.get("$skiptoken", ""))
    start = int(match[1]) if match else 0
    body: dict[str, Any] = {"value": found[start : start + size]}
    if start + size < len(found):
        query = f"api-version={call.api_version}&$skiptoken=start={start + size}"
        body["nextLink"] = f"{call.origin}{call.path}?{query}".replace("$skiptoken=start=", "%24skiptoken=start%3D")
    return Reply(200, body)


def put(kind: Kind, finish: Callable[[Call, Resource], None] | None = None, show: Show = as_stored) -> Route:
    """Return the route that makes or replaces one at once: 201 for a new one, 200 else.

    `finish` completes the document or refuses it.
    """

    def handle(call: Call) -> Reply:
        document, status = _write(kind, call, finish)
        return Reply(status, show(call, document), effect=f"{'made' if status == 201 else 'replaced'} {kind.name}")

    return Route("PUT", kind.template, handle)


def _write(kind: Kind, call: Call, finish: Callable[[Call, Resource], None] | None) -> tuple[Resource, int]:
    require_group(call)
    resource_id = kind.id(call.params)
    known = call.world.resources.get(resource_id)
    if len(kind.types) > 1 and call.world.resources.get(kind.parent(call.params)) is None:
        raise ArmError(
            404, "ParentResourceNotFound", f"Can not perform requested operation on nested resource {kind.name}."
        )
    document = {**call.json_object(), "id": resource_id, "name": call.params[kind.types[-1]], "type": kind.name}
    document["properties"] = {**document.get("properties", {}), "provisioningState": "Succeeded"}
    if finish:
        finish(call, document)
    return call.world.resources.put(document), 200 if known else 201


def retag(kind: Kind) -> Route:
    """Return the route that changes tags (and properties given beside them)."""

    def handle(call: Call) -> Reply:
        document = kind.stored(call)
        body = call.json_object()
        if "tags" in body:
            document["tags"] = body["tags"]
        document["properties"].update(body.get("properties", {}))
        return Reply(200, document, effect=f"changed {kind.name}")

    return Route("PATCH", kind.template, handle)


def delete(kind: Kind, refuse: Callable[[Call, Resource], None] | None = None) -> Route:
    """Return the route that deletes one at once; one that is not there is a 204."""

    def handle(call: Call) -> Reply:
        found = call.world.resources.get(kind.id(call.params))
        if found is None:
            return Reply(204)
        if refuse:
            refuse(call, found)
        call.world.delete_resource(found["id"])
        return Reply(200, effect=f"deleted {kind.name}")

    return Route("DELETE", kind.template, handle)


def plain(kind: Kind) -> tuple[Route, ...]:
    """Return all the routes of a type that is only stored."""
    routes: Iterator[Route] = iter((get(kind), listed(kind), put(kind), retag(kind), delete(kind)))
    return (*routes, listed_everywhere(kind)) if len(kind.types) == 1 else tuple(routes)
