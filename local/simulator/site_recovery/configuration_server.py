"""Registers a configuration server: its fabric appears, then its process and its master target server, one by one."""

from datetime import datetime
from hashlib import sha1, sha256
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import BaseModel, ConfigDict, Field

from ..provider import ControlCall, ControlRoute
from ..world import World
from . import ids
from .appliance import enlist, known_by
from .classic_json import CLASSIC_COMPONENTS
from .lookup import vault_by_id
from .state import Account, Appliance, Component, Container, Fabric, SrVault


class Registration(BaseModel):
    """What the control API takes: the vault, the server's name, its address, and the accounts that it keeps.

    `certificate` names the vault's certificate that the registration key was made with; it must still be valid. `key` is
    the key's file itself, as the server's setup is given it.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    vault_id: str = Field(alias="vaultId")
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,40}$")
    ip: str = "10.0.0.4"
    fqdn: str = ""
    accounts: list[str] = []
    certificate: str = ""
    key: str = ""


def register(world: World, wanted: Registration) -> Appliance:
    """Begin a registration; the same name in the same vault again is the same server."""
    vault = vault_by_id(world, wanted.vault_id)
    known = known_by(vault, wanted.name)
    if known is not None:
        return known
    if wanted.certificate or wanted.key:
        _check(world, wanted)
    number = ids.guid(vault.id, wanted.name, "host").upper().replace("-", "")
    # recorded: the ids of these servers are GUIDs without their last dash
    host = f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:]}"
    name = sha256(f"{vault.id}/{wanted.name}".lower().encode()).hexdigest()
    inner = ids.guid(vault.id, name)
    components = [Component(kind) for kind in CLASSIC_COMPONENTS]
    server = Appliance(host, wanted.name, wanted.fqdn or wanted.name, wanted.ip, components, dra=inner)
    enlist(vault, server, lambda: _fabric(vault, wanted, name, inner))
    return server


def _check(world: World, wanted: Registration) -> None:
    """Refuse a registration key that was never made, or that is too old (documented: five days)."""
    known = (world.resources.get(wanted.vault_id) or {}).get("certificates", {})
    name = wanted.certificate or _thumbprint(wanted)
    valid_to = known.get(name)
    if valid_to is None or datetime.fromisoformat(valid_to) < world.now:
        raise ValueError(f"the registration key of the certificate '{name}' is not valid (any more)")


def _thumbprint(wanted: Registration) -> str:
    """Give the thumbprint of the certificate in a key's file, which must be of this vault."""
    try:
        parts = ET.fromstring(wanted.key).iter()  # noqa: S314 - the file of whoever steers this stand-in
    except ET.ParseError as error:
        raise ValueError(f"this is no registration key: {error}") from None
    fields = {part.tag.rpartition("}")[2]: part.text or "" for part in parts}
    vault = wanted.vault_id.rpartition("/")[2]
    if fields.get("ResourceName", "").lower() != vault.lower() or fields.get("Version") != "2.0":
        raise ValueError(f"this registration key is not of the vault {vault}")
    return sha1(fields.get("ManagementCert", "").encode(), usedforsecurity=False).hexdigest().upper()


def _fabric(vault: SrVault, wanted: Registration, name: str, inner: str) -> Fabric:
    """Return the server's own fabric with its one container, named as recorded."""
    if name in vault.fabrics:
        return vault.fabrics[name]
    fabric = Fabric(name, "VMware", {}, inner, friendly=wanted.name)
    fabric.accounts = [Account(str(number), account) for number, account in enumerate(wanted.accounts, 1)]
    container = f"cloud_{inner}"
    fabric.containers[container] = Container(container, friendly=wanted.name)
    vault.fabrics[name] = fabric
    return fabric


def _post(call: ControlCall) -> Any:
    server = register(call.world, Registration.model_validate(call.body))
    return {"id": server.id, "name": server.name}


CONTROL: tuple[ControlRoute, ...] = (ControlRoute("POST", "/control/configuration-servers", _post),)
