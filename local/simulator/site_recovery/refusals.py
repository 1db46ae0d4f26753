"""Refusals in Site Recovery's own envelope (recorded for a synchronous 400)."""

from collections.abc import Mapping
from typing import TypeVar

from ..errors import ArmError, Detail

T = TypeVar("T")


def refused(code: str, message: str, causes: str = "", action: str = "", *, status: int = 400) -> ArmError:
    """Return a 400 (or 409) whose real reason stands in `details`, as the service does it."""
    outer = "BadRequest" if status == 400 else "Conflict"
    detail = Detail(code, message, causes, action)
    return ArmError(status, outer, "The operation has failed.", (detail,))


def not_allowed(operation: str, name: str, state: str, allowed: list[str]) -> ArmError:
    """Return the refusal of an operation that is not in allowedOperations (unknown: code and text are assumed)."""
    return refused(
        "OperationNotAllowed",
        f"The operation '{operation}' is not allowed on '{name}' in its current state '{state}'.",
        f"The operations allowed in this state are: {', '.join(allowed) or 'none'}.",
        "Wait until the operation is allowed and retry.",
    )


def busy(name: str, scenario: str, job: str) -> ArmError:
    """Return the refusal while another job runs on the object (unknown: code and text are assumed)."""
    return refused(
        "AnotherOperationInProgress",
        f"Another operation '{scenario}' is in progress on '{name}' (job {job}).",
        "Only one operation at a time is possible.",
        "Wait until the job has ended and retry.",
        status=409,
    )


def missing(name: str) -> ArmError:
    """Return the 404 of an object that is not there (recorded of a protected item; assumed of the others)."""
    message = f"Specified resource with name '{name}' does not exist."
    causes, action = "Ensure correct resource name was specified.", "Verify ARM resource name details."
    return ArmError(404, "NotFound", message, (Detail("ArmResourceDoesNotExist", message, causes, action),))


def found(known: Mapping[str, T], name: str) -> T:
    """Return what is known by a name (in any case); raise Site Recovery's 404."""
    resource = known.get(name.lower())
    if resource is None:
        raise missing(name)
    return resource
