"""ARM resources that are only stored: a document per id, found in any case."""

from collections.abc import Iterator
from typing import Any

Resource = dict[str, Any]


def resource_type(resource_id: str) -> str:
    """Return `Provider/type[/type…]` of a resource id, in the id's own case."""
    _, _, tail = resource_id.rpartition("/providers/")
    parts = tail.split("/")
    return "/".join([parts[0], *parts[1::2]])


def last_segment(resource_id: str) -> str:
    """Return the name a resource id ends with."""
    return resource_id.rstrip("/").rpartition("/")[2]


class Resources:
    """All stored resources; ids match in any case and are given back as first written."""

    def __init__(self) -> None:
        self._documents: dict[str, Resource] = {}

    def put(self, resource: Resource) -> Resource:
        """Keep a resource under its `id`, replacing an older one; `name` and `type` are filled in."""
        found = self._documents.get(resource["id"].lower())
        if found is not None:
            resource["id"] = found["id"]
        resource.setdefault("name", last_segment(resource["id"]))
        resource.setdefault("type", resource_type(resource["id"]))
        self._documents[resource["id"].lower()] = resource
        return resource

    def get(self, resource_id: str) -> Resource | None:
        """Return the resource or None."""
        return self._documents.get(resource_id.rstrip("/").lower())

    def delete(self, resource_id: str) -> list[Resource]:
        """Remove a resource and everything below it; return what was removed."""
        key = resource_id.rstrip("/").lower()
        gone = [known for known in self._documents if known == key or known.startswith(key + "/")]
        return [self._documents.pop(known) for known in gone]

    def under(self, parent_id: str, kind: str | None = None) -> Iterator[Resource]:
        """Yield what lies below an id (any depth), of one resource type if `kind` is given."""
        prefix = parent_id.rstrip("/").lower() + "/"
        for key, resource in list(self._documents.items()):
            if key.startswith(prefix) and (kind is None or resource["type"].lower() == kind.lower()):
                yield resource
