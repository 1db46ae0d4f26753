"""ARM's error envelope: what a refused request answers."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Detail:
    """One entry of `error.details`, with the fields Site Recovery adds."""

    code: str
    message: str
    possible_causes: str = ""
    recommended_action: str = ""

    def as_json(self, client_request_id: str, activity_id: str) -> dict[str, Any]:
        """Return the wire shape (recorded: it names both request ids)."""
        return {
            "code": self.code,
            "message": self.message,
            "possibleCauses": self.possible_causes,
            "recommendedAction": self.recommended_action,
            "clientRequestId": client_request_id,
            "activityId": activity_id,
        }


@dataclass
class ArmError(Exception):
    """A refusal: HTTP status, code, message, and what Site Recovery says besides."""

    status: int
    code: str
    message: str
    details: tuple[Detail, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}: {self.message}"

    def as_json(self, client_request_id: str, activity_id: str) -> dict[str, Any]:
        """Return the body; `details` is absent when there are none."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = [detail.as_json(client_request_id, activity_id) for detail in self.details]
        return {"error": error}


def not_found(resource: str) -> ArmError:
    """Return ARM's 404 for a resource, named by type and name or by id."""
    return ArmError(404, "ResourceNotFound", f"The Resource '{resource}' was not found.")


def bad_request(message: str, code: str = "InvalidParameter") -> ArmError:
    """Return a 400."""
    return ArmError(400, code, message)


def conflict(message: str, code: str = "Conflict") -> ArmError:
    """Return a 409."""
    return ArmError(409, code, message)
