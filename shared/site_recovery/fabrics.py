"""Fabrics (sites as Site Recovery knows them), their containers, and the appliances that serve them.

| operation | role action |
| --- | --- |
| list_fabrics, get_fabric | Microsoft.RecoveryServices/vaults/replicationFabrics/read |
| list_containers | …/replicationFabrics/replicationProtectionContainers/read |
| list_appliances, find_appliance | Microsoft.RecoveryServices/vaults/replicationAppliances/read |
"""

from pydantic import Field

from shared.azure import clients
from shared.azure.refusals import asking, found
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, HealthError, Json, Moment, segment


class FabricDetails(FromWire):
    """What only the provider of a fabric knows."""

    instance_type: str = ""
    vmware_site_id: str = ""
    physical_site_id: str = ""
    process_servers: tuple["Component", ...] = ()
    location: str = Field(default="", description="of an Azure region's fabric")


class Component(FromWire):
    """A part of an appliance: it has a heart-beat and a health of its own."""

    kind: str = Field(default="", description="processServer, rcmProxy, pushInstaller, replicationAgent, dra, …")
    id: str = ""
    name: str = ""
    fqdn: str = ""
    version: str = ""
    ip_addresses: tuple[str, ...] = ()
    health: str = Field(default="", description="None, Normal, Warning or Critical")
    health_errors: tuple[HealthError, ...] = ()
    last_heartbeat_utc: Moment | None = None

    @property
    def healthy(self) -> bool:
        """Tell whether it is well: it has reported, and not as critical."""
        return self.health.lower() in ("normal", "warning") and self.last_heartbeat_utc is not None


class Fabric(FromWire):
    """A fabric; LIST empties the agent arrays of an InMageRcm fabric (recorded), GET fills them."""

    id: str
    name: str
    friendly_name: str = ""
    health: str = ""
    health_error_details: tuple[HealthError, ...] = ()
    internal_identifier: str = ""
    custom_details: FabricDetails = FabricDetails()

    @property
    def kind(self) -> str:
        """The fabric's type: InMageRcm, Azure, HyperVSite, VMM, VMware."""
        return self.custom_details.instance_type


class Container(FromWire):
    """A protection container of a fabric."""

    id: str
    name: str
    friendly_name: str = ""


class ServerAccount(FromWire):
    """An account that a configuration server keeps, to push the agent with."""

    id: str
    name: str = ""


class RegisteredAppliance(FromWire):
    """A replication appliance, or a configuration server, and the health of each of its parts."""

    id: str = ""
    name: str
    fabric_arm_id: str = ""
    components: tuple[Component, ...] = ()
    accounts: tuple[ServerAccount, ...] = Field(default=(), description="of a configuration server")

    @property
    def fabric(self) -> str:
        """Name of the fabric that it serves."""
        return segment(self.fabric_arm_id, "replicationFabrics")

    @property
    def process_server(self) -> Component | None:
        """Its process server; replication names it by id."""
        return self._part("processServer")

    @property
    def master_target(self) -> Component | None:
        """Its master target server, if it has one."""
        return self._part("masterTargetServer")

    def _part(self, kind: str) -> Component | None:
        return next((part for part in self.components if part.kind == kind and part.id), None)

    @property
    def unhealthy(self) -> tuple[Component, ...]:
        """Those parts that are not well."""
        return tuple(part for part in self.components if not part.healthy)

    @property
    def is_healthy(self) -> bool:
        """Whether it has components, and all of them are well."""
        return bool(self.components) and not self.unhealthy

    @property
    def ailments(self) -> str:
        """What is missing or not well, in Site Recovery's words."""
        if not self.components:
            return "none of its components shows yet"
        bad = [
            f"{part.kind} {part.name}".strip()
            + f" ({'no heartbeat yet' if part.health.lower() in ('', 'none') else part.health})"
            + "".join(f", {error.error_code}: {error.recommended_action}" for error in part.health_errors)
            for part in self.unhealthy
        ]
        return "; ".join(bad)


def list_fabrics(vault: VaultRef) -> tuple[Fabric, ...]:
    """Give all fabrics of the vault, without their agents."""
    client = clients.site_recovery(vault.subscription)
    with asking(f"listing the fabrics of {vault.name}"):
        return tuple(Fabric.of(each) for each in client.replication_fabrics.list(*vault.place))


def get_fabric(vault: VaultRef, name: str) -> Fabric | None:
    """Give one fabric in full, or None when there is none of that name."""
    client = clients.site_recovery(vault.subscription)
    return found(f"reading fabric {name}", lambda: Fabric.of(client.replication_fabrics.get(*vault.place, name)))


def list_containers(vault: VaultRef, fabric: str) -> tuple[Container, ...]:
    """Give the containers of a fabric."""
    containers = clients.site_recovery(vault.subscription).replication_protection_containers
    with asking(f"listing the containers of fabric {fabric}"):
        return tuple(Container.of(each) for each in containers.list_by_replication_fabrics(*vault.place, fabric))


def list_appliances(vault: VaultRef) -> tuple[RegisteredAppliance, ...]:
    """Give the appliances that are registered with the vault, each with the health of its parts."""
    client = clients.site_recovery(vault.subscription)
    with asking(f"listing the appliances of {vault.name}"):
        answers = [each.as_dict() for each in client.replication_appliances.list(*vault.place)]
    return tuple(_appliance(raw) for answer in answers for raw in _details(answer))


def find_appliance(vault: VaultRef, name: str) -> RegisteredAppliance | None:
    """Give the appliance of that name (in any case), or None while it is not registered."""
    return next((each for each in list_appliances(vault) if each.name.lower() == name.lower()), None)


def _details(answer: Json) -> list[Json]:
    specific = (answer.get("properties") or {}).get("providerSpecificDetails") or {}
    return list(specific.get("appliances") or ())


_COMPONENTS = ("processServer", "rcmProxy", "pushInstaller", "replicationAgent", "reprotectAgent", "marsAgent", "dra")


def _appliance(raw: Json) -> RegisteredAppliance:
    parts = [{**raw[kind], "kind": kind} for kind in _COMPONENTS if raw.get(kind)]
    return RegisteredAppliance.model_validate({**raw, "components": parts})
