"""Source machines: what the world outside Azure looks like to an appliance and to replication."""

from typing import Literal
from uuid import NAMESPACE_DNS, uuid5

from pydantic import BaseModel, ConfigDict, Field

_GIB = 1024**3


PUSH = {"credentials": "95107", "no-network": "95117", "file-sharing": "95105", "wmi": "95103", "installer": "95108"}
"""Documented: the codes with which pushing the agent fails."""


class Disk(BaseModel):
    """A disk of a source machine; `churn` is bytes written a second."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str
    size_gb: int = Field(alias="sizeGb", gt=0)
    used_gb: float | None = Field(default=None, alias="usedGb", ge=0)
    os_disk: bool = Field(default=False, alias="osDisk")
    churn: float = Field(default=64 * 1024, ge=0)

    @property
    def bytes_in_all(self) -> int:
        """Return the disk's capacity."""
        return self.size_gb * _GIB

    @property
    def bytes_to_copy(self) -> int:
        """Return what the first synchronisation transfers."""
        return int((self.size_gb if self.used_gb is None else self.used_gb) * _GIB)


class Reason(BaseModel):
    """A reason for which an Azure VM may not be replicated, as its eligibility results tell it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    code: str
    message: str = ""
    causes: str = Field(default="", alias="possibleCauses")
    action: str = Field(default="", alias="recommendedAction")


class SourceMachine(BaseModel):
    """A machine that can be replicated, as the control API takes it.

    `boot` says what its VM does in Azure after a failover: `fails` never gets ready, `hydration-fails` fails the
    failover itself (170010), `agent-not-ready` boots without an answering VM agent. `push` says how pushing the agent
    from an appliance or a process server ends (see `PUSH`). `vcenter` names the vCenter server that runs the machine,
    `hyperv` its Hyper-V host and `cloud` the VMM cloud it lies in; a machine of none is physical: an appliance shows it
    once its agent registered, or before that where somebody added it there (`discovered`). `more_ips` are the addresses of
    further network cards (shown and replicated by `InMageRcm` only); `ipv6` is one that a vCenter lists before the other. `shutdown` says whether the
    service can shut it down. A machine that was `deleted` at its source stays in its site's list, and says so (recorded).
    `mobility_service` marks an Azure VM on which the agent of its migration still is.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    ip: str
    hostname: str = ""
    os_type: Literal["Windows", "Linux"] = Field(default="Linux", alias="osType")
    os_name: str = Field(default="Ubuntu 22.04", alias="osName")
    firmware: Literal["BIOS", "UEFI"] = "BIOS"
    cores: int = Field(default=2, gt=0)
    memory_mb: int = Field(default=4096, alias="memoryMb", gt=0)
    disks: list[Disk] = Field(default_factory=lambda: [Disk(name="disk-0", sizeGb=30, osDisk=True)], min_length=1)
    drivers: list[str] = []
    boot: Literal["ok", "fails", "agent-not-ready", "hydration-fails"] = "ok"
    boot_seconds: float = Field(default=60.0, alias="bootSeconds", ge=0)
    boot_log: str = Field(default="", alias="bootLog")
    ports: list[int] = []
    powered_on: bool = Field(default=True, alias="poweredOn")
    agent_registered: bool = Field(default=False, alias="agentRegistered")
    push: Literal["ok", "credentials", "no-network", "file-sharing", "wmi", "installer"] = "ok"
    shutdown: Literal["ok", "fails"] = "ok"
    agent_version: str = Field(default="9.63.7266.1", alias="agentVersion")
    mac: str = ""
    more_ips: list[str] = Field(default=[], alias="moreIps")
    ipv6: str = ""
    vcenter: str = ""
    vmware_tools: Literal["OK", "NotRunning", "NotInstalled"] = Field(default="OK", alias="vmwareTools")
    discovered: bool = False
    deleted: bool = False
    hyperv: str = ""
    cloud: str = ""
    azure_id: str = Field(default="", alias="azureId")
    mobility_service: bool = Field(default=False, alias="mobilityService")
    reasons: list[Reason] = []
    enable_error: str = Field(default="", alias="enableError")

    @property
    def key(self) -> str:
        """Return what tells it from all others: its name, or the id of the Azure VM that it is (names repeat between groups)."""
        return (self.azure_id or self.name).lower()

    @property
    def card(self) -> str:
        """Return the MAC address of its network card; a vCenter gives one of VMware's own."""
        made = uuid5(NAMESPACE_DNS, f"card:{self.name.lower()}").hex
        return self.mac or (f"00:50:56:{made[:2]}:{made[2:4]}:{made[4:6]}" if self.vcenter else "")

    @property
    def discovery_name(self) -> str:
        """Return the name of the machine's resource under an OffAzure site (a GUID, the same in each run)."""
        return str(uuid5(NAMESPACE_DNS, self.name.lower()))
