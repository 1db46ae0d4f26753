"""Microsoft.RecoveryServices/vaults: the vault itself, its registration key and its usages."""

import base64
from datetime import timedelta
from hashlib import sha1, sha256
from typing import Any

from ..arm import Call, Reply, Route
from ..errors import ArmError
from ..provider import Provider
from ..resources import Resource
from ..world import World
from . import lro
from .kinds import Kind, get, listed, listed_everywhere, require_group, retag

VAULT = Kind("Microsoft.RecoveryServices", ("vaults",))
GIVEN_BACK = "certificate"  # where the answer holds what the service made
KEY_VALID = timedelta(days=5)  # documented: the registration key ends five days after it was made
# one there is, vaultExtendedInfo; the name is no part of the role action, so it stands as a parameter
_EXTENDED = f"{VAULT.template}/extendedInformation/{{extended}}"


def _setup(world: World) -> None:
    world.durations.seconds.setdefault("vault.create", 15)
    world.durations.seconds.setdefault("vault.delete", 20)


def _put(call: Call) -> Reply:
    require_group(call)
    known = call.world.resources.get(VAULT.id(call.params))
    body = call.json_object()
    _check(body)
    document = _document(call, body)
    if known:
        document["properties"]["provisioningState"] = "Succeeded"
        return Reply(200, call.world.resources.put(document), effect="replaced vault")
    document["properties"]["provisioningState"] = "Provisioning"
    call.world.resources.put(document)
    seconds = call.world.durations.of("vault.create")
    _, headers = lro.begin(call, VAULT.provider, document["location"], seconds, lambda _: _ready(document))
    return Reply(201, document, headers, effect="made vault")


def _check(body: Resource) -> None:
    if not body.get("location"):
        raise ArmError(400, "LocationRequired", "The location property is required for this definition.")
    if body.get("sku", {}).get("name") not in ("RS0", "Standard"):
        raise ArmError(400, "BadRequest", "The vault's sku must be RS0 or Standard.")


def _document(call: Call, body: Resource) -> Resource:
    document: Resource = {**body, "id": VAULT.id(call.params), "name": call.params["vaults"], "type": VAULT.name}
    document["location"] = str(body["location"]).lower().replace(" ", "")
    document["etag"] = f"W/\"datetime'{call.now.isoformat()}'\""
    if str(body.get("identity", {}).get("type", "")).lower().startswith("systemassigned"):
        principal = call.world.new_guid()
        document["identity"] = {**body["identity"], "principalId": principal, "tenantId": call.world.settings.tenant}
    given = body.get("properties") or {}
    document["properties"] = {"publicNetworkAccess": "Enabled", "privateEndpointStateForSiteRecovery": "None", **given}
    return document


def _ready(document: Resource) -> None:
    document["properties"]["provisioningState"] = "Succeeded"


def _delete(call: Call) -> Reply:
    found = call.world.resources.get(VAULT.id(call.params))
    if found is None:
        return Reply(204)
    if inside := [each for each in call.world.resources.under(found["id"]) if "/replicationFabrics" in each["type"]]:
        message = f"Vault cannot be deleted as there are existing resources within the vault: {len(inside)}."
        raise ArmError(409, "ServiceResourceNotEmptyWithContainerDetails", message)
    seconds = call.world.durations.of("vault.delete")
    return lro.started(call, VAULT.provider, found["location"], seconds, lambda _: _gone(call.world, found["id"]))


def _gone(world: World, vault: str) -> None:
    world.delete_resource(vault)


def _extended(call: Call) -> Reply:
    vault = VAULT.stored(call)
    key = base64.b64encode(sha256(vault["id"].lower().encode()).digest()).decode()
    kept = vault.get("extended", {"integrityKey": key, "algorithm": "None"})
    return Reply(200, _child(vault, "extendedInformation", "vaultExtendedInfo", kept))


def _put_extended(call: Call) -> Reply:
    VAULT.stored(call)["extended"] = dict(call.properties())
    return _extended(call)


def _certificate(call: Call) -> Reply:
    vault = VAULT.stored(call)
    name = call.params["certificate"]
    options = call.json_object().get("certificateCreateOptions")
    valid = timedelta(hours=float(options["validityInHours"])) if options else KEY_VALID
    # asked with options the service makes certificate and private key itself (azurerm provider); what is in it is ours
    pfx = base64.b64encode(f"{vault['id']} {name} {call.world.new_guid()}".encode()).decode() if options else ""
    given = pfx or str(call.properties().get("certificate", ""))
    shown = {
        "authType": "AzureActiveDirectory",
        "subject": f"CN={name}",
        "issuer": f"CN={name}",
        "friendlyName": "",
        "thumbprint": sha1(given.encode(), usedforsecurity=False).hexdigest().upper(),
        "validFrom": call.now.isoformat(),
        "validTo": (call.now + valid).isoformat(),
        "resourceId": int(sha256(vault["id"].lower().encode()).hexdigest()[:15], 16),
        "aadAuthority": "https://login.windows.net",
        "aadTenantId": call.world.settings.tenant,
        "servicePrincipalClientId": call.world.new_guid(),
        "servicePrincipalObjectId": call.world.new_guid(),
        "azureManagementEndpointAudience": "https://management.azure.com/",
        "serviceResourceId": vault["id"],
    }
    if options:
        shown |= {
            GIVEN_BACK: pfx,
            "aadAudience": f"https://RecoveryServiceVault/{vault['location']}/{vault['name']}",
        }
    vault.setdefault("certificates", {}).update({name: shown["validTo"], str(shown["thumbprint"]): shown["validTo"]})
    return Reply(200, _child(vault, "certificates", name, shown), effect="made registration key")


def _usages(call: Call) -> Reply:
    vault = VAULT.stored(call)
    items = [
        each for each in call.world.resources.under(vault["id"]) if each["type"].endswith("replicationProtectedItems")
    ]
    name = {"value": "ProtectedItems", "localizedValue": "Protected items"}
    usage = {
        "unit": "Count",
        "quotaPeriod": "",
        "nextResetTime": None,
        "currentValue": len(items),
        "limit": -1,
        "name": name,
    }
    return Reply(200, {"value": [usage]})


def _replication_usages(call: Call) -> Reply:
    VAULT.stored(call)
    return Reply(200, {"value": []})


def _child(vault: Resource, kind: str, name: str, properties: Any) -> Resource:
    types = f"{VAULT.name}/{kind}"
    return {"id": f"{vault['id']}/{kind}/{name}", "name": name, "type": types, "properties": properties}


def _show(_: Call, vault: Resource) -> Resource:
    return {key: value for key, value in vault.items() if key not in ("extended", "certificates")}


VAULTS = Provider(
    "Microsoft.RecoveryServices/vaults",
    routes=(
        get(VAULT, _show),
        listed(VAULT, _show),
        listed_everywhere(VAULT, _show),
        retag(VAULT),
        Route("PUT", VAULT.template, _put),
        Route("DELETE", VAULT.template, _delete),
        Route("GET", _EXTENDED, _extended),
        Route("PUT", _EXTENDED, _put_extended),
        Route("PATCH", _EXTENDED, _put_extended),
        Route("PUT", f"{VAULT.template}/certificates/{{certificate}}", _certificate),
        Route("GET", f"{VAULT.template}/usages", _usages),
        Route("GET", f"{VAULT.template}/replicationUsages", _replication_usages),
        *lro.routes("Microsoft.RecoveryServices"),
    ),
    setup=_setup,
)
