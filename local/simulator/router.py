"""Finds the route of a request, in any case, and names it as Azure's roles do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from .arm import Route
from .errors import ArmError


@dataclass
class _Node:
    literals: "dict[str, _Node]" = field(default_factory=dict)
    variable: "_Node | None" = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


class Router:
    """A tree of path segments; a literal wins over a variable."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for part in route.path.strip("/").split("/"):
            if part.startswith("{"):
                names.append(part.strip("{}"))
                node.variable = node.variable or _Node()
                node = node.variable
            else:
                node = node.literals.setdefault(part.lower(), _Node())
        if route.method in node.routes:
            raise ValueError(f"two routes for {route.method} {route.path}")
        node.routes[route.method] = (route, tuple(names))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and its variables as sent; raise ARM's 404 or 405."""
        parts = [unquote(part) for part in path.strip("/").split("/")]
        found = _walk(self._root, parts, ())
        if found is None:
            raise ArmError(404, "InvalidResourceType", f"The resource type could not be found for '{path}'.")
        node, values = found
        if method not in node.routes:
            allow = ", ".join(sorted(node.routes))
            message = f"The requested resource does not support http method '{method}'."
            raise ArmError(405, "HttpMethodNotAllowed", message, headers={"Allow": allow})
        route, names = node.routes[method]
        return route, dict(zip(names, values, strict=True))


def _walk(node: _Node, parts: list[str], values: tuple[str, ...]) -> tuple[_Node, tuple[str, ...]] | None:
    if not parts:
        return (node, values) if node.routes else None
    head, tail = parts[0], parts[1:]
    literal = node.literals.get(head.lower())
    if literal is not None and (found := _walk(literal, tail, values)):
        return found
    if node.variable is not None and head:
        return _walk(node.variable, tail, (*values, head))
    return None


_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def operation_name(method: str, template: str) -> str:
    """Return the role action of a route, e.g. `Microsoft.RecoveryServices/vaults/replicationJobs/cancel/action`.

    It is derived from the path as ARM does: the provider, then the type segments; a POST's last segment is the action.
    """
    parts = template.strip("/").split("/")
    marks = [index for index, part in enumerate(parts) if part.lower() == "providers"]
    if marks and marks[-1] + 2 < len(parts):
        provider, tail = parts[marks[-1] + 1], parts[marks[-1] + 2 :]
    else:  # a provider itself is something of its subscription
        provider, tail = "Microsoft.Resources", parts
    types = [part for part in tail if not part.startswith("{")]
    verb = "action" if method == "POST" else _VERBS.get(method, method.lower())
    return "/".join([provider, *types, verb])
