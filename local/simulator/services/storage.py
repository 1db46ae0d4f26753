"""Microsoft.Storage: accounts, as the control plane shows them."""

import base64
import re
from hashlib import sha512

from ..arm import Call, Reply, Route
from ..errors import ArmError
from ..operations import Operation
from ..provider import Provider
from ..resources import Resource
from ..world import World
from . import lro
from .kinds import Kind, delete, get, listed, listed_everywhere, require_group, retag

ACCOUNT = Kind("Microsoft.Storage", ("storageAccounts",))
_NAME = re.compile(r"[a-z0-9]{3,24}")
_IN_SUBSCRIPTION = "/subscriptions/{subscription}/providers/Microsoft.Storage"
_LIMIT = 250  # accounts of a subscription in a region (documented)


_CHANGEABLE = (
    "networkAcls",
    "allowSharedKeyAccess",
    "publicNetworkAccess",
)  # a hierarchical namespace stays (documented)


def _setup(world: World) -> None:
    world.durations.seconds.setdefault("storage.create", 20)


def _put(call: Call) -> Reply:
    require_group(call)
    name, body = call.params["storageAccounts"], call.json_object()
    known = call.world.resources.get(ACCOUNT.id(call.params))
    if known:
        changed = {key: value for key, value in body.get("properties", {}).items() if key in _CHANGEABLE}
        properties = {**known["properties"], **changed}
        known.update({"tags": body.get("tags", known.get("tags", {})), "properties": properties})
        return Reply(200, known, effect="kept storage account")
    if reason := _unavailable(call.world, name):
        raise ArmError(409 if reason[0] == "AlreadyExists" else 400, _CODES[reason[0]], reason[1])
    location = str(body.get("location", "")).lower().replace(" ", "")
    seconds = call.world.durations.of("storage.create")
    return lro.started(call, ACCOUNT.provider, location, seconds, lambda operation: _made(call, operation))


_CODES = {"AlreadyExists": "StorageAccountAlreadyTaken", "AccountNameInvalid": "AccountNameInvalid"}


def _made(call: Call, operation: Operation) -> None:
    document = document_of(ACCOUNT.id(call.params), call.json_object(), call.now.isoformat())
    call.world.resources.put(document)
    operation.result = lambda: document


def document_of(account_id: str, body: Resource, created: str) -> Resource:
    """Return a storage account as ARM shows it."""
    name = account_id.rpartition("/")[2]
    location = str(body.get("location", "westeurope")).lower().replace(" ", "")
    ends = {
        kind: f"https://{name}.{kind}.core.windows.net/" for kind in ("blob", "queue", "table", "file", "dfs", "web")
    }
    state = {"provisioningState": "Succeeded", "statusOfPrimary": "available", "primaryLocation": location}
    properties = {**body.get("properties", {}), **state, "creationTime": created, "primaryEndpoints": ends}
    shown = {"kind": body.get("kind", "StorageV2"), "tags": body.get("tags", {})}
    sku = {"tier": "Standard", "name": "Standard_LRS"} | dict(body.get("sku", {}))
    named = {"id": account_id, "name": name, "type": ACCOUNT.name, "location": location}
    return {**named, **shown, "sku": sku, "properties": properties}


def _unavailable(world: World, name: str) -> tuple[str, str] | None:
    if not _NAME.fullmatch(name):
        return "AccountNameInvalid", f"{name} is not a valid storage account name."
    taken = any(each["name"].lower() == name for each in world.resources.under("/subscriptions", ACCOUNT.name))
    return ("AlreadyExists", f"The storage account named {name} is already taken.") if taken else None


def _check_name(call: Call) -> Reply:
    reason = _unavailable(call.world, str(call.json_object().get("name", "")))
    if reason is None:
        return Reply(200, {"nameAvailable": True})
    return Reply(200, {"nameAvailable": False, "reason": reason[0], "message": reason[1]})


def _keys(call: Call) -> Reply:
    account = ACCOUNT.stored(call)
    values = {
        key: base64.b64encode(sha512(f"{account['id']}{key}".encode()).digest()).decode() for key in ("key1", "key2")
    }
    keys = [{"keyName": key, "value": value, "permissions": "FULL"} for key, value in values.items()]
    return Reply(200, {"keys": keys})


def _usages(call: Call) -> Reply:
    scope = f"/subscriptions/{call.params['subscription']}"
    location = call.params["location"].lower()
    used = sum(each["location"] == location for each in call.world.resources.under(scope, ACCOUNT.name))
    name = {"value": "StorageAccounts", "localizedValue": "Storage Accounts"}
    return Reply(200, {"value": [{"unit": "Count", "currentValue": used, "limit": _LIMIT, "name": name}]})


STORAGE = Provider(
    "Microsoft.Storage",
    routes=(
        get(ACCOUNT),
        listed(ACCOUNT),
        listed_everywhere(ACCOUNT),
        retag(ACCOUNT),
        delete(ACCOUNT),
        Route("PUT", ACCOUNT.template, _put),
        Route("POST", f"{ACCOUNT.template}/listKeys", _keys),
        Route("POST", f"{_IN_SUBSCRIPTION}/checkNameAvailability", _check_name),
        Route("GET", f"{_IN_SUBSCRIPTION}/locations/{{location}}/usages", _usages),
        *lro.routes("Microsoft.Storage"),
    ),
    setup=_setup,
)
