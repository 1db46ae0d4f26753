"""Prints what Core Tools print at a start: the routes and the functions."""

from .function import Function
from .web.routes import Route


def announcement(functions: list[Function], routes: tuple[Route, ...], origin: str) -> str:
    """Give the text of the start, its last line saying where the host listens."""
    width = max((len(function.name) for function in functions), default=0)
    lines = ["", "Functions:", ""]
    lines += [_http(route, origin, width) for route in routes]
    others = (function for function in functions if function.trigger.type != "httpTrigger")
    lines += [f"  {function.name:<{width}}  {function.trigger.type}{_about(function)}" for function in others]
    return "\n".join([*lines, "", f"listening on {origin}"])


def _http(route: Route, origin: str, width: int) -> str:
    methods = ",".join(sorted(route.methods)) or "any method"
    return f"  {route.function.name:<{width}}  [{methods}] {origin}/{route.template.text}  ({route.level})"


def _about(function: Function) -> str:
    data = function.trigger.data
    source = data.get("queueName") or data.get("schedule")
    return f": {source}" if source else ""
