"""The Hyper-V side of a world: hosts, alone in a site or under a VMM server, and the machines on them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from .images import IMAGES
from .parts import AnyDrive, Drive, Part, post

MB = 1024


class Guest(Part):
    """A machine, and what becomes of it in Azure."""

    name: str
    host: str
    ip: str
    cloud: str = Field(default="", description="of VMM")
    image: Literal[tuple(IMAGES)] = "windows-2019"  # type: ignore[valid-type]  # the table's own names
    cores: int = 2
    memory_mb: int = 4 * MB
    generation: Literal[1, 2] = 1
    disks: tuple[AnyDrive, ...] = Field(default=(Drive(size_gb=30),), min_length=1)
    powered_on: bool = True
    shutdown: Literal["ok", "fails"] = "ok"
    boot: Literal["ok", "fails", "agent-not-ready", "hydration-fails"] = "ok"
    boot_seconds: float = 60
    boot_log: str = ""
    ports: tuple[int, ...] = ()


class Network(Part):
    """A VM network of VMM."""

    name: str
    logical_network: str = ""
    subnets: tuple[str, ...] = ()


class Vmm(Part):
    """A VMM server."""

    name: str
    ip: str = "10.0.0.9"
    clouds: tuple[str, ...] = Field(min_length=1)
    networks: tuple[Network, ...] = ()
    storage_classifications: tuple[str, ...] = ()


class HyperV(Part):
    """Hosts of a site, or a VMM server; and the machines."""

    site: str = ""
    hosts: tuple[str, ...] = ()
    vmm: Vmm | None = None
    machines: tuple[Guest, ...] = ()


def derived(plan: Mapping[str, Any], ports: Callable[[Sequence[Mapping[str, Any]]], list[int]]) -> dict[str, Any]:
    """Give a side in which a plan without a world file can be carried out: a machine for each that it names.

    `ports` gives those that checks look at.
    """
    hyperv = (plan.get("source") or {}).get("hyperv") or {}
    vmm = hyperv.get("vmm")
    hosts = list(hyperv.get("hosts") or ["hv1.corp.local"])
    clouds = list(vmm["clouds"]) if vmm else [""]
    named = [machine for wave in plan["waves"] for machine in wave["machines"]]
    machines = [
        {
            "name": machine["source"].get("name") or machine["source"].get("vmId"),
            "host": hosts[number % len(hosts)],
            "cloud": clouds[number % len(clouds)],
            "ip": f"10.1.{number // 250}.{number % 250 + 4}",
            "disks": [{"sizeGb": 40, "usedGb": 4}],
            "ports": ports(machine.get("verify") or ()),
        }
        for number, machine in enumerate(named)
    ]
    if not vmm:
        return {"site": hyperv.get("site", ""), "hosts": hosts, "machines": machines}
    networks = [{"name": name, "subnets": ["10.1.0.0/16"]} for name in vmm.get("networks") or ()]
    classes = list(vmm.get("storage") or ())
    server = {"name": vmm["server"], "clouds": clouds, "networks": networks, "storageClassifications": classes}
    return {"vmm": server, "machines": machines}


def machine_of(guest: Guest) -> dict[str, Any]:
    """Give a machine as the simulator takes it."""
    image = IMAGES[guest.image]
    disks = [
        {"name": f"{guest.name}-{number}.vhdx", "osDisk": number == 0, **disk.model_dump(by_alias=True)}
        for number, disk in enumerate(guest.disks)
    ]
    document = guest.model_dump(mode="json", by_alias=True, exclude={"host", "image", "generation", "disks"})
    return document | {
        "hyperv": guest.host,
        "hostname": guest.name,
        "osType": image.os_type,
        "osName": image.os_name,
        "drivers": list(image.drivers),
        "firmware": "UEFI" if guest.generation == 2 else "BIOS",
        "disks": disks,
    }


def register_hosts(url: str, side: HyperV, vault_id: str) -> None:
    """Do what a person does at the hosts, or at the VMM server: register their providers with the vault.

    The simulator takes its time from there.
    """
    for host in side.hosts if side.vmm is None else ():
        post(url, "hyperv-hosts", {"vaultId": vault_id, "fabric": side.site, "name": host})
    if side.vmm is not None:
        post(url, "vmm-servers", {"vaultId": vault_id, **side.vmm.model_dump(mode="json", by_alias=True)})


def switch(url: str, side: HyperV, gate: str, names: Collection[str]) -> None:
    """Do at a machine of a host, by its name, what its gate asks for: shut it down, or start it."""
    wanted = {name.lower() for name in names}
    guest = next((each for each in side.machines if each.name.lower() in wanted), None)
    if guest is not None and gate in ("shut-down-source", "start-source"):
        post(url, "power", {"ip": guest.ip, "on": gate == "start-source"})
