"""Long operations of the providers beside Site Recovery: their URLs lie under the provider's locations.

Recorded: Compute's `Location` is the operation's own URL with `monitor=true`, Network's is another path; Network tells an
operation's status and error alone. The other providers are assumed to tell as Compute does, with Network's paths.
"""

from collections.abc import Callable
from typing import Any

from ..arm import NULL, Call, Reply, Route
from ..operations import Operation, async_url, nothing, operations_of

COMPUTE, NETWORK = "Microsoft.Compute", "Microsoft.Network"
_ROOT = "/subscriptions/{subscription}/providers"
Work = Callable[[Operation], None]


def begin(
    call: Call, provider: str, location: str, seconds: float, work: Work | None = None
) -> tuple[Operation, dict[str, str]]:
    """Open an operation that ends after `seconds`; `work` is its effect and may end it otherwise.

    Returns the operation and the two headers of the 202 (or 201).
    """
    world = call.world
    operation = operations_of(world).start(world.new_guid(), call.now, nothing)

    def end() -> None:
        if work:
            work(operation)
        if operation.status == "InProgress":
            operation.finish("Succeeded", world.now)

    world.timeline.after(seconds, end)
    place = f"/subscriptions/{call.params['subscription']}/providers/{provider}/locations/{location}"
    status = async_url(call, f"{place}/operations/{operation.id}")
    result = f"{status}&monitor=true" if provider == COMPUTE else None
    headers = {
        "Azure-AsyncOperation": status,
        "Location": result or async_url(call, f"{place}/operationResults/{operation.id}"),
    }
    if world.settings.retry_after is not None:
        headers["Retry-After"] = "10"
    return operation, headers


def started(call: Call, provider: str, location: str, seconds: float, work: Work | None = None) -> Reply:
    """Open an operation and answer 202."""
    operation, headers = begin(call, provider, location, seconds, work)
    return Reply(202, headers=headers, effect=f"operation {operation.id}")


def fail(operation: Operation, call: Call, code: str, message: str) -> None:
    """End an operation with an error."""
    operation.finish("Failed", call.world.now, {"code": code, "message": message})


def routes(provider: str) -> tuple[Route, ...]:
    """Return the routes on which a provider's operations are asked for."""
    place = f"{_ROOT}/{provider}/locations/{{location}}"
    status = Route("GET", f"{place}/operations/{{operation}}", _short if provider == NETWORK else _status)
    return (
        (status,) if provider == COMPUTE else (status, Route("GET", f"{place}/operationResults/{{operation}}", _result))
    )


def _short(call: Call) -> Reply:
    """Answer Network's status: nothing but how it stands (recorded)."""
    operation = operations_of(call.world).get(call.params["operation"])
    error = {"error": {**operation.error, "details": []}} if operation.error else {}
    return Reply(200, {"status": operation.status, **error})


def _status(call: Call) -> Reply:
    if call.query.get("monitor", "").lower() == "true":
        return _result(call)
    operation = operations_of(call.world).get(call.params["operation"])
    body: dict[str, Any] = {
        "name": operation.id,
        "status": operation.status,
        "startTime": operation.started.isoformat(),
    }
    if operation.ended:
        body["endTime"] = operation.ended.isoformat()
    if operation.error:
        body["error"] = operation.error
    if operation.status == "Succeeded" and (output := operation.result()) is not None:
        body["properties"] = {"output": output}
    return Reply(200, body)


def _result(call: Call) -> Reply:
    operation = operations_of(call.world).get(call.params["operation"])
    if operation.status == "InProgress":
        monitored = "&monitor=true" if call.query.get("monitor") else ""
        headers = {"Location": f"{async_url(call, call.path)}{monitored}"}
        return Reply(202, None if monitored else NULL, headers)
    if operation.status == "Failed":
        return Reply(409, {"error": operation.error})
    output = operation.result()
    return Reply(200, output) if output is not None else Reply(204)
