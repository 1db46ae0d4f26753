"""What a provider module sees: a call comes in, a reply goes out, a route joins them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .errors import bad_request

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True)
class Raw:
    """A body that is sent as it stands."""

    text: str
    content_type: str = "application/json; charset=utf-8"


NULL = Raw("null")


@dataclass(frozen=True)
class Reply:
    """A response: `body` is JSON or raw (None = no body at all); `effect` goes to the request log only."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: str = ""


@dataclass(frozen=True)
class Call:
    """One request to ARM: `params` are the route's variables as sent, `query` keys are lower-case."""

    method: str
    path: str
    origin: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    now: datetime
    request_id: str
    client_request_id: str
    world: "World"

    @property
    def activity_id(self) -> str:
        """Return what a job remembers of this request (recorded: the client's own id, then a GUID of the service)."""
        return f"{self.client_request_id} ActivityId: {self.request_id}"

    @property
    def api_version(self) -> str:
        """Return the api-version as sent."""
        return self.query.get("api-version", "")

    def json_object(self) -> dict[str, Any]:
        """Return the body as a JSON object; raise ARM's 400 if it is none."""
        if not isinstance(self.body, dict):
            raise bad_request("The request content was invalid and could not be deserialized.", "InvalidRequestContent")
        return self.body

    def properties(self) -> dict[str, Any]:
        """Return the body's `properties` object; raise ARM's 400 if it is none."""
        found = self.json_object().get("properties")
        if not isinstance(found, dict):
            raise bad_request("The request content has no 'properties' object.", "InvalidRequestContent")
        return found


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Route:
    """One operation of ARM.

    `path` is a template such as `/subscriptions/{subscription}/resourceGroups/{group}`; literals match
    in any case. `versions` are the api-versions accepted (empty = any). Handlers are plain functions:
    they run one after another on the loop, so what a handler does is one atomic step.
    """

    method: str
    path: str
    handler: Handler
    versions: frozenset[str] = frozenset()
