"""Reading what can be read of a faulty document, so that the rules over the whole plan still find their faults."""

from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from shared.plan.surplus import most_entries
from shared.plan.values import Part, part_of

Kind = TypeVar("Kind", bound=Part)


def lenient(kind: type[Kind], document: Any) -> Kind:
    """Build a part whose faulty fields have their defaults (text is kept as it is); entries of lists keep their place."""
    given = document if isinstance(document, dict) else {}
    present = {name: field for name, field in kind.model_fields.items() if field.alias in given}
    values = {name: _value(kind, name, given[field.alias]) for name, field in present.items()}
    missing = {
        name: _instead(field, None)
        for name, field in kind.model_fields.items()
        if name not in present and field.is_required()
    }
    return kind.model_construct(_fields_set=set(present), **values, **missing)


def _value(kind: type[Part], name: str, raw: Any) -> Any:
    """Read one field."""
    field = kind.model_fields[name]
    part = part_of(field.annotation)
    if get_origin(field.annotation) is tuple and part:
        return tuple(_read(part, item) for item in raw[: most_entries(field)]) if isinstance(raw, list) else ()
    if part:
        return _read(part, raw)
    try:
        return _adapter(kind, name).validate_python(raw)
    except ValidationError:
        return _instead(field, raw)


def _read(part: type[Kind], raw: Any) -> Kind:
    """Read a part: at once where nothing of it is faulty, which is nearly all of a large plan."""
    try:
        return part.model_validate(raw, by_alias=True, by_name=False)
    except ValidationError:
        return lenient(part, raw)


@lru_cache(maxsize=512)
def _adapter(kind: type[Part], name: str) -> TypeAdapter[Any]:
    """Give the reader of one field."""
    field = kind.model_fields[name]
    kind_of_value: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(kind_of_value)


def _instead(field: FieldInfo, raw: Any) -> Any:
    """Give what stands for a faulty or missing value: the text itself, the default, or nothing."""
    if isinstance(raw, str) and field.annotation is str:
        return raw
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    part = part_of(field.annotation)
    if get_origin(field.annotation) is tuple:
        return ()
    return lenient(part, {}) if part else ""
