"""Tells the simulator and the SSM stand-in of the machines and of the Azure side, through their control APIs."""

from collections.abc import Collection, Mapping
from typing import Any

import httpx

from . import hyperv, premises
from .images import IMAGES, Image
from .model import Account, Azure, Instance, Network, World

_MEMORY_PER_CORE = {"t": 4096, "m": 4096, "r": 8192, "c": 2048}
_CORES = {"nano": 2, "micro": 2, "small": 2, "medium": 2, "large": 2, "xlarge": 4}


def tell_simulator(url: str, world: World) -> None:
    """Put the Azure side and every source machine into the simulator."""
    azure = world.azure
    with httpx.Client(base_url=f"{url}/control/", timeout=30, trust_env=False) as client:
        _post(client, "resources", list(_resources(azure)))
        _post(client, "machines", [_machine(each) for each in world.aws.instances])
        _post(client, "machines", [hyperv.machine_of(each) for each in world.hyperv.machines])
        _post(client, "machines", [premises.machine_of(each) for each in world.premises.machines])
        _post(client, "azure-vms", [each.model_dump(mode="json", by_alias=True) for each in world.azure_vms])
        quotas = [{"location": azure.location, **_plain(row)} for row in azure.quotas]
        _post(client, "quotas", quotas)
        _post(client, "outcomes", [_plain(each) for each in azure.outcomes])
        client.patch("settings", json={"legacy_providers": azure.legacy_providers}).raise_for_status()


def tell_ssm(url: str, world: World, ids: Mapping[str, str]) -> None:
    """Make every instance known to the SSM stand-in, with the outcomes of its commands."""
    body = [_managed(each, ids[each.name], world.aws.region) for each in world.aws.instances]
    httpx.put(f"{url}/control/instances", json=body, timeout=30, trust_env=False).raise_for_status()


def register_appliance(url: str, world: World, vault_id: str, key: str = "") -> None:
    """Do what a person does at the server: register it with the vault, with a key where its set-up takes one.

    The simulator takes its time from there.
    """
    appliance = world.aws.appliance
    if appliance is None:
        raise ValueError("this world has no appliance")
    ip = appliance.ip or next(each.ip for each in world.aws.instances if each.name == appliance.instance)
    path, own = _REGISTRATIONS[appliance.kind]
    properties = {name: list(getattr(appliance, name)) for name in own}
    body = {"vaultId": vault_id, "name": appliance.name, "ip": ip, **properties} | ({"key": key} if key else {})
    httpx.post(f"{url}/control/{path}", json=body, timeout=30, trust_env=False).raise_for_status()


def hand_agent_file(url: str, names: Collection[str]) -> None:
    """Put the file that an agent registers with onto machines of these names, ids or addresses, as a person would."""
    with httpx.Client(base_url=f"{url}/control/", timeout=30, trust_env=False) as client:
        instances = client.get("instances").raise_for_status().json()
        meant = [each["instanceId"] for each in instances if set(names) & set(_names(each))]
        client.post("agent-files", json={"instances": meant}).raise_for_status()


def _names(instance: Mapping[str, Any]) -> tuple[str, ...]:
    return instance["instanceId"], instance["privateIp"], instance["computerName"]


# Where each kind of server registers, and what it tells beside its name and address.
_REGISTRATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "appliance": ("appliances", ()),
    "configurationServer": ("configuration-servers", ("accounts",)),
}


def _post(client: httpx.Client, path: str, body: list[Any]) -> None:
    if body:
        client.post(path, json=body).raise_for_status()


def _plain(part: Any) -> dict[str, Any]:
    shown: dict[str, Any] = part.model_dump(mode="json", by_alias=True, exclude_none=True)
    return shown


def _machine(instance: Instance) -> dict[str, Any]:
    image = IMAGES[instance.image]
    family, _, size = instance.type.partition(".")
    cores = _CORES.get(size) or int(size.removesuffix("xlarge") or 1) * 4
    disks = [
        {
            "name": f"disk-{index}",
            "osDisk": index == 0,
            "sizeGb": disk.size_gb,
            "usedGb": disk.used_gb,
            "churn": disk.churn,
        }
        for index, disk in enumerate(instance.disks)
    ]
    return {
        "name": instance.name,
        "ip": instance.ip,
        "hostname": instance.name,
        "osType": image.os_type,
        "osName": image.os_name,
        "firmware": instance.firmware,
        "cores": cores,
        "memoryMb": cores * _MEMORY_PER_CORE.get(family[0], 4096),
        "disks": disks,
        "drivers": list(image.drivers),
        "boot": instance.boot,
        "bootSeconds": instance.boot_seconds,
        "bootLog": instance.boot_log,
        "push": instance.push,
        "ports": list(instance.ports),
        "poweredOn": instance.state == "running",
        "agentRegistered": instance.agent_registered,
    }


def _managed(instance: Instance, instance_id: str, region: str) -> dict[str, Any]:
    image = IMAGES[instance.image]
    return {
        "instanceId": instance_id,
        "agent": instance.ssm != "none" and instance.state == "running",
        "pingStatus": "ConnectionLost" if instance.ssm == "lost" else "Online",
        "platformType": image.os_type,
        "platformName": _platform(image),
        "platformVersion": image.version,
        "privateIp": instance.ip,
        "computerName": instance.name,
        "region": region,
        "tags": dict(instance.tags),
        "outcomes": [_plain(answer) for answer in instance.answers],
        "drivers": list(image.drivers if instance.drivers is None else instance.drivers),
        "shuts": _SHUT_TO_A_PUSH.get(instance.push, []),
        "unreached": list(instance.unreached),
    }


# What the machine's own firewall keeps shut where a push fails so.
_SHUT_TO_A_PUSH = {"no-network": [22, 135, 445], "file-sharing": [445], "wmi": [135]}


def _platform(image: Image) -> str:
    """Give the name by which Systems Manager calls a system."""
    if image.os_type == "Windows":
        return f"Microsoft {image.os_name.removesuffix(' SP1')} Datacenter"
    return {"RHEL": "Red Hat Enterprise Linux Server"}.get(name := image.os_name.partition(" ")[0], name)


def _resources(azure: Azure) -> list[dict[str, Any]]:
    root = f"/subscriptions/{azure.subscription_id}/resourceGroups"
    names = {*azure.groups, *_homes(azure)}
    ready = {"provisioningState": "Succeeded"}
    groups = [
        {
            "id": f"{root}/{name}",
            "type": "Microsoft.Resources/resourceGroups",
            "location": azure.location,
            "tags": {},
            "properties": ready,
        }
        for name in sorted(names)
    ]
    networks = [
        each for network in azure.networks for each in _network(root, network.location or azure.location, network)
    ]
    accounts = [_account(root, each.location or azure.location, each) for each in azure.accounts]
    return [
        *groups,
        *networks,
        *accounts,
        *(_vault(root, each.location or azure.location, each) for each in azure.vaults),
    ]


def _homes(azure: Azure) -> list[str]:
    accounts = (*azure.accounts, *azure.vaults)
    return [network.group for network in azure.networks] + [account.group for account in accounts]


def _network(root: str, location: str, network: Network) -> list[dict[str, Any]]:
    network_id = f"{root}/{network.group}/providers/Microsoft.Network/virtualNetworks/{network.name}"
    space = {"addressSpace": {"addressPrefixes": [network.cidr]}, "provisioningState": "Succeeded"}
    subnets = [
        {"id": f"{network_id}/subnets/{name}", "properties": {"addressPrefix": cidr, "provisioningState": "Succeeded"}}
        for name, cidr in network.subnets.items()
    ]
    return [{"id": network_id, "location": location, "tags": {}, "properties": space}, *subnets]


def _account(root: str, location: str, account: Account) -> dict[str, Any]:
    ends = {kind: f"https://{account.name}.{kind}.core.windows.net/" for kind in ("blob", "queue", "table", "file")}
    return {
        "id": f"{root}/{account.group}/providers/Microsoft.Storage/storageAccounts/{account.name}",
        "location": location,
        "kind": "StorageV2",
        "tags": {},
        "sku": {"name": "Standard_LRS", "tier": "Standard"},
        "properties": {"provisioningState": "Succeeded", "primaryEndpoints": ends, "primaryLocation": location},
    }


def _vault(root: str, location: str, vault: Account) -> dict[str, Any]:
    return {
        "id": f"{root}/{vault.group}/providers/Microsoft.RecoveryServices/vaults/{vault.name}",
        "location": location,
        "tags": {},
        "sku": {"name": "RS0", "tier": "Standard"},
        "properties": {"provisioningState": "Succeeded", "publicNetworkAccess": "Enabled"},
    }
