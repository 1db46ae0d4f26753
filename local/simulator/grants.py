"""What the caller may do: everything, unless the world says otherwise; then each request is held to it, as ARM does."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from pydantic import BaseModel, ConfigDict, Field

from .errors import ArmError
from .world import World

# unknown: which right the eligibility results need (Azure lists none); everybody may ask what they may do.
_FREE = ("microsoft.recoveryservices/replicationeligibilityresults/read", "microsoft.authorization/permissions/read")


class Permission(BaseModel):
    """What one role allows, in the words of ARM."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    actions: tuple[str, ...] = ("*",)
    not_actions: tuple[str, ...] = Field(default=(), alias="notActions")
    data_actions: tuple[str, ...] = Field(default=(), alias="dataActions")
    not_data_actions: tuple[str, ...] = Field(default=(), alias="notDataActions")

    def allows(self, operation: str) -> bool:
        """Tell whether it allows an operation; what it denies itself, another role may allow."""
        return _any(operation, self.actions) and not _any(operation, self.not_actions)


class Granted(BaseModel):
    """The roles that the caller has on a scope and all below it (none = may do nothing there)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: str = ""
    permissions: tuple[Permission, ...] = ()


def granted_of(world: World) -> dict[str, Granted]:
    """Return what the world grants, by lower-case scope."""
    found: dict[str, Granted] = world.services.setdefault("permissions", {})
    return found


def permissions_on(world: World, scope: str) -> tuple[Permission, ...]:
    """Return the roles that hold on a scope: those told of the nearest scope at or above it."""
    grants, wanted = granted_of(world), scope.lower().rstrip("/")
    above = [each for each in grants if wanted == each or wanted.startswith(f"{each}/") or not each]
    return grants[max(above, key=len)].permissions if above else (Permission(),)


def check(world: World, operation: str, path: str) -> None:
    """Raise ARM's 403 unless the caller may do an operation there (recorded words)."""
    if not granted_of(world) or operation.lower() in _FREE:
        return
    if not any(each.allows(operation) for each in permissions_on(world, path)):
        message = (
            f"The client does not have authorization to perform action '{operation}' over scope '{path}' or the scope is "
            "invalid. If access was recently granted, please refresh your credentials."
        )
        raise ArmError(403, "AuthorizationFailed", message)


def _any(operation: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(operation.lower(), each.lower()) for each in patterns)
