"""The constraints that a route parameter may carry, as in ASP.NET Core's route templates."""

import math
import re
import uuid
from collections.abc import Callable
from datetime import datetime

from ..problems import HostError

Constraint = Callable[[str], bool]

_INT = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d[\d,]*(\.\d*)?|\.\d+)")
_ALPHA = re.compile(r"[a-zA-Z]*")
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %I:%M%p")


def constraint(text: str, where: str) -> Constraint:
    """Give the check that a constraint such as `range(18,120)` stands for; raises HostError when there is none."""
    name, _, rest = text.partition("(")
    arguments = rest.removesuffix(")") if rest else ""
    try:
        if name in _PLAIN and not rest:
            return _PLAIN[name]
        if name in _WITH_ARGUMENTS and rest:
            return _WITH_ARGUMENTS[name](arguments)
    except (ValueError, re.error) as error:
        raise HostError(f"{where}: the constraint '{text}' is malformed: {error}") from error
    raise HostError(f"{where}: the constraint '{text}' is unknown.")


def _is_int(bits: int) -> Constraint:
    limit = 2 ** (bits - 1)
    return lambda value: bool(_INT.fullmatch(value)) and -limit <= int(value) < limit


def _is_float(value: str) -> bool:
    try:
        float(value.replace(",", ""))
    except ValueError:
        return False
    return "_" not in value


def _is_guid(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return not value.lower().startswith("urn:")


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return any(_parses(value, form) for form in _DATES)
    return True


def _parses(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - only the form matters
    except ValueError:
        return False
    return True


def _long(value: str) -> float:
    return int(value) if _is_int(64)(value) else math.nan


def _numbers(arguments: str, count: int) -> list[int]:
    found = [int(part) for part in arguments.split(",")]
    if len(found) != count:
        raise ValueError(f"it takes {count} numbers")
    return found


def _length(arguments: str) -> Constraint:
    least, most = _numbers(arguments, 2) if "," in arguments else [int(arguments)] * 2
    return lambda value: least <= len(value) <= most


def _range(arguments: str) -> Constraint:
    least, most = _numbers(arguments, 2)
    return lambda value: least <= _long(value) <= most


def _at_least(arguments: str) -> Constraint:
    least = int(arguments)
    return lambda value: _long(value) >= least


def _at_most(arguments: str) -> Constraint:
    most = int(arguments)
    return lambda value: _long(value) <= most


def _shortest(arguments: str) -> Constraint:
    least = int(arguments)
    return lambda value: len(value) >= least


def _longest(arguments: str) -> Constraint:
    most = int(arguments)
    return lambda value: len(value) <= most


def _regex(arguments: str) -> Constraint:
    pattern = re.compile(arguments, re.IGNORECASE)
    return lambda value: bool(pattern.search(value))


_PLAIN: dict[str, Constraint] = {
    "int": _is_int(32),
    "long": _is_int(64),
    "bool": lambda value: value.lower() in ("true", "false"),
    "float": _is_float,
    "double": _is_float,
    "decimal": lambda value: bool(_DECIMAL.fullmatch(value)),
    "guid": _is_guid,
    "datetime": _is_date,
    "alpha": lambda value: bool(_ALPHA.fullmatch(value)),
    "required": bool,
}
_WITH_ARGUMENTS: dict[str, Callable[[str], Constraint]] = {
    "length": _length,
    "minlength": _shortest,
    "maxlength": _longest,
    "min": _at_least,
    "max": _at_most,
    "range": _range,
    "regex": _regex,
}
