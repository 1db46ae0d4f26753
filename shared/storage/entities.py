"""Models as table entities and back: simple fields are columns, nested ones JSON text, long texts are split.

A table property holds 64 KiB (32,768 UTF-16 units): longer texts are split over `name`, `name__1`, `name__2`. An entity
holds 1 MiB: a larger row is refused here, with its name, before the service refuses it without one.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from typing import Any, Final, TypeVar

from azure.data.tables import EdmType, EntityProperty
from pydantic_core import from_json, to_json

from shared.models import Model
from shared.problems import Refused

Row = TypeVar("Row", bound=Model)
Entity = Mapping[str, Any]

CHUNK: Final = 15_000  # characters of at most two UTF-16 units each
LARGEST_ROW: Final = 1_000_000  # bytes of UTF-16; the service's limit of 1 MiB counts names and overhead too
LONGEST_KEY: Final = 400  # characters; the service allows 1 KiB
INT32: Final = 2**31
JSON: Final = "_json"
_UNSAFE = re.compile(r"[^A-Za-z0-9._:@=,+-]")


def key(text: str) -> str:
    """Make any text a legal PartitionKey or RowKey, different texts different keys.

    The service forbids slashes, # ? and control characters; everything but plain ones is written as ~ and its UTF-8 bytes.
    """
    safe = _UNSAFE.sub(lambda found: "".join(f"~{byte:02x}" for byte in found[0].encode()), text) or "~"
    if len(safe) <= LONGEST_KEY:
        return safe
    return f"{safe[: LONGEST_KEY - 66]}~-{hashlib.sha256(text.encode()).hexdigest()}"


class WrittenRow(dict[str, Any]):
    """A row as an entity, with the row, which who has written it need not read again, and with the bytes that it takes."""

    def __init__(self, keys: Entity, row: Model) -> None:
        """Take the keys; the columns follow."""
        super().__init__(keys)
        self.row = row
        self.size = 0


def to_entity(partition: str, row_key: str, row: Model) -> WrittenRow:
    """Write a row as an entity under these (already legal) keys. Raises `Refused` when it is larger than a row may be."""
    entity = WrittenRow({"PartitionKey": partition, "RowKey": row_key}, row)
    for name, plain in row.model_dump(mode="json").items():
        value = getattr(row, name)
        if plain.__class__ is str and len(plain) <= CHUNK and not isinstance(value, datetime):  # most of them
            entity[name] = plain
        elif plain is not None:
            entity.update(_properties(name, value, plain))
    entity.size = size = sum(map(_width, entity)) + sum(map(_size, entity.values()))
    if size > LARGEST_ROW:
        raise Refused(
            f"the row {row_key} of {partition} would take {size} bytes; a table row holds {LARGEST_ROW}",
            id="row-too-large",
            title="A row is too large for the table",
            advice="Shorten the texts in it, or split the plan.",
        )
    return entity


def from_entity(kind: type[Row], entity: Entity) -> Row:
    """Read a row; columns that this version does not know are ignored, missing ones get their default."""
    columns, found = _columns(kind), dict[str, Any]()
    for column, value in entity.items():
        name, nested = columns.get(column, ("", False))
        if nested:
            found[name] = from_json(_join(column, entity))
        elif name:
            found.setdefault(name, _join(column, entity) if isinstance(value, str) else _plain(value))
    return kind.model_validate(found)


@lru_cache(maxsize=256)
def _columns(kind: type[Model]) -> Mapping[str, tuple[str, bool]]:
    """Give the fields of a kind of rows by the columns that they begin in, and which of these hold JSON."""
    return {column: (name, column != name) for name in kind.model_fields for column in (name, name + JSON)}


def _properties(name: str, value: object, plain: object) -> dict[str, Any]:
    """Give the columns of one field that says something."""
    if isinstance(value, datetime):
        return {name: value.astimezone(UTC)}
    if isinstance(plain, str):
        return _split(name, plain)
    if isinstance(plain, bool | float):
        return {name: plain}
    if isinstance(plain, int):
        return {name: plain if -INT32 <= plain < INT32 else EntityProperty(plain, EdmType.INT64)}
    return _split(name + JSON, to_json(plain).decode())


def _split(name: str, text: str) -> dict[str, Any]:
    """Spread a text over as many columns as it needs."""
    if len(text) <= CHUNK:
        return {name: text}
    return {
        f"{name}__{number}" if number else name: text[start : start + CHUNK]
        for number, start in enumerate(range(0, len(text), CHUNK))
    }


def _join(name: str, entity: Entity) -> str:
    """Put a split text together again."""
    if f"{name}__1" not in entity:  # nearly all
        return str(entity[name])
    parts = [entity[name]]
    for number in count(1):
        part = entity.get(f"{name}__{number}")
        if part is None:
            break
        parts.append(part)
    return "".join(parts)


def _plain(value: Any) -> Any:
    """Take off the SDK's wrappers."""
    if isinstance(value, EntityProperty):
        return value.value
    if isinstance(value, datetime):  # the SDK's own subclass
        return datetime.fromtimestamp(0, UTC) + (value - datetime.fromtimestamp(0, UTC))
    return value


def _size(value: Any) -> int:
    """Give the bytes that a name or value takes, as the service counts them."""
    if not isinstance(value, str):
        return 8
    return 2 * len(value) if value.isascii() else len(value.encode("utf-16-le"))


_width: Final = lru_cache(maxsize=1024)(_size)  # of the names of columns, which are few
