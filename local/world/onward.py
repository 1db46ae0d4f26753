"""What lies beyond a migration: the networks, caches and vaults through which a plan protects what it migrated."""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


def wanted(plan: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give every protection that a plan asks for, each once."""
    waves = plan["waves"]
    sections = [plan.get("finish") or {}, *waves, *(machine for wave in waves for machine in wave["machines"])]
    found: list[Mapping[str, Any]] = []
    for each in sections:
        protection = each.get("protectTarget")
        if protection and protection not in found:
            found.append(protection)
    return found


def _group(plan: Mapping[str, Any], protection: Mapping[str, Any]) -> str:
    return str(protection.get("resourceGroup") or f"{plan['target']['resourceGroup']}-asr")


def groups(plan: Mapping[str, Any]) -> Iterator[str]:
    """Give the groups that the migration does not make."""
    return (
        _group(plan, protection) for protection in wanted(plan) if not (protection.get("vault") or {}).get("create")
    )


def networks(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the networks of the other regions."""
    for number, protection in enumerate(wanted(plan)):
        network, cidr = protection["network"], f"10.{40 + number}.0.0/16"
        group = network.get("resourceGroup") or _group(plan, protection)
        subnets = {network.get("subnet") or "default": cidr}
        yield {
            "name": network["vnet"],
            "group": group,
            "cidr": cidr,
            "subnets": subnets,
            "location": protection["region"],
        }


def caches(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the cache accounts that are not the migration's, beside the migrated machines."""
    for protection in wanted(plan):
        if protection.get("cacheStorageAccount"):
            group = protection.get("cacheResourceGroup") or plan["target"]["resourceGroup"]
            yield {"name": protection["cacheStorageAccount"], "group": group}


def vaults(plan: Mapping[str, Any]) -> Iterator[Json]:
    """Give the vaults that the migration does not make."""
    for protection in wanted(plan):
        vault = protection.get("vault") or {}
        if vault and not vault.get("create"):
            group = vault.get("resourceGroup") or _group(plan, protection)
            yield {"name": vault["name"], "group": group, "location": vault.get("region") or protection["region"]}
