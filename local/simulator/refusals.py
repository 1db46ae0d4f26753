"""Refusals that Azure is recorded (or reported) to answer, by their codes: a fault that names one is answered so."""

from dataclasses import dataclass, field
from typing import Any

from .arm import Raw, Reply
from .faults import Fault


@dataclass(frozen=True)
class Refusal:
    """A refusal: its status, what it says, and what stands beside that."""

    status: int
    message: str
    details: tuple[tuple[str, str], ...] = ()
    headers: dict[str, str] = field(default_factory=dict)


HTML, EMPTY = "html", "empty"  # codes of answers that bear none
_PAGE = "<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head><body></body></html>"

# Recorded but where a comment says that it is reported by people, which is weaker.
RECORDED: dict[str, Refusal] = {
    "SubscriptionNotFound": Refusal(404, "The subscription could not be found."),  # reported
    "ResourceGroupNotFound": Refusal(404, "Resource group could not be found."),
    "ResourceNotFound": Refusal(404, "The Resource was not found."),
    "RetryableError": Refusal(  # reported
        429,
        "A retryable error occurred.",
        (
            (
                "RetryableErrorDueToAnotherOperation",
                "Operation is blocked by another operation. The request can be retried in 14 seconds.",
            ),
        ),
    ),
    "ReferencedResourceNotProvisioned": Refusal(429, "Cannot proceed: a referenced resource is not provisioned."),
    "RequestDisallowedByPolicy": Refusal(  # reported
        403,
        "The resource was disallowed by policy. Policy identifiers: see details.",
        (("RequestDisallowedByPolicy", "Assignment 'allowed-locations', definition 'Allowed locations'."),),
    ),
    "DenyAssignmentAuthorizationFailed": Refusal(  # reported
        403, "The client has permission, but the access is denied because of the deny assignment."
    ),
    "ScopeLocked": Refusal(  # reported
        409, "The scope cannot perform the operation because it is locked. Please remove the lock and try again."
    ),
    "NicReservedForAnotherVm": Refusal(  # reported
        400, "The network interface is reserved for another virtual machine. Please retry after 180 seconds."
    ),
    "MissingSubscriptionRegistration": Refusal(
        409,
        "The subscription is not registered to use the namespace.",
        (("MissingSubscriptionRegistration", "The subscription is not registered to use the namespace."),),
    ),
    "ServerTimeout": Refusal(503, "The request timed out.", headers={"x-ms-failure-cause": "gateway"}),
}


def reply(fault: Fault) -> Reply:
    """Return what Azure answers: a page of its web server, nothing at all, or an error with what stands beside it."""
    if fault.code == HTML:
        return Reply(404, Raw(_PAGE, "text/html"))
    if fault.code == EMPTY:
        return Reply(503)
    known = RECORDED.get(fault.code, Refusal(400, "The request was refused."))
    error: dict[str, Any] = {"code": fault.code or "BadRequest", "message": fault.message or known.message}
    if known.details:
        error["details"] = [{"code": code, "message": message} for code, message in known.details]
    status = fault.status if "status" in fault.model_fields_set else known.status
    return Reply(status, {"error": error}, known.headers)
