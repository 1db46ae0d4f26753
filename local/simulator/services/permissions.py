"""Microsoft.Authorization/permissions: what the caller may do on a scope; everything unless the world says otherwise."""

from typing import Any

from ..arm import Call, Reply, Route
from ..errors import not_found
from ..grants import Granted, granted_of, permissions_on
from ..provider import ControlCall, ControlRoute, Provider
from .kinds import paged

_ASKED = "/providers/Microsoft.Authorization/permissions"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_RESOURCE = f"{_GROUP}/providers/{{namespace}}/{{type}}/{{name}}"
_CHILD = f"{_RESOURCE}/{{child_type}}/{{child}}"
_SCOPES = (_SUBSCRIPTION, _GROUP, _RESOURCE, _CHILD)


def _read(call: Call) -> Reply:
    scope = call.path[: call.path.lower().rindex(_ASKED.lower())]
    # a resource need not be there (documented: access is told of the scope); its group must be
    group = _GROUP.format_map(call.params) if "group" in call.params else ""
    if group and call.world.resources.get(group) is None:
        raise not_found(call.params["group"])
    return paged(call, [each.model_dump(by_alias=True, mode="json") for each in permissions_on(call.world, scope)])


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
