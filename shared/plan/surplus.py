"""What a document has beyond any plan: fields that there are not, and entries beyond what a list may have."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from annotated_types import MaxLen
from pydantic.fields import FieldInfo

from shared.plan.error_messages import no_such_field
from shared.plan.pointers import pointer
from shared.plan.values import Part, part_of
from shared.problems import Fault

Path = tuple[str | int, ...]
_Field = tuple[int | None, type[Part] | None]
PER_ENTRY: Final = 10  # an entry too many may be wrong in so many places


def most_entries(field: FieldInfo) -> int | None:
    """Give how many entries a list may have."""
    return next((each.max_length for each in field.metadata if isinstance(each, MaxLen)), None)


def surplus(kind: type[Part], document: Any, at: Path = ()) -> Iterator[tuple[int, Fault]]:
    """Give each such place with its weight: how many faults it may come to. What is wrong otherwise is passed over."""
    known = _fields(kind)
    for name, value in document.items() if isinstance(document, dict) else ():
        if name not in known:
            yield 1, Fault(pointer=pointer((*at, name)), message=no_such_field(name))
        elif isinstance(value, dict | list):
            yield from _in_field(known[name], value, (*at, name))


def _in_field(field: _Field, value: Any, at: Path) -> Iterator[tuple[int, Fault]]:
    most, part = field
    if isinstance(value, list) and most is not None and len(value) > most:
        message = f"must have at most {most:,} entries, and has {len(value):,}"
        yield PER_ENTRY * (len(value) - most), Fault(pointer=pointer(at), message=message)
    if part:
        yield from surplus(part, value, at)
        for number, item in enumerate(value[:most] if isinstance(value, list) else ()):
            yield from surplus(part, item, (*at, number))


@lru_cache(maxsize=256)
def _fields(kind: type[Part]) -> Mapping[str, _Field]:
    """Give the fields of a part by the names that plans know them by: how many entries each may have, and of which part."""
    return {
        field.alias or name: (most_entries(field), part_of(field.annotation))
        for name, field in kind.model_fields.items()
    }
