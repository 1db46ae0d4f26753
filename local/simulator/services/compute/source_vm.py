"""A VM that runs in some region of Azure before anything is migrated: what the control API takes."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...machines import Disk, Reason, SourceMachine
from .sizes import SIZES

DeleteOption = Literal["Detach", "Delete"]
Power = Literal["running", "stopped", "deallocated"]
Connectivity = Literal["ok", "outbound", "root-certificates", "dns", "sign-in", "service"]
CODES: dict[str, str] = {  # documented: the codes with which the agent's registration fails
    "ok": "",
    "outbound": "151072",
    "root-certificates": "151066",
    "dns": "151195",
    "sign-in": "151196",
    "service": "151197",
}
_PRESET = "00000000-0000-0000-0000-000000000001"


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class VmDiskTold(_Told):
    """A disk: `type` is its SKU, `churn` bytes written a second; a disk that is not initialised fails enabling (150039)."""

    name: str
    size_gb: int = Field(alias="sizeGb", gt=0)
    used_gb: float | None = Field(default=None, alias="usedGb", ge=0)
    os_disk: bool = Field(default=False, alias="osDisk")
    type: str = "Premium_LRS"
    churn: float = Field(default=64 * 1024, ge=0)
    encryption_set: str = Field(default="", alias="diskEncryptionSetId")
    delete_option: DeleteOption = Field(default="Detach", alias="deleteOption")
    initialised: bool = True


class NicTold(_Told):
    """A network card; `network` and `subnet` are names (made in the VM's group and region if missing) or a network's id.

    `more_ips` are the addresses of further configurations of the card, in the same subnet.
    """

    name: str = ""
    ip: str = Field(alias="privateIp")
    more_ips: tuple[str, ...] = Field(default=(), alias="moreIps")
    network: str = "vnet-source"
    subnet: str = "default"
    static: bool = False
    public: bool = Field(default=False, alias="publicIp")
    security_group: str = Field(default="", alias="networkSecurityGroup")
    accelerated: bool = Field(default=False, alias="acceleratedNetworking")
    delete_option: DeleteOption = Field(default="Detach", alias="deleteOption")


class ExtensionTold(_Told):
    """An extension that is installed in the VM."""

    name: str
    publisher: str = "Microsoft.Azure.Monitor"
    type: str = "AzureMonitorLinuxAgent"
    state: str = Field(default="Succeeded", alias="provisioningState")


class SourceVm(_Told):
    """A VM as the control API takes it (`POST /control/azure-vms`).

    `connectivity` is what its agent meets on the way out while replication is enabled: `outbound` 151072,
    `root-certificates` 151066, `dns` 151195, `sign-in` 151196, `service` 151197. `mobilityService`: the agent of
    its migration is still on it. `boot`, `bootSeconds`, `bootLog` and
    `ports` say what the VM does in the target region after a failover (as for any source machine).
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    region: str = Field(pattern=r"^[a-z0-9]+$")
    group: str = Field(default="rg-source", alias="resourceGroup")
    subscription: str = _PRESET
    size: str = "Standard_D2s_v5"
    os_type: Literal["Windows", "Linux"] = Field(default="Linux", alias="osType")
    os_name: str = Field(default="Ubuntu 22.04", alias="osName")
    image: dict[str, str] = {}
    generation: Literal["V1", "V2"] = "V1"
    disks: tuple[VmDiskTold, ...] = ()
    nics: tuple[NicTold, ...] = ()
    power: Power = "running"
    tags: dict[str, str] = {}
    zone: str = ""
    availability_set: str = Field(default="", alias="availabilitySet")
    extensions: tuple[ExtensionTold, ...] = ()
    unmanaged: bool = Field(default=False, alias="unmanagedDisks")
    licence: str = Field(default="", alias="licenseType")
    security: str = Field(default="", alias="securityType")
    state: str = Field(default="Succeeded", alias="provisioningState")
    mobility_service: bool = Field(default=False, alias="mobilityService")
    agent_ready: bool = Field(default=True, alias="agentReady")
    connectivity: Connectivity = "ok"
    ineligible: tuple[Reason, ...] = ()
    shutdown: Literal["ok", "fails"] = "ok"
    boot: Literal["ok", "fails", "agent-not-ready", "hydration-fails"] = "ok"
    boot_seconds: float = Field(default=60.0, alias="bootSeconds", ge=0)
    boot_log: str = Field(default="", alias="bootLog")
    ports: tuple[int, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, document: Any) -> Any:
        """Give a VM of which little is said one disk and one network card."""
        if not isinstance(document, dict):
            return document
        name = document.get("name", "vm")
        disks = document.get("disks") or [{"name": f"{name}-os", "sizeGb": 30, "osDisk": True}]
        return {**document, "disks": disks, "nics": document.get("nics") or [{"privateIp": "10.0.0.4"}]}

    @property
    def group_id(self) -> str:
        """Return the ARM id of its resource group."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    @property
    def id(self) -> str:
        """Return its ARM id."""
        return f"{self.group_id}/providers/Microsoft.Compute/virtualMachines/{self.name}"

    def _enable_error(self) -> str:
        """Return the ASR code with which installing the agent fails."""
        return CODES[self.connectivity] or ("150039" if any(not disk.initialised for disk in self.disks) else "")

    def machine(self) -> SourceMachine:
        """Return it as replication sees it."""
        size = SIZES.get(self.size.lower())
        return SourceMachine(
            name=self.name,
            ip=self.nics[0].ip,
            hostname=self.name,
            osType=self.os_type,
            osName=self.os_name,
            firmware="UEFI" if self.generation == "V2" else "BIOS",
            cores=size.cores if size else 2,
            memoryMb=int(size.memory_gb * 1024) if size else 4096,
            disks=[
                Disk(name=each.name, sizeGb=each.size_gb, usedGb=each.used_gb, osDisk=each.os_disk, churn=each.churn)
                for each in self.disks
            ],
            boot=self.boot,
            bootSeconds=self.boot_seconds,
            bootLog=self.boot_log,
            ports=list(self.ports),
            poweredOn=self.power == "running",
            azureId=self.id,
            reasons=list(self.ineligible),
            enableError=self._enable_error(),
            mobilityService=self.mobility_service,
            shutdown=self.shutdown,
        )
