"""Microsoft.Network: virtual networks, subnets, NICs, public addresses, security groups, usages."""

from ipaddress import ip_address, ip_network

from ..arm import Call, Reply, Route
from ..errors import ArmError
from ..provider import Provider
from ..resources import Resource
from ..world import World
from . import lro
from .kinds import Kind, delete, get, listed, listed_everywhere, plain, put, retag

NETWORK = Kind("Microsoft.Network", ("virtualNetworks",))
SUBNET = Kind("Microsoft.Network", ("virtualNetworks", "subnets"))
NIC = Kind("Microsoft.Network", ("networkInterfaces",))
ADDRESS = Kind("Microsoft.Network", ("publicIPAddresses",))
GROUP = Kind("Microsoft.Network", ("networkSecurityGroups",))
_USAGES = "/subscriptions/{subscription}/providers/Microsoft.Network/locations/{location}/usages"
_LIMITS = {  # of a subscription in a region (documented defaults)
    "VirtualNetworks": (NETWORK, 1000),
    "NetworkInterfaces": (NIC, 65536),
    "PublicIPAddresses": (ADDRESS, 1000),
    "NetworkSecurityGroups": (GROUP, 5000),
}
RESERVED = 4  # the first four addresses of a subnet and its last one belong to Azure (documented)


def _setup(world: World) -> None:
    world.durations.seconds.setdefault("nic.delete", 10)


def _made(call: Call, network: Resource) -> None:
    """Keep the subnets given with a network as resources of their own: reads put them together again."""
    properties = network["properties"]
    if not properties.get("addressSpace", {}).get("addressPrefixes"):
        raise ArmError(400, "InvalidRequestFormat", "A virtual network needs an address space.")
    for given in properties.pop("subnets", []):
        _keep_subnet(call.world, network["id"], given)


def _keep_subnet(world: World, network_id: str, given: Resource) -> None:
    properties = {**given.get("properties", {}), "provisioningState": "Succeeded"}
    subnet = {"id": f"{network_id}/subnets/{given['name']}", "name": given["name"], "type": SUBNET.name}
    world.resources.put({**subnet, "properties": properties})


def _show(call: Call, network: Resource) -> Resource:
    subnets = [_show_subnet(call, each) for each in call.world.resources.under(network["id"], SUBNET.name)]
    return {**network, "properties": {**network["properties"], "subnets": subnets}}


def _show_subnet(call: Call, subnet: Resource) -> Resource:
    inside = [nic["properties"]["ipConfigurations"] for nic in _inside(call.world, subnet["id"])]
    used = [{"id": each[0]["id"]} for each in inside]
    if (
        call.query.get("$expand", "").lower() == "subnets/ipconfigurations"
    ):  # documented: shown in full, else as references
        used = [address for each in inside for address in each]
    return {**subnet, "properties": {**subnet["properties"], **({"ipConfigurations": used} if used else {})}}


def _inside(world: World, subnet_id: str) -> list[Resource]:
    nics = world.resources.under("/subscriptions", NIC.name)
    return [nic for nic in nics if subnet_of(nic).lower() == subnet_id.lower()]


def subnet_of(nic: Resource) -> str:
    """Return the ARM id of the subnet a NIC lies in; empty when it lies in none."""
    for each in nic["properties"].get("ipConfigurations", []):
        if found := each.get("properties", {}).get("subnet", {}).get("id"):
            return str(found)
    return ""


def _check_subnet(call: Call, subnet: Resource) -> None:
    prefix = subnet["properties"].get("addressPrefix") or (subnet["properties"].get("addressPrefixes") or [""])[0]
    network = call.world.resources.get(NETWORK.id(call.params)) or {}
    spaces = [ip_network(each) for each in network["properties"]["addressSpace"]["addressPrefixes"]]
    if not any(ip_network(prefix).subnet_of(each) for each in spaces if each.version == ip_network(prefix).version):  # type: ignore[arg-type]  # same version
        message = f"Subnet '{subnet['name']}' is not valid because its IP address range is outside the address space."
        raise ArmError(400, "NetcfgSubnetRangeOutsideVnet", message)


def _refuse_used_subnet(call: Call, subnet: Resource) -> None:
    if _inside(call.world, subnet["id"]):
        message = f"Subnet {subnet['name']} is in use and cannot be deleted."
        raise ArmError(400, "InUseSubnetCannotBeDeleted", message)


def _check_address(call: Call) -> Reply:
    network = NETWORK.stored(call)
    wanted = ip_address(call.query.get("ipaddress", ""))
    subnets = list(call.world.resources.under(network["id"], SUBNET.name))
    within = next((each for each in subnets if wanted in ip_network(each["properties"]["addressPrefix"])), None)
    if within is None:
        message = f"IP address {wanted} is not in the address range of any subnet."
        raise ArmError(400, "PrivateIPAddressNotInAnySubnet", message)
    taken = _taken(call.world, subnets)
    prefix = ip_network(within["properties"]["addressPrefix"])
    hosts = (str(host) for index, host in enumerate(prefix.hosts()) if index >= RESERVED - 1)
    free = [host for host, _ in zip((each for each in hosts if each not in taken), range(5), strict=False)]
    reserved = int(wanted) - int(prefix.network_address) < RESERVED or wanted == prefix.broadcast_address
    available = str(wanted) not in taken and not reserved
    # recorded: the list only where the address is not available; newer versions tell what Azure keeps for itself
    others = {} if available else {"availableIPAddresses": free}
    newer = {"isPlatformReserved": reserved} if call.api_version >= "2020" else {}
    return Reply(200, {"available": available, **others, **newer})


def prefix_of(subnet: Resource) -> str:
    """Return a subnet's range of addresses, its first one where there are several."""
    properties = subnet["properties"]
    return str(properties.get("addressPrefix") or (properties.get("addressPrefixes") or ["0.0.0.0/0"])[0])


def room_of(world: World, subnet: Resource) -> int:
    """Return how many cards a subnet still has room for."""
    return ip_network(prefix_of(subnet)).num_addresses - RESERVED - 1 - len(_inside(world, subnet["id"]))


def _taken(world: World, subnets: list[Resource]) -> set[str]:
    nics = [nic for subnet in subnets for nic in _inside(world, subnet["id"])]
    return {
        str(each.get("properties", {}).get("privateIPAddress", ""))
        for nic in nics
        for each in nic["properties"].get("ipConfigurations", [])
    }


def _put_nic(call: Call, nic: Resource) -> None:
    """Complete a NIC: what Azure fills in and a client does not send stays as it was."""
    known = call.world.resources.get(nic["id"])
    kept = ("virtualMachine", "macAddress", "primary")
    if known:
        nic["properties"] = {
            **{key: known["properties"][key] for key in kept if key in known["properties"]},
            **nic["properties"],
        }
    subnet = subnet_of(nic)
    if subnet and call.world.resources.get(subnet) is None:
        raise ArmError(
            400, "InvalidResourceReference", f"Resource {subnet} referenced by resource {nic['id']} was not found."
        )


def _delete_nic(call: Call) -> Reply:
    nic = call.world.resources.get(NIC.id(call.params))
    if nic is None:
        return Reply(204)
    if user := nic["properties"].get("virtualMachine"):
        message = f"Network Interface {nic['id']} is used by existing resource {user['id']}."
        raise ArmError(400, "NicInUse", message)
    seconds = call.world.durations.of("nic.delete")
    return lro.started(call, "Microsoft.Network", nic["location"], seconds, lambda _: _gone(call.world, nic["id"]))


def _gone(world: World, resource_id: str) -> None:
    world.delete_resource(resource_id)


def _usages(call: Call) -> Reply:
    location = call.params["location"].lower()
    scope = f"/subscriptions/{call.params['subscription']}"
    rows = []
    for name, (kind, limit) in _LIMITS.items():
        used = sum(each.get("location") == location for each in call.world.resources.under(scope, kind.name))
        shown = {"value": name, "localizedValue": name}
        row_id = f"{scope}/providers/Microsoft.Network/locations/{location}/usages/{name}"
        rows.append({"id": row_id, "unit": "Count", "currentValue": used, "limit": limit, "name": shown})
    return Reply(200, {"value": rows})


NETWORKS = Provider(
    "Microsoft.Network",
    routes=(
        get(NETWORK, _show),
        listed(NETWORK, _show),
        listed_everywhere(NETWORK, _show),
        put(NETWORK, _made, _show),
        retag(NETWORK),
        delete(NETWORK),
        Route("GET", f"{NETWORK.template}/CheckIPAddressAvailability", _check_address),
        get(SUBNET, _show_subnet),
        listed(SUBNET, _show_subnet),
        put(SUBNET, _check_subnet),
        delete(SUBNET, _refuse_used_subnet),
        get(NIC),
        listed(NIC),
        listed_everywhere(NIC),
        put(NIC, _put_nic),
        retag(NIC),
        Route("DELETE", NIC.template, _delete_nic),
        *plain(ADDRESS),
        *plain(GROUP),
        Route("GET", _USAGES, _usages),
        *lro.routes("Microsoft.Network"),
    ),
    setup=_setup,
)
