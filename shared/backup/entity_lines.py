"""Table entities as lines of JSON and back, so that every value comes back as the type that it was."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from azure.data.tables import EdmType, EntityProperty

_TYPE, _VALUE = "edm", "value"
_TIME: Final = "Edm.DateTime"


def to_line(entity: Mapping[str, Any]) -> str:
    """Write an entity. Raises `TypeError` for a value of a type that the app never writes."""
    return json.dumps({name: _written(value) for name, value in entity.items()}, ensure_ascii=False)


def from_line(line: str) -> dict[str, Any]:
    """Read an entity as the SDK takes it."""
    return {name: _read(value) for name, value in json.loads(line).items()}


def _written(value: Any) -> Any:
    if isinstance(value, EntityProperty):
        return {_TYPE: EdmType(value.edm_type).value, _VALUE: str(value.value)}
    if isinstance(value, datetime):
        return {_TYPE: _TIME, _VALUE: value.astimezone(UTC).isoformat()}
    if isinstance(value, str | bool | int | float):
        return value
    raise TypeError(f"a table of ours holds a {type(value).__name__}")


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value[_TYPE] == _TIME:
        return datetime.fromisoformat(value[_VALUE])
    return EntityProperty(int(value[_VALUE]), EdmType.INT64)
