"""Lets moto find at once what it searches for at each request; what it answers stays the same."""

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import Any

METHODS = "method_names_from_class"
KEYS = "get_possible_keys"
Keys = Callable[[Any, Any], Iterable[str]]


def hasten() -> None:
    """Let moto look up once what it looks up at each request: its services (on disk), and the methods of its classes."""
    from moto import backends  # noqa: PLC0415 - moto is imported late
    from moto.core import responses, serialize  # noqa: PLC0415 - see above
    from moto.ec2.models.core import TaggedEC2Resource  # noqa: PLC0415 - see above
    from moto.ec2.models.instances import InstanceBackend, Reservation  # noqa: PLC0415 - see above

    for picker in (serialize.AttributePicker, serialize.XFormedAttributePicker):
        setattr(picker, KEYS, _remembered(getattr(picker, KEYS)))
    services, methods = backends.list_of_moto_modules, getattr(responses, METHODS)
    if not hasattr(services, "cache_info"):
        setattr(backends, "list_of_moto_modules", cache(lambda: frozenset(services())))  # noqa: B010 - a function is replaced
        setattr(responses, METHODS, cache(lambda kind: frozenset(methods(kind))))
    setattr(TaggedEC2Resource, "get_tags", _tags_of)  # noqa: B010 - a method is replaced
    setattr(InstanceBackend, "get_instance", _instance)  # noqa: B010 - a method is replaced
    setattr(Reservation, "__copy__", _copied)  # noqa: B010 - each request copies all reservations


def _remembered(keys: Keys) -> Keys:
    """Work out once under which names an object may hold a member of an answer: it depends on its class and on the shape."""
    if hasattr(keys, "__wrapped__"):
        return keys
    known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    @wraps(keys)
    def remembered(picker: Any, context: Any) -> tuple[str, ...]:
        service = getattr(context.service_model, "service_name", None)
        place = (type(picker), type(context.obj), context.key, service, *_named(context.shape))
        if place not in known:
            known[place] = tuple(keys(picker, context))
        return known[place]

    return remembered


def _named(shape: Any) -> tuple[str | None, ...]:
    """Give what tells a shape from the others of its service."""
    if shape is None:
        return ()
    parent = getattr(shape, "parent", None)
    return shape.name, shape.type_name, shape.serialization.get("name"), parent.name if parent else None


def _tags_of(resource: Any) -> list[dict[str, str]]:
    """Give the tags of a resource as moto's own `describe_tags` does, which goes through those of all resources."""
    from moto.ec2.utils import EC2_PREFIX_TO_RESOURCE, get_prefix  # noqa: PLC0415 - see above

    if not resource.id:
        return []
    kind = EC2_PREFIX_TO_RESOURCE.get(get_prefix(resource.id), "")
    tags = resource.ec2_backend.tags.get(resource.id, {})
    return [
        {"resource_id": resource.id, "key": key, "value": value, "resource_type": kind} for key, value in tags.items()
    ]


def _instance(backend: Any, instance_id: str) -> Any:
    """Give an instance as moto does, which copies all reservations for it."""
    from moto.ec2.exceptions import InvalidInstanceIdError  # noqa: PLC0415 - moto is imported late

    for reservation in backend.reservations.copy().values():
        for instance in reservation.instances:
            if instance.id == instance_id:
                return instance
    raise InvalidInstanceIdError(instance_id)


def _copied(original: Any) -> Any:
    """Copy an object as `copy.copy` does, by its members alone."""
    made = object.__new__(type(original))
    made.__dict__.update(original.__dict__)
    return made
