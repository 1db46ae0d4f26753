"""Derives a world from a plan that has no world file: one source machine for every machine that the plan names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network
from itertools import cycle
from typing import Any

from . import azure_vms, hyperv, onward, premises
from .model import World
from .roads import by_side, machines_of, the_one, together, waves_of

_IMAGES = (
    "ubuntu-22.04",
    "windows-2019",
    "rhel-8",
    "windows-2016",
    "ubuntu-20.04",
    "windows-2022",
    "rhel-7",
    "windows-2012-r2",
)
_DEFAULT_PORTS = {"ubuntu": [10022], "rhel": [10022], "windows": [13389]}
_LAUNCHED = "10.255.255.4"  # what a server that is launched tells the vault; EC2 gives it an address of its own
PER_TAG = 2  # a machine row that selects by tags finds this many


def derive(plan: Mapping[str, Any]) -> World:
    """Return a world in which the plan can be carried out, whatever roads its waves go.

    Raises ValueError where its roads need what a world has only one of.
    """
    roads = by_side(plan)
    sides = {side: _SIDES[side](own) for side, own in roads.items()}
    azures = [_azure(road) for own in roads.values() for road in own]
    return World.model_validate({**sides, "azure": together(azures)})


def _aws_side(roads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    plan = {
        "source": the_one("AWS accounts, regions or VPCs", [road.get("source") for road in roads]),
        "replication": the_one("appliances on EC2", [_through(road) for road in roads]),
    }
    wanted = [each for machine in machines_of(roads) for each in _sources(machine)]
    network = _network([each["ip"] for each in wanted if each.get("ip")])
    free = _free(network, {each["ip"] for each in wanted if each.get("ip")})
    images = cycle(_IMAGES)
    instances = [_instance(each, str(each.get("ip") or next(free)), next(images)) for each in wanted]
    appliance = _appliance_name(plan)
    image = "windows-2016" if _is_classic(plan) else "windows-2022"
    machine = {"name": appliance, "ip": str(next(free)), "image": image, "type": "m5.2xlarge"}
    if not _is_launched(plan):
        instances.append(
            {**machine, "disks": [80, 620], "securityGroups": ["appliance"], "tags": {"Role": "azferry-appliance"}}
        )
    return _aws(plan, network, instances)


def _through(road: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the world has to know of a road's replication."""
    replication = road.get("replication") or {}
    return {name: replication[name] for name in ("mode", "appliance") if replication.get(name)}


def _hyperv_side(roads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    source = the_one("Hyper-V sites or VMM servers", [road.get("source") for road in roads])
    return hyperv.derived({"source": source, "waves": waves_of(roads)}, _checked_ports)


def _azure_vms_side(roads: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return azure_vms.derived(roads, _checked_ports)


def _premises_side(roads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return premises.derived(roads, _checked_ports)


_SIDES: dict[str, Callable[[Sequence[Mapping[str, Any]]], Any]] = {
    "aws": _aws_side,
    "hyperv": _hyperv_side,
    "premises": _premises_side,
    "azureVms": _azure_vms_side,
}


def _sources(machine: Mapping[str, Any]) -> list[dict[str, Any]]:
    source = machine.get("source") or {}
    common = {"checks": [*machine.get("verify", ())], "name": machine.get("name", "")}
    if tags := source.get("tags"):
        stem = "-".join(str(value).lower() for value in tags.values())[:40]
        return [{**common, "name": f"{stem}-{number + 1}", "tags": dict(tags)} for number in range(PER_TAG)]
    name = common["name"] or source.get("name") or source.get("instanceId") or str(source.get("privateIp", "machine"))
    return [
        {
            **common,
            "name": name.replace(".", "-"),
            "id": source.get("instanceId", ""),
            "ip": source.get("privateIp", ""),
        }
    ]


def _instance(each: Mapping[str, Any], ip: str, image: str) -> dict[str, Any]:
    disks = [30 + int(sha256(str(each["name"]).encode()).hexdigest(), 16) % 5 * 10]
    shown = {"name": each["name"], "id": each.get("id", ""), "ip": ip, "image": image, "tags": each.get("tags", {})}
    ports = sorted({*_DEFAULT_PORTS[image.partition("-")[0]], *_checked_ports(each["checks"])})
    return {
        **shown,
        "disks": disks if image.startswith("ubuntu") else [*disks, 50],
        "ports": ports,
        "securityGroups": ["machines"],
    }


def _checked_ports(checks: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ports that the plan's checks look at: a TCP port, or that of an HTTP address."""
    ports = [int(check["tcp"]) for check in checks if check.get("tcp")]
    places = [str(check["http"]).partition("://")[2].partition("/")[0] for check in checks if check.get("http")]
    return ports + [int(place.rpartition(":")[2]) for place in places if place.rpartition(":")[2].isdigit()]


def _network(addresses: Sequence[str]) -> IPv4Network:
    """Return a network that holds every address the plan names, not smaller than a /16."""
    if not addresses:
        return IPv4Network("10.0.0.0/16")
    for length in range(16, 7, -1):
        network = ip_network(f"{addresses[0]}/{length}", strict=False)
        if isinstance(network, IPv4Network) and all(ip_address(each) in network for each in addresses):
            return network
    raise ValueError("the plan's addresses lie too far apart for one VPC")


def _free(network: IPv4Network, taken: set[str]) -> Iterator[IPv4Address]:
    hosts = network.hosts()
    for _ in range(3):  # AWS keeps the first addresses of a subnet
        next(hosts)
    return (each for each in hosts if str(each) not in taken)


def _server(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the appliance, or the configuration server with the account that the plan names."""
    replication = plan.get("replication") or {}
    name, account = _appliance_name(plan), (replication.get("appliance") or {}).get("runAsAccount")
    server = {"name": name, "ip": _LAUNCHED} if _is_launched(plan) else {"name": name, "instance": name}
    if not _is_classic(plan):
        return server
    return {**server, "kind": "configurationServer", "accounts": [account] if account else []}


def _subnet_id(plan: Mapping[str, Any]) -> str:
    return str(((plan.get("replication") or {}).get("appliance") or {}).get("subnetId") or "")


def _is_launched(plan: Mapping[str, Any]) -> bool:
    """Tell whether the app launches the server itself: then EC2 knows no such instance before."""
    return bool(((plan.get("replication") or {}).get("appliance") or {}).get("launch"))


def _is_classic(plan: Mapping[str, Any]) -> bool:
    return (plan.get("replication") or {}).get("mode") == "configurationServer"


def _appliance_name(plan: Mapping[str, Any]) -> str:
    replication = plan.get("replication") or {}
    return str((replication.get("appliance") or {}).get("name") or "ferry-appliance")


def _aws(plan: Mapping[str, Any], network: IPv4Network, instances: list[dict[str, Any]]) -> dict[str, Any]:
    source = (plan.get("source") or {}).get("aws") or {}
    return {
        "region": source.get("region", "eu-west-1"),
        "vpcId": source.get("vpcId", ""),
        "cidr": str(network),
        "subnets": [{"name": "app", "cidr": str(network), "id": _subnet_id(plan)}],
        "securityGroups": [
            {"name": "machines", "ingress": [{"port": 22, "cidr": str(network)}]},
            {"name": "appliance", "ingress": [{"port": 3389, "cidr": str(network)}]},
        ],
        "instances": instances,
        "appliance": _server(plan),
    }


def _azure(plan: Mapping[str, Any]) -> dict[str, Any]:
    target = plan["target"]
    group = target["resourceGroup"]
    network = target["network"]
    home = network.get("resourceGroup") or group
    wide = "10.0.0.0/8" if _keeps_addresses(plan) else "10.20.0.0/16"  # of every source of a derived world, or apart
    pairs = {(network["vnet"], network.get("subnet") or "default"): wide}
    if network.get("testVnet"):
        pairs[network["testVnet"], network.get("testSubnet") or "default"] = "10.30.0.0/16"
    return {
        "subscriptionId": target["subscriptionId"],
        "location": target["region"],
        "legacyProviders": _is_classic(plan),
        "groups": [group, *onward.groups(plan)],
        "networks": [
            *(_vnet(name, home, cidr, subnet) for (name, subnet), cidr in pairs.items()),
            *onward.networks(plan),
        ],
        "accounts": [_cache(plan), *onward.caches(plan)],
        "vaults": [*_vaults(target, group), *onward.vaults(plan)],
    }


def _keeps_addresses(plan: Mapping[str, Any]) -> bool:
    """Tell whether machines ask for their source's address, so that it must lie in the target's subnet."""
    waves = plan.get("waves") or ()
    parts = [plan, *waves, *(machine for wave in waves for machine in wave.get("machines") or ())]
    targets = [part.get("target") or {} for part in parts]
    cards = [card for each in targets for card in each.get("nics") or ()]
    return any(each.get("privateIp") == "keep" for each in (*targets, *cards))


def _cache(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cache account: at the target, but between Azure regions beside the sources."""
    target, source = plan["target"], (plan.get("source") or {}).get("azure") or {}
    group = target.get("cacheResourceGroup") or source.get("resourceGroup") or target["resourceGroup"]
    return {"name": target["cacheStorageAccount"], "group": group, "location": source.get("region", "")}


def _vnet(name: str, group: str, cidr: str, subnet: str) -> dict[str, Any]:
    return {"name": name, "group": group, "cidr": cidr, "subnets": {subnet: cidr}}


def _vaults(target: Mapping[str, Any], group: str) -> list[dict[str, str]]:
    """Return the vault, unless the migration is to make it."""
    vault = target.get("vault") or {}
    if vault.get("create") or not vault.get("name"):
        return []
    return [{"name": vault["name"], "group": vault.get("resourceGroup") or group}]
