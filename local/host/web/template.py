"""Compiles a route template such as `orders/{id:int}/{*rest}` into something that matches paths."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from ..problems import HostError
from .constraints import Constraint, constraint

_PARAMETER = re.compile(
    r"(?P<star>\*{0,2})(?P<name>[^{}*?:=/]+)(?P<constraints>(?::.+?)?)(?P<default>=[^?]*)?(?P<optional>\?)?"
)


@dataclass(frozen=True)
class Parameter:
    """One `{name}` of a template."""

    name: str
    constraints: tuple[Constraint, ...]
    catches_all: bool
    optional: bool
    default: str | None

    def accepts(self, value: str) -> bool:
        """Say whether every constraint holds."""
        return all(holds(value) for holds in self.constraints)


@dataclass(frozen=True)
class Template:
    """A compiled template; literals do not heed case."""

    text: str
    pattern: re.Pattern[str]
    parameters: tuple[Parameter, ...]

    def match(self, path: str) -> dict[str, str] | None:
        """Give the route parameters of a raw (percent-encoded) path, None when it is another route's."""
        found = self.pattern.fullmatch(path.removesuffix("/").removeprefix("/"))
        if found is None:
            return None
        values: dict[str, str] = {}
        for parameter, raw in zip(self.parameters, found.groups(), strict=True):
            value = parameter.default if raw is None or raw == "" else _decoded(raw)
            if value is not None and not parameter.accepts(value):
                return None
            if value is not None:
                values[parameter.name] = value
        return values


def compile_template(text: str) -> Template:
    """Compile a template; raises HostError when Azure would refuse it."""
    where = f"The route '{text}'"
    if text.startswith("~"):
        raise HostError(f"{where} must not start with '~'.")
    segments = [_parts(segment, where) for segment in _segments(text.strip("/"), where)]
    parameters = [part for segment in segments for part in segment if isinstance(part, Parameter)]
    _check(where, segments, parameters)
    pattern = re.compile(_pattern(segments), re.IGNORECASE | re.DOTALL)
    return Template(text, pattern, tuple(parameters))


def _decoded(raw: str) -> str:
    # ASP.NET Core leaves an encoded slash encoded.
    return "%2F".join(unquote(part) for part in re.split("%2f", raw, flags=re.IGNORECASE))


def _segments(text: str, where: str) -> list[str]:
    """Split at slashes that are outside of braces (a regex constraint may hold one)."""
    segments, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if letter == "/" and depth == 0:
            segments.append("")
        else:
            segments[-1] += letter
    if depth:
        raise HostError(f"{where} has braces that do not match.")
    return [segment for segment in segments if segment] if text else []


def _parts(segment: str, where: str) -> list[str | Parameter]:
    """Split a segment into literals and parameters."""
    parts: list[str | Parameter] = []
    literal, at = "", 0
    while at < len(segment):
        if segment[at] != "{":
            literal, at = literal + segment[at], at + 1
            continue
        end = _closing(segment, at, where)
        parts += [literal] if literal else []
        parts.append(_parameter(segment[at + 1 : end], where))
        literal, at = "", end + 1
    return [*parts, literal] if literal else parts


def _closing(segment: str, at: int, where: str) -> int:
    """Find the brace that closes the one at `at`; doubled braces belong to a regular expression."""
    end = at + 1
    while end < len(segment):
        if segment[end : end + 2] in ("{{", "}}"):
            end += 2
        elif segment[end] == "}":
            return end
        else:
            end += 1
    raise HostError(f"{where} has a brace that is not closed.")


def _parameter(text: str, where: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if found is None:
        raise HostError(f"{where} has the malformed parameter '{{{text}}}'.")
    checks = [constraint(one, where) for one in _constraints(found["constraints"])]
    default = found["default"]
    return Parameter(
        name=found["name"],
        constraints=tuple(checks),
        catches_all=bool(found["star"]),
        optional=bool(found["optional"]),
        default=default[1:] if default else None,
    )


def _constraints(text: str) -> list[str]:
    """Split `:int:range(1,5)` at colons outside of parentheses."""
    found: list[str] = []
    depth = 0
    for letter in text.replace("{{", "{").replace("}}", "}"):
        if letter == ":" and depth == 0:
            found.append("")
            continue
        depth += (letter == "(") - (letter == ")")
        found[-1] += letter
    return found


def _check(where: str, segments: list[list[str | Parameter]], parameters: list[Parameter]) -> None:
    names = [parameter.name.lower() for parameter in parameters]
    if len(set(names)) != len(names):
        raise HostError(f"{where} names a parameter twice.")
    for at, segment in enumerate(segments):
        for part in segment:
            if isinstance(part, Parameter) and (part.catches_all or part.optional):
                _check_special(where, part, alone=len(segment) == 1, last=at == len(segments) - 1)


def _check_special(where: str, parameter: Parameter, *, alone: bool, last: bool) -> None:
    if not alone:
        raise HostError(f"{where}: '{parameter.name}' is optional or catches all, so it must be a whole segment.")
    if parameter.catches_all and not last:
        raise HostError(f"{where}: '{parameter.name}' catches all, so it must be the last segment.")
    if parameter.catches_all and parameter.optional:
        raise HostError(f"{where}: '{parameter.name}' catches all, so it cannot be optional too.")


def _pattern(segments: list[list[str | Parameter]]) -> str:
    """Give the regular expression of a path without its first slash."""
    whole = ""
    for at, segment in enumerate(segments):
        slash = "/" if at else ""
        part = segment[0]
        if isinstance(part, Parameter) and part.catches_all:
            whole += f"(?:{slash}(.*))?"
        elif isinstance(part, Parameter) and len(segment) == 1 and (part.optional or part.default is not None):
            whole += f"(?:{slash}([^/]+))?"
        else:
            whole += slash + "".join("([^/]+)" if isinstance(one, Parameter) else re.escape(one) for one in segment)
    return whole
