"""The small values that plans are written in: names, durations, moments, sizes, and the strict base of every part."""

import re
from datetime import timedelta
from types import UnionType
from typing import Annotated, Any, Self, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, WithJsonSchema
from pydantic.alias_generators import to_camel

from shared.ids import NAME
from shared.intake.text import Label, Line, Statement


class Part(BaseModel):
    """Base of every part of a plan: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Give itself: nothing of a plan ever changes, and pydantic copies each default of each machine of a large one."""
        return self


def part_of(annotation: Any) -> type[Part] | None:
    """Give the part that a field holds, alone, in a list, or optionally."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    if get_origin(annotation) in (tuple, Annotated, Union, UnionType):
        return next((part for part in map(part_of, get_args(annotation)) if part), None)
    return None


_CLOCK = "T(?:[0-9]{1,6}H(?:[0-9]{1,6}M)?(?:[0-9]{1,6}S)?|[0-9]{1,6}M(?:[0-9]{1,6}S)?|[0-9]{1,6}S)"
ISO_DURATION = f"P(?:[0-9]{{1,4}}W|[0-9]{{1,5}}D(?:{_CLOCK})?|{_CLOCK})"
LOCAL_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?"
_AMOUNTS = re.compile(r"([0-9]+)([WDHMS])")
_UNITS = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes", "S": "seconds"}


def to_duration(text: Any) -> Any:
    """Read an ISO 8601 duration of weeks, days, hours, minutes and seconds; months and years have no fixed length."""
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or re.fullmatch(ISO_DURATION, text) is None:
        raise ValueError("must be an ISO 8601 duration such as PT15M, PT4H, P1D or P1DT12H")
    return timedelta(**{_UNITS[unit]: int(amount) for amount, unit in _AMOUNTS.findall(text)})


def from_duration(duration: timedelta) -> str:
    """Write a duration as ISO 8601 again, e.g. PT1H30M or P3D."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    amounts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    clock = "".join(f"{amount}{unit}" for amount, unit in amounts if amount)
    date = f"{days}D" if days else ""
    return f"P{date}{'T' if clock else ''}{clock}" if date or clock else "PT0S"


def to_tolerance(value: Any) -> Any:
    """Read a failure tolerance: a count of machines or a percentage; kept as text."""
    value = to_whole(value)
    count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100_000
    text = str(value) if count or isinstance(value, str) else ""
    if re.fullmatch(r"[0-9]{1,5}|(?:100|[0-9]{1,2})%", text) is None:
        raise ValueError("must be a count of machines such as 5, or a percentage such as 10%")
    return text


def to_whole(value: Any) -> Any:
    """Take 5.0 for 5, as JSON does."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def not_null(value: Any) -> Any:
    """Refuse an explicit null: what is not wanted is left out."""
    if value is None:
        raise ValueError("is empty (null): give a value or leave it out")
    return value


Name = Annotated[str, Field(pattern=NAME)]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict(), BeforeValidator(to_whole)]
Duration = Annotated[
    timedelta,
    BeforeValidator(to_duration),
    PlainSerializer(from_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{ISO_DURATION}$", "examples": ["PT15M", "P1D"]}),
]
MaybeDuration = Annotated[Duration | None, BeforeValidator(not_null)]
Tolerance = Annotated[
    str,
    BeforeValidator(to_tolerance),
    WithJsonSchema(
        {
            "oneOf": [
                {"type": "integer", "minimum": 0, "maximum": 99_999},
                {"type": "string", "pattern": "^(?:[0-9]{1,5}|(?:100|[0-9]{1,2})%)$"},
            ],
            "examples": [5, "10%"],
        }
    ),
]
LocalTime = Annotated[str, Field(pattern=f"^{LOCAL_TIME}$")]
Start = Annotated[str, Field(pattern=rf"^(?:{LOCAL_TIME}|\+{ISO_DURATION})$")]
MonthDay = Annotated[
    str,
    Field(
        pattern=r"^(?:(?:first|second|third|fourth|last) (?:mon|tues|wednes|thurs|fri|satur|sun)day|last day)$",
    ),
]
TimeZone = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
Text = Annotated[Statement, Field(min_length=1, max_length=4096)]
ShortText = Annotated[Label, Field(min_length=1, max_length=256)]
Region = Annotated[str, Field(pattern=r"^[a-z0-9]{2,40}$")]
SubscriptionId = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")]
ResourceGroup = Annotated[str, Field(pattern=r"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$")]
Network = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?$")]
VmSize = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{1,63}$")]
VmName = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")]
KINDS_OF_POINTS = ("latest", "latestProcessed", "latestAppConsistent", "latestCrashConsistent")
MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
GUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
ChosenPoint = Annotated[str, Field(pattern=rf"^(?:{'|'.join(KINDS_OF_POINTS)}|{MOMENT}|{GUID})$")]
IpAddress = Annotated[str, Field(pattern=r"^(?:[0-9]{1,3}\.){3}[0-9]{1,3}$")]
AddressOrWord = Annotated[str, Field(pattern=r"^(?:keep|dynamic|(?:[0-9]{1,3}\.){3}[0-9]{1,3})$")]
Tags = Annotated[
    dict[Annotated[Label, Field(min_length=1, max_length=512)], Annotated[Line, Field(max_length=256)]],
    Field(max_length=50),
]
