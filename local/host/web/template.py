"""Parses a route template such as `orders/{id:int}/{*rest}`, refusing what ASP.NET Core's parser refuses, in its words."""

import re

from .parameter import INCOMPLETE, Parameter, TemplateError, parse_parameter

CONSECUTIVE_SLASHES = (
    "The route template separator character '/' cannot appear consecutively. "
    "It must be separated by either a parameter or a literal value."
)

Part = str | Parameter
Segment = tuple[Part, ...]


def parse_template(text: str) -> tuple[Segment, ...]:
    """Return the segments of a template. Raise TemplateError when ASP.NET Core would refuse it."""
    if text.startswith("~") and not text.startswith("~/"):
        raise TemplateError("The route template cannot start with a '~' character unless followed by a '/'.")
    trimmed = text.removeprefix("~").removeprefix("/")
    if not trimmed:
        return ()
    texts = _split(trimmed)
    if len(texts) > 1 and texts[-1] == "":
        texts.pop()  # one slash at the end is nothing
    segments = tuple(_segment(segment) for segment in texts)
    _check_names(segments)
    if any(isinstance(part, Parameter) and part.catches_all for segment in segments[:-1] for part in segment):
        raise TemplateError("A catch-all parameter can only appear as the last segment of the route template.")
    return segments


def _split(text: str) -> list[str]:
    """Split at slashes that stand outside of braces (a regex constraint may hold one)."""
    segments, depth = [""], 0
    for letter in re.findall(r"\{\{|\}\}|.", text, re.DOTALL):
        depth += (letter == "{") - (letter == "}")
        if letter == "/" and depth == 0:
            segments.append("")
        else:
            segments[-1] += letter
    if "" in segments[:-1]:
        raise TemplateError(CONSECUTIVE_SLASHES)
    return segments


def _segment(text: str) -> Segment:
    """Split a segment into literals and parameters; doubled braces in a literal stand for one."""
    parts: list[Part] = []
    literal, at = "", 0
    while at < len(text):
        if text[at : at + 2] in ("{{", "}}"):
            literal, at = literal + text[at], at + 2
        elif text[at] == "}":
            raise TemplateError(INCOMPLETE)
        elif text[at] == "{":
            end = _closing(text, at)
            parts += [literal] if literal else []
            parts.append(parse_parameter(text[at + 1 : end]))
            literal, at = "", end + 1
        else:
            literal, at = literal + text[at], at + 1
    parts += [literal] if literal else []
    _check_literals(parts)
    _check_parameters(text, parts)
    return tuple(parts)


def _closing(text: str, at: int) -> int:
    """Return where the brace that opens at `at` is closed; doubled ones belong to a regular expression."""
    end = at + 1
    while end < len(text):
        if text[end : end + 2] in ("{{", "}}"):
            end += 2
        elif text[end] == "}":
            return end
        elif text[end] == "{":
            break
        else:
            end += 1
    raise TemplateError(INCOMPLETE)


def _check_literals(parts: list[Part]) -> None:
    for part in parts:
        if isinstance(part, str) and "?" in part:
            raise TemplateError(
                f"The literal section '{part}' is invalid. Literal sections cannot contain the '?' character."
            )


def _check_parameters(segment: str, parts: list[Part]) -> None:
    for at, part in enumerate(parts):
        if not isinstance(part, Parameter):
            continue
        if at and isinstance(parts[at - 1], Parameter):
            raise TemplateError(
                "A path segment cannot contain two consecutive parameters. "
                "They must be separated by a '/' or by a literal string."
            )
        if part.catches_all and len(parts) > 1:
            raise TemplateError(
                "A path segment that contains more than one section, such as a literal section or a parameter, "
                "cannot contain a catch-all parameter."
            )
        if part.optional and len(parts) > 1:
            _check_optional(segment, parts, at)


def _check_optional(segment: str, parts: list[Part], at: int) -> None:
    part = parts[at]
    name = part.name if isinstance(part, Parameter) else part
    if at < len(parts) - 1:
        raise TemplateError(
            f"An optional parameter must be at the end of the segment. In the segment '{segment}', "
            f"optional parameter '{name}' is followed by '{parts[at + 1]}'."
        )
    if parts[at - 1] != ".":
        raise TemplateError(
            f"In the segment '{segment}', the optional parameter '{name}' is preceded by an invalid segment "
            f"'{parts[at - 1]}'. Only a period (.) can precede an optional parameter."
        )


def _check_names(segments: tuple[Segment, ...]) -> None:
    seen: set[str] = set()
    for part in (part for segment in segments for part in segment if isinstance(part, Parameter)):
        if part.name.lower() in seen:
            raise TemplateError(
                f"The route parameter name '{part.name}' appears more than one time in the route template."
            )
        seen.add(part.name.lower())
