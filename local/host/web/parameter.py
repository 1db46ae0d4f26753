"""One `{parameter}` of a route template: its name, constraints and default, read as ASP.NET Core reads them."""

import re
from dataclasses import dataclass

from ..problems import HostError
from .constraints import Constraint, constraint

INVALID_IN_NAME = frozenset("{}/?*")
PARAMETER = re.compile(r"(?P<star>\*{0,2})(?P<name>[^:=]*?)(?P<optional>\?)?(?P<rest>[:=].*)?", re.DOTALL)
INCOMPLETE = (
    "There is an incomplete parameter in the route template. "
    "Check that each '{' character has a matching '}' character."
)


class TemplateError(HostError):
    """The template is one that no function app starts with."""


@dataclass(frozen=True)
class Parameter:
    """One `{name}` of a template."""

    name: str
    constraints: tuple[Constraint, ...]
    catches_all: bool
    optional: bool
    default: str | None

    def accepts(self, value: str | None) -> bool:
        """Whether every constraint holds; of an absent value only optional parameters ask nothing."""
        if value is None:
            return self.optional or not self.constraints
        return all(holds(value) for holds in self.constraints)


def parse_parameter(text: str) -> Parameter:
    """Return the parameter between two braces. Raise TemplateError when it is none."""
    found = PARAMETER.fullmatch(text)
    if found is None:
        raise TemplateError(INCOMPLETE)
    constraints, default, optional = _rest(found["rest"] or "")
    name, optional = found["name"], optional or bool(found["optional"])
    if not name or INVALID_IN_NAME & set(name):
        raise TemplateError(
            f"The route parameter name '{name}' is invalid. Route parameter names must be non-empty and cannot contain "
            "these characters: '{', '}', '/'. The '?' character marks a parameter as optional, and can occur only at "
            "the end of the parameter. The '*' character marks a parameter as catch-all, and can occur only at the "
            "start of the parameter."
        )
    if optional and default is not None:
        raise TemplateError("An optional parameter cannot have default value.")
    if optional and found["star"]:
        raise TemplateError("A catch-all parameter cannot be marked optional.")
    checks = tuple(constraint(each, name) for each in constraints)
    return Parameter(name, checks, catches_all=bool(found["star"]), optional=optional, default=default)


def _rest(text: str) -> tuple[list[str], str | None, bool]:
    """Split `:int:range(1,5)=7` or `:int?` into constraints, default and whether it is optional."""
    constraints: list[str] = []
    depth = 0
    for at, letter in enumerate(text):
        if letter == "=" and depth == 0:
            return _single_braces(constraints), text[at + 1 :].removesuffix("?"), text.endswith("?")
        if letter == ":" and depth == 0:
            constraints.append("")
            continue
        depth += (letter == "(") - (letter == ")")
        constraints[-1] += letter
    optional = depth == 0 and text.endswith("?")
    if optional:
        constraints[-1] = constraints[-1].removesuffix("?")
    return _single_braces(constraints), None, optional


def _single_braces(constraints: list[str]) -> list[str]:
    return [each.replace("{{", "{").replace("}}", "}") for each in constraints if each]
