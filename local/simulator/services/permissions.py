"""Microsoft.Authorization/permissions: what the caller may do on a scope; everything unless the world says otherwise."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..arm import Call, Reply, Route
from ..errors import not_found
from ..provider import ControlCall, ControlRoute, Provider
from ..world import World
from .kinds import paged

_ASKED = "/providers/Microsoft.Authorization/permissions"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_RESOURCE = f"{_GROUP}/providers/{{namespace}}/{{type}}/{{name}}"
_CHILD = f"{_RESOURCE}/{{child_type}}/{{child}}"
_SCOPES = (_SUBSCRIPTION, _GROUP, _RESOURCE, _CHILD)


class Permission(BaseModel):
    """What one role allows, in the words of ARM."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    actions: tuple[str, ...] = ("*",)
    not_actions: tuple[str, ...] = Field(default=(), alias="notActions")
    data_actions: tuple[str, ...] = Field(default=(), alias="dataActions")
    not_data_actions: tuple[str, ...] = Field(default=(), alias="notDataActions")


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
    told, wanted = granted_of(world), scope.lower().rstrip("/")
    above = [one for one in told if wanted == one or wanted.startswith(f"{one}/") or not one]
    return told[max(above, key=len)].permissions if above else (Permission(),)


def _read(call: Call) -> Reply:
    scope = call.path[: call.path.lower().rindex(_ASKED.lower())]
    # a resource need not be there (documented: access is told of the scope); its group must be
    group = _GROUP.format_map(call.params) if "group" in call.params else ""
    if group and call.world.resources.get(group) is None:
        raise not_found(call.params["group"])
    return paged(call, [one.model_dump(by_alias=True, mode="json") for one in permissions_on(call.world, scope)])


def _tell(call: ControlCall) -> Any:
    for each in call.body if isinstance(call.body, list) else [call.body]:
        granted = Granted.model_validate(each)
        granted_of(call.world)[granted.scope.lower().rstrip("/")] = granted
    return {"scopes": sorted(granted_of(call.world))}


def _forget(call: ControlCall) -> Any:
    granted_of(call.world).clear()
    return {}


PERMISSIONS = Provider(
    "Microsoft.Authorization",
    routes=tuple(Route("GET", f"{scope}{_ASKED}", _read) for scope in _SCOPES),
    control=(
        ControlRoute("POST", "/control/permissions", _tell),
        ControlRoute("DELETE", "/control/permissions", _forget),
    ),
)
