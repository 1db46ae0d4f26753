"""What lies beyond a migration: the networks, caches and vaults through which a plan protects what it migrated."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def wanted(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give every protection that a plan asks for, each once."""
    waves = plan["waves"]
    asked = [plan.get("finish") or {}, *waves, *(machine for wave in waves for machine in wave["machines"])]
    found: list[Mapping[str, Any]] = []
    for each in asked:
        said = each.get("protectTarget")
        if said and said not in found:
            found.append(said)
    return found


def _group(plan: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    return str(said.get("resourceGroup") or f"{plan['target']['resourceGroup']}-asr")


def groups(plan: Mapping[str, Any]) -> Iterator[str]:
    """Give the groups that the migration does not make."""
    return (_group(plan, said) for said in wanted(plan) if not (said.get("vault") or {}).get("create"))


def networks(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the networks of the other regions."""
    for number, said in enumerate(wanted(plan)):
        network, cidr = said["network"], f"10.{40 + number}.0.0/16"
        group = network.get("resourceGroup") or _group(plan, said)
        subnets = {network.get("subnet") or "default": cidr}
        yield {"name": network["vnet"], "group": group, "cidr": cidr, "subnets": subnets, "location": said["region"]}


def caches(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the cache accounts that are not the migration's, beside the migrated machines."""
    for said in wanted(plan):
        if said.get("cacheStorageAccount"):
            group = said.get("cacheResourceGroup") or plan["target"]["resourceGroup"]
            yield {"name": said["cacheStorageAccount"], "group": group}


def vaults(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the vaults that the migration does not make."""
    for said in wanted(plan):
        vault = said.get("vault") or {}
        if vault and not vault.get("create"):
            group = vault.get("resourceGroup") or _group(plan, said)
            yield {"name": vault["name"], "group": group, "location": vault.get("region") or said["region"]}
