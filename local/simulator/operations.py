"""ARM's asynchronous operations: the 202, its two URLs, and what they answer later."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha512
from typing import Any, Literal

from .arm import Call, Reply
from .errors import not_found
from .world import World

Status = Literal["InProgress", "Succeeded", "Failed", "Canceled"]


def stamp(moment: datetime | None) -> str | None:
    """Return a moment as Site Recovery writes it: seven digits of a second."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "0Z"


def cut(moment: datetime) -> str:
    """Return a moment cut to seconds, as Site Recovery writes the end of an operation (recorded)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")


def nothing() -> Any:
    """Return the result of an operation that has none (its operationresults answer 204)."""
    return None


@dataclass
class Operation:
    """One asynchronous operation; `result` gives the body of `operationresults` once it Succeeded (None = 204)."""

    id: str
    started: datetime
    result: Callable[[], Any]
    status: Status = "InProgress"
    ended: datetime | None = None
    error: dict[str, Any] | None = None

    def finish(self, status: Status, at: datetime, error: dict[str, Any] | None = None) -> None:
        """End the operation."""
        self.status, self.ended, self.error = status, at, error

    def as_json(self) -> dict[str, Any]:
        """Return the body of an operation status (recorded shape: unused keys are null)."""
        return {
            "error": self.error,
            "id": None,
            "name": self.id,
            "properties": None,
            "status": self.status,
            "startTime": stamp(self.started),
            "endTime": cut(self.ended) if self.ended else None,
            "percentComplete": None,
        }


@dataclass
class Operations:
    """All operations, by id."""

    _known: dict[str, Operation] = field(default_factory=dict)

    def start(self, operation_id: str, now: datetime, result: Callable[[], Any]) -> Operation:
        """Open an operation."""
        return self._known.setdefault(operation_id.lower(), Operation(operation_id, now, result))

    def get(self, operation_id: str) -> Operation:
        """Return an operation; raise ARM's 404."""
        found = self._known.get(operation_id.lower())
        if found is None:
            raise not_found(operation_id)
        return found


def operations_of(world: World) -> Operations:
    """Return the world's operations."""
    found: Operations = world.services.setdefault("operations", Operations())
    return found


def accepted(call: Call, operation_id: str, resource_path: str, status_path: str, request_id: str = "") -> Reply:
    """Return the 202: empty body, both URLs, Retry-After if the service sends one.

    `resource_path` is the path of the resource (never of the action); the result is asked for at
    `{resource_path}/operationresults/{id}`, the status at `status_path`. `request_id` replaces `x-ms-request-id`.
    """
    result = f"{resource_path}/operationresults/{operation_id}"
    headers = {"Location": async_url(call, result), "Azure-AsyncOperation": async_url(call, status_path)}
    if call.world.settings.retry_after is not None:
        headers["Retry-After"] = str(call.world.settings.retry_after)
    if request_id:
        headers["x-ms-request-id"] = request_id
    return Reply(202, headers=headers, effect=f"operation {operation_id}")


def async_url(call: Call, path: str) -> str:
    """Return an absolute URL on this simulator, signed (about 3 KB) if the settings ask for it."""
    url = f"{call.origin}{path}?api-version={call.api_version}"
    if not call.world.settings.signed_urls:
        return url
    seed = sha512(path.encode()).hexdigest()
    at = call.now.strftime("%Y-%m-%dT%H%%3a%M%%3a%S")
    return f"{url}&t={at}&c={(seed * 22)[:2800]}&s={seed[:86] * 4}&h={seed[:43]}"


def result_reply(call: Call, operation: Operation) -> Reply:
    """Return what `operationresults` answers: 202 while running, the result or 204 when done, the error when failed."""
    if operation.status == "InProgress":
        headers = {"Location": f"{call.origin}{call.path}?{_query(call)}"}
        if call.world.settings.retry_after is not None:
            headers["Retry-After"] = str(call.world.settings.retry_after)
        return Reply(202, headers=headers)
    if operation.status != "Succeeded":
        # unknown: the status of a failed operation's results; assumed 400 with the error of the operation
        return Reply(400, {"error": operation.error or {"code": "OperationFailed", "message": operation.status}})
    body = operation.result()
    return Reply(204) if body is None else Reply(200, body)


def status_reply(call: Call, operation: Operation) -> Reply:
    """Return what an operation's status URL answers."""
    headers = {}
    if operation.status == "InProgress" and call.world.settings.retry_after is not None:
        headers["Retry-After"] = str(call.world.settings.retry_after)
    return Reply(200, operation.as_json(), headers)


def _query(call: Call) -> str:
    return "&".join(f"{name}={value}" for name, value in call.query.items())
