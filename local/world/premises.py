"""The premises of a world: machines of a vCenter and physical servers, the server that replicates them, their people."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from .images import IMAGES
from .parts import AnyDrive, Drive, Part, post
from .roads import PlanDocument, machines_of, the_one

VCENTER = "vcenter.corp.local"
IMAGES_IN_TURN = ("ubuntu-22.04", "windows-2019", "rhel-8", "windows-2022")


class Machine(Part):
    """A machine, and what becomes of it in Azure; one of no vCenter is a physical server."""

    name: str
    ip: str
    vcenter: str = ""
    image: Literal[tuple(IMAGES)] = "ubuntu-22.04"  # type: ignore[valid-type]  # the table's own names
    cores: int = 2
    memory_mb: int = 4096
    firmware: Literal["BIOS", "UEFI"] = "BIOS"
    disks: tuple[AnyDrive, ...] = Field(default=(Drive(size_gb=30),), min_length=1)
    powered_on: bool = True
    vmware_tools: Literal["OK", "NotRunning", "NotInstalled"] = "OK"
    discovered: bool = Field(default=False, description="somebody added the server to the appliance")
    agent_registered: bool = False
    push: Literal["ok", "credentials", "no-network", "file-sharing", "wmi", "installer"] = "ok"
    shutdown: Literal["ok", "fails"] = "ok"
    boot: Literal["ok", "fails", "agent-not-ready", "hydration-fails"] = "ok"
    boot_seconds: float = 60
    boot_log: str = ""
    ports: tuple[int, ...] = ()


class Server(Part):
    """What registers with the vault: a replication appliance, one of Azure Migrate, or a configuration server."""

    name: str
    ip: str = "10.5.0.4"
    kind: Literal["appliance", "agentless", "configurationServer"] = "appliance"
    accounts: tuple[str, ...] = ()


class Premises(Part):
    """The machines, and their server."""

    machines: tuple[Machine, ...] = ()
    server: Server | None = None


def derived(roads: Sequence[PlanDocument], ports: Callable[[Sequence[Mapping[str, Any]]], list[int]]) -> dict[str, Any]:
    """Give premises in which plans without a world file can be carried out: a machine for each that their roads name.

    `ports` gives those that checks look at.
    """
    named = [(road, machine) for road in roads for machine in machines_of([road])]
    machines = [
        {
            "name": machine["source"].get("name") or machine["name"],
            "ip": machine["source"].get("privateIp") or f"10.5.{number // 250 + 1}.{number % 250 + 4}",
            "vcenter": _vcenter(road),
            "discovered": _pushed(road),
            "image": IMAGES_IN_TURN[number % len(IMAGES_IN_TURN)],
            "disks": [{"sizeGb": 40, "usedGb": 4}],
            "ports": ports(machine.get("verify") or ()),
        }
        for number, (road, machine) in enumerate(named)
    ]
    server = the_one("appliances on the premises", [_server(road) for road in roads])
    return {"machines": machines, "server": server | {"accounts": _accounts(roads)}}


def _replication(road: PlanDocument) -> Mapping[str, Any]:
    return road.get("replication") or {}


def _pushed(road: PlanDocument) -> bool:
    return (_replication(road).get("agent") or {}).get("install") == "push"


def _vcenter(road: PlanDocument) -> str:
    """Give the vCenter of a road's machines, empty for servers."""
    vmware = (road.get("source") or {}).get("vmware") or {}
    return str(vmware.get("vcenter") or VCENTER) if road["scenario"] == "vmware-to-azure" else ""


def _server(road: PlanDocument) -> dict[str, Any]:
    appliance = _replication(road).get("appliance") or {}
    return {"name": appliance.get("name") or "ferry-appliance", "kind": _replication(road).get("mode") or "appliance"}


def _accounts(roads: Sequence[PlanDocument]) -> list[str]:
    """Give the names of the accounts that the server keeps: those for the push, and those that read a vCenter."""
    appliances = [_replication(road).get("appliance") or {} for road in roads]
    pushing = [each.get(name) for each in appliances for name in ("runAsAccount", "windowsRunAsAccount")]
    reading = [((road.get("source") or {}).get("vmware") or {}).get("account") for road in roads]
    return list(dict.fromkeys(str(name) for name in (*pushing, *reading) if name))


def machine_of(machine: Machine) -> dict[str, Any]:
    """Give a machine as the simulator takes it."""
    image = IMAGES[machine.image]
    disks = [
        {"name": f"{machine.name}-disk-{number}", "osDisk": number == 0, **disk.model_dump(by_alias=True)}
        for number, disk in enumerate(machine.disks)
    ]
    document = machine.model_dump(mode="json", by_alias=True, exclude={"image", "disks"})
    system = {"osType": image.os_type, "osName": image.os_name, "drivers": list(image.drivers)}
    return document | system | {"hostname": machine.name, "disks": disks}


def register_server(url: str, server: Server, vault_id: str, key: str = "") -> None:
    """Do what a person does at the server: register it with the vault; the simulator takes its time from there."""
    body: dict[str, Any] = {"vaultId": vault_id, "name": server.name, "ip": server.ip}
    if server.kind == "configurationServer":
        post(url, "configuration-servers", body | {"accounts": list(server.accounts)} | ({"key": key} if key else {}))
    else:
        post(url, "appliances", body | {"agentless": server.kind == "agentless"})


def lend_a_hand(url: str, premises: Premises, gate: str, names: Collection[str]) -> None:
    """Do at a machine, by its name or address, what its gate asks for: install the agent, shut it down, start it."""
    machine = next((each for each in premises.machines if {each.name, each.ip} & set(names)), None)
    if machine is None:
        return
    if gate == "install-agent":
        post(url, "agents", {"ip": machine.ip})
    if gate in ("shut-down-source", "start-source"):
        post(url, "power", {"ip": machine.ip, "on": gate == "start-source"})
