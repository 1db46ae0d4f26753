"""The VMs of another Azure region that a plan is to move, derived from the plan."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .roads import PlanDocument, machines_of


def derived(
    roads: Sequence[PlanDocument], ports: Callable[[Sequence[Mapping[str, Any]]], list[int]]
) -> list[dict[str, Any]]:
    """Give a VM for each machine that roads name, and one for each set of tags; `ports` gives those that checks look at."""
    named = [(_where(road), machine) for road in roads for machine in machines_of([road])]
    return [
        {
            **where,
            "name": _name(machine),
            "tags": dict(machine["source"].get("tags") or {}),
            "disks": [{"name": f"{_name(machine)}-os", "sizeGb": 30, "usedGb": 4, "osDisk": True}],
            "nics": [{"privateIp": f"10.4.{number // 250}.{number % 250 + 4}"}],
            "ports": sorted({10022, *ports(machine.get("verify") or ())}),
        }
        for number, (where, machine) in enumerate(named)
    ]


def _where(road: PlanDocument) -> dict[str, Any]:
    """Give where the VMs of a road are."""
    source = road["source"]["azure"]
    group = source.get("resourceGroup") or "rg-source"
    return {"region": source["region"], "subscription": source["subscriptionId"], "resourceGroup": group}


def _name(machine: Mapping[str, Any]) -> str:
    """Give a VM's name: the one that its selector says, as far as it says one."""
    source = machine["source"]
    tags = "-".join(str(value).lower() for value in (source.get("tags") or {}).values())
    return str(source.get("name") or str(source.get("vmId", "")).rpartition("/")[2] or machine.get("name") or tags)
