"""The routes of the app's HTTP functions and which of them a request means."""

import logging
from dataclasses import dataclass
from typing import Any

from ..function import Function
from ..problems import HostError
from .matching import Template, compile_template

logger = logging.getLogger("host")

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
        return not self.methods or method.upper() in self.methods


@dataclass(frozen=True)
class Found:
    """The route of a request and its parameters."""

    route: Route
    values: dict[str, str]


def build_routes(functions: list[Function], prefix: str) -> tuple[Route, ...]:
    """Return the routes in the order in which they are tried. Raise HostError for one with which Azure serves nothing.

    Azure tries them by function name, in capital letters, and takes the first that fits, whatever is more specific.
    """
    routes: list[Route] = []
    for function in sorted(functions, key=by_name):
        if function.trigger.type == "httpTrigger":
            route = _route(function, prefix)
            rival = next((other for other in routes if _conflict(route, other)), None)
            if rival is None:
                routes.append(route)
            else:
                _say_conflict(route, rival)
    return tuple(routes)


def by_name(function: Function) -> str:
    """Return what functions are sorted by: `ab` stands before `a_b`, as capital letters do before the underscore."""
    return function.name.upper()


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
    own = str(data.get("route") or "")
    own = own if own.strip() else function.name
    if own.strip("/").lower().startswith(RESERVED):
        raise HostError(
            f"The function {function.name} cannot have the route '{own}': "
            "the specified route conflicts with one or more built in routes."
        )
    return Route(
        function=function,
        template=_template(f"{prefix}/{own}" if prefix else own, function.name),
        methods=frozenset(_text(method).upper() for method in data.get("methods") or ()),
        level=_text(data.get("authLevel") or "function").lower(),
    )


def _template(text: str, name: str) -> Template:
    try:
        return compile_template(text)
    except HostError as error:
        raise HostError(
            f"An error occurred while creating the route with name '{name}' and template '{text}': {error}"
        ) from error


def _conflict(route: Route, other: Route) -> bool:
    same = route.template.text.strip("/").upper() == other.template.text.strip("/").upper()
    return same and (not route.methods or not other.methods or bool(route.methods & other.methods))


def _say_conflict(route: Route, rival: Route) -> None:
    logger.error(
        "The '%s' function is in error: The route specified conflicts with the route defined by function '%s'.",
        route.function.name,
        rival.function.name,
    )


def _text(value: Any) -> str:
    return str(getattr(value, "value", value))
