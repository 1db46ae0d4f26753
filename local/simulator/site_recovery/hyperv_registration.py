"""Registers Hyper-V hosts with a site, and VMM servers with a vault."""

from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..provider import ControlCall, ControlRoute
from ..world import World
from . import ids
from .appliance import enlist, known_by
from .hyperv import HOST, VMM
from .lookup import vault_by_id
from .state import Appliance, Component, Container, Fabric, SrVault
from .vmm_resources import vmm_details

_NAME = r"^[A-Za-z0-9][A-Za-z0-9.-]{0,60}$"


class HostRegistration(BaseModel):
    """What the control API takes: the site (which somebody created) and the host that registers with it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    vault_id: str = Field(alias="vaultId")
    fabric: str
    name: str = Field(pattern=_NAME)
    ip: str = "10.0.0.8"


class VmNetwork(BaseModel):
    """A VM network of a VMM server and the logical network it is part of."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str
    logical_network: str = Field(default="", alias="logicalNetwork")
    subnets: list[str] = []


class VmmRegistration(BaseModel):
    """What the control API takes: the vault, the VMM server, and what lies in it."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    vault_id: str = Field(alias="vaultId")
    name: str = Field(pattern=_NAME)
    ip: str = "10.0.0.9"
    clouds: list[str] = Field(min_length=1)
    networks: list[VmNetwork] = []
    storage_classifications: list[str] = Field(default=[], alias="storageClassifications")


def register_host(world: World, wanted: HostRegistration) -> Appliance:
    """Begin a host's registration with its site; raise ARM's 404 if the site is not there."""
    vault = vault_by_id(world, wanted.vault_id)
    fabric = vault.fabric(wanted.fabric)
    known = known_by(vault, wanted.name)
    if known is not None:
        return known
    own = ids.guid(vault.id, wanted.name, "host")
    host = Appliance(wanted.name.lower().replace(".", "_"), wanted.name, wanted.name, wanted.ip, [Component(HOST)], own)
    enlist(vault, host, lambda: _site(fabric))
    return host


def _site(fabric: Fabric) -> Fabric:
    """Return the site with its one container, which the first host brings along (recorded names)."""
    container = f"cloud_{fabric.internal_id}"
    fabric.containers.setdefault(container, Container(container, friendly=fabric.shown))
    return fabric


def register_vmm(world: World, wanted: VmmRegistration) -> Appliance:
    """Begin a VMM server's registration: its fabric appears by itself, with a container for each cloud."""
    vault = vault_by_id(world, wanted.vault_id)
    known = known_by(vault, wanted.name)
    if known is not None:
        return known
    # recorded: the fabric's name is a hash, its provider bears the fabric's internal id
    name = sha256(f"{vault.id}/{wanted.name}".lower().encode()).hexdigest()
    inner = ids.guid(vault.id, name)
    server = Appliance(inner, wanted.name, wanted.name, wanted.ip, [Component(VMM)], inner)
    enlist(vault, server, lambda: _vmm(vault, wanted, name, inner))
    return server


def _vmm(vault: SrVault, wanted: VmmRegistration, name: str, inner: str) -> Fabric:
    if name in vault.fabrics:
        return vault.fabrics[name]
    logical = sorted({each.logical_network for each in wanted.networks if each.logical_network})
    details = vmm_details(inner, logical, wanted.storage_classifications)
    fabric = Fabric(name, "VMM", details, inner, friendly=wanted.name)
    for network in wanted.networks:
        own = ids.guid(inner, network.name, "network")
        shown = {"fabricType": "VMM", "friendlyName": network.name, "networkType": "NoIsolation"}
        fabric.networks[own] = {"name": own, "subnets": [{"name": each} for each in network.subnets], **shown}
    for cloud in wanted.clouds:
        own = ids.guid(inner, cloud, "cloud")
        fabric.containers[own] = Container(own, friendly=cloud)
    vault.fabrics[name] = fabric
    return fabric


def _post_host(call: ControlCall) -> Any:
    host = register_host(call.world, HostRegistration.model_validate(call.body))
    return {"id": host.id, "name": host.name}


def _post_vmm(call: ControlCall) -> Any:
    server = register_vmm(call.world, VmmRegistration.model_validate(call.body))
    return {"id": server.id, "name": server.name}


CONTROL: tuple[ControlRoute, ...] = (
    ControlRoute("POST", "/control/hyperv-hosts", _post_host),
    ControlRoute("POST", "/control/vmm-servers", _post_vmm),
)
