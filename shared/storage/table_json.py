"""Entities as the wire has them: JSON with the types that JSON has not; filters with values in their places."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from azure.data.tables import EdmType, EntityProperty

from shared.models import NEVER

KIND: Final = "@odata.type"
STAMP: Final = "Timestamp"
_NAMED = re.compile(r"@(\w+)")
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "Edm.DateTime": datetime.fromisoformat,
    "Edm.Int64": lambda value: EntityProperty(int(value), EdmType.INT64),
    "Edm.Double": float,
}


class Found(dict[str, Any]):
    """An entity that was read, with its ETag and the moment of its writing."""

    def __init__(self, wire: Mapping[str, Any], etag: str) -> None:
        """Take it from the JSON of the service; an answer about many rows has their ETags in it."""
        super().__init__({name: _read(value, wire.get(name + KIND)) for name, value in wire.items() if "." not in name})
        stamp = self.pop(STAMP, NEVER)  # its type is not always told
        stamp = datetime.fromisoformat(stamp) if isinstance(stamp, str) else stamp
        self.metadata = {"etag": wire.get("odata.etag", etag), "timestamp": stamp}


def written(entity: Mapping[str, Any]) -> bytes:
    """Write an entity for the service."""
    columns: dict[str, Any] = {}
    for name, value in entity.items():
        plain, kind = _written(value)
        columns[name] = plain
        if kind:
            columns[name + KIND] = kind
    return json.dumps(columns, separators=(",", ":")).encode()


def filled(where: str, values: Mapping[str, Any]) -> str:
    """Put values in the places of a filter's @names."""
    return _NAMED.sub(lambda place: _literal(values[place[1]]), where)


def _read(value: Any, kind: str | None) -> Any:
    read = _READ.get(kind) if kind else None
    return read(value) if read else value


def _written(value: Any) -> tuple[Any, str]:
    """Give a value and, where JSON would not tell, its type."""
    if isinstance(value, EntityProperty):
        return str(value.value), "Edm.Int64"
    if isinstance(value, datetime):
        return _moment(value), "Edm.DateTime"
    return value, "Edm.Double" if isinstance(value, float) else ""


def _literal(value: Any) -> str:
    """Write a value as filters have it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"datetime'{_moment(value)}'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
