"""The routes of the app's HTTP functions and which of them a request means."""

from dataclasses import dataclass
from typing import Any

from ..function import Function
from ..problems import HostError
from .template import Template, compile_template

RESERVED = ("admin", "runtime")


@dataclass(frozen=True)
class Route:
    """One HTTP function's route; no methods means all of them."""

    function: Function
    template: Template
    methods: frozenset[str]
    level: str

    def takes(self, method: str) -> bool:
        """Say whether the function answers this method."""
        return not self.methods or method in self.methods


@dataclass(frozen=True)
class Found:
    """The route of a request and its parameters."""

    route: Route
    values: dict[str, str]


def build_routes(functions: list[Function], prefix: str) -> tuple[Route, ...]:
    """Give the routes in the order in which they are tried; raises HostError for one that Azure refuses.

    Azure tries them by function name and takes the first that fits, whatever is more specific (reported by
    many of its users); so does this host.
    """
    web = [function for function in functions if function.trigger.type == "httpTrigger"]
    return tuple(_route(function, prefix) for function in sorted(web, key=lambda function: function.name.lower()))


def find(routes: tuple[Route, ...], method: str, path: str) -> Found | frozenset[str]:
    """Give the route of a request, or the methods that the path would allow (none: there is no such path)."""
    allowed: set[str] = set()
    for route in routes:
        values = route.template.match(path)
        if values is not None and route.takes(method):
            return Found(route, values)
        if values is not None:
            allowed |= route.methods
    return frozenset(allowed)


def _route(function: Function, prefix: str) -> Route:
    data = function.trigger.data
    own = str(data.get("route") or "").strip() or function.name
    if own.strip("/").lower().startswith(RESERVED):
        raise HostError(
            f"The function {function.name} cannot have the route '{own}': "
            "the specified route conflicts with one or more built in routes."
        )
    return Route(
        function=function,
        template=compile_template(f"{prefix}/{own.strip('/')}".strip("/")),
        methods=frozenset(_text(method).upper() for method in data.get("methods") or ()),
        level=_text(data.get("authLevel") or "function").lower(),
    )


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))
