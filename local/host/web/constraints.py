"""The constraints that a route parameter may carry, as in ASP.NET Core's route templates."""

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from ..problems import HostError

Constraint = Callable[[str], bool]

# .NET takes blanks around numbers, and ASCII digits only.
_BLANK = r"[\t-\r ]*"
_INT = re.compile(_BLANK + r"[+-]?[0-9]+" + _BLANK)
_DECIMAL = re.compile(_BLANK + r"[+-]?" + _BLANK + r"([0-9][0-9,]*(\.[0-9]*)?|\.[0-9]+)" + _BLANK + r"[+-]?" + _BLANK)
_FLOAT = re.compile(
    _BLANK + r"[+-]?(([0-9][0-9,]*(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?|infinity|nan)" + _BLANK, re.IGNORECASE
)
_LARGEST_DECIMAL = Decimal(79228162514264337593543950335)
_ALPHA = re.compile(r"[a-zA-Z]*\n?")  # a line end at the end passes: `$` stands before it
_HEX = "[0-9a-fA-F]"
_DASHED = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_GUID = re.compile(rf"{_BLANK}({_HEX}{{32}}|{_DASHED}|\{{{_DASHED}\}}|\({_DASHED}\)){_BLANK}")
_ISO = re.compile(r"\d{4}-\d\d?-\d\d?([T ]\d\d?:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:\d\d))?)?")
_DATES = (
    "%m/%d/%Y", "%m-%d-%Y", "%Y/%m/%d", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y",
    "%a, %d %b %Y", "%b %Y", "%B %Y",
)  # fmt: skip
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p")


def constraint(text: str, where: str) -> Constraint:
    """Return the check that a constraint such as `range(18,120)` stands for. Raise HostError when there is none."""
    name, _, inner = text.partition("(")
    name, arguments = name.lower(), inner.removesuffix(")") if inner else ""
    try:
        if name in _PLAIN and not inner:
            return _PLAIN[name]
        if name in _WITH_ARGUMENTS and inner:
            return _WITH_ARGUMENTS[name](arguments)
    except (ValueError, re.error) as error:
        raise HostError(f"The constraint entry '{where}' - '{text}' is malformed: {error}.") from error
    raise HostError(
        f"The constraint entry '{where}' - '{text}' could not be resolved by the constraint resolver "
        "of type 'DefaultInlineConstraintResolver'."
    )


def _is_int(bits: int) -> Constraint:
    limit = 2 ** (bits - 1)
    return lambda value: bool(_INT.fullmatch(value)) and -limit <= int(value) < limit


def _is_float(value: str) -> bool:
    return bool(_FLOAT.fullmatch(value))


def _is_decimal(value: str) -> bool:
    if not _DECIMAL.fullmatch(value):
        return False
    digits = value.strip().strip("+-").strip().replace(",", "")
    return Decimal(digits).copy_abs() <= _LARGEST_DECIMAL


def _is_date(value: str) -> bool:
    text = value.strip()
    if _ISO.fullmatch(text):
        # Python wants two digits where .NET takes one.
        padded = re.sub(r"(?<!\d)(\d)(?!\d)", r"0\1", text.partition(".")[0].removesuffix("Z").strip())
        return _reads(datetime.fromisoformat, padded)
    forms = (*_DATES, *_TIMES, "%a, %d %b %Y %H:%M:%S GMT", *(f"{day} {time}" for day in _DATES for time in _TIMES))
    return any(_parses(text, form) for form in forms)


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _is_file(value: str) -> bool:
    """Whether the last segment has a period with something behind it."""
    return bool(value.rpartition("/")[2].partition(".")[2].strip("."))


def _units(value: str) -> int:
    """Return a text's length as .NET counts it: in UTF-16 units."""
    return len(value.encode("utf-16-le")) // 2


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
    return lambda value: least <= _units(value) <= most


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
    return lambda value: _units(value) >= least


def _longest(arguments: str) -> Constraint:
    most = int(arguments)
    return lambda value: _units(value) <= most


def _regex(arguments: str) -> Constraint:
    pattern = re.compile(arguments, re.IGNORECASE)
    return lambda value: bool(pattern.search(value))


_PLAIN: dict[str, Constraint] = {
    "int": _is_int(32),
    "long": _is_int(64),
    "bool": lambda value: value.strip().lower() in ("true", "false"),
    "float": _is_float,
    "double": _is_float,
    "decimal": _is_decimal,
    "guid": lambda value: bool(_GUID.fullmatch(value)),
    "datetime": _is_date,
    "alpha": lambda value: bool(_ALPHA.fullmatch(value)),
    "required": bool,
    "file": _is_file,
    "nonfile": lambda value: not _is_file(value),
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
