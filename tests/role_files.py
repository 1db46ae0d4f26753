"""Writes infra/roles from shared/azure/rights.py: `python -m tests.role_files`. A test sees that it was not forgotten."""

import json
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from shared.azure.rights import TABLE, Right, Where

FOLDER = Path(__file__).parents[1] / "infra" / "roles"
OPERATION = "how an operation stands: the address is the service's own and differs from one to the other"


class Role(NamedTuple):
    """What the table does not say of a role."""

    places: tuple[Where, ...]
    description: str
    patterns: Mapping[str, str] = MappingProxyType({})  # held instead of single reads, each with its reason
    never: tuple[str, ...] = ()


ROLES: dict[str, Role] = {
    "vault": Role(
        places=("vault",),
        description="Replicates machines through a Recovery Services vault: its fabrics, policies, items, recovery plans and "
        "jobs; makes the key that a configuration server registers with.",
        patterns={
            "Microsoft.RecoveryServices/vaults/*/read": "a role that names an action which Azure does not list is refused, and "
            "the list (documented) lacks replicationAppliances; so all of a vault may be read, but not its tokens"
        },
        never=(
            "Microsoft.RecoveryServices/vaults/vaultTokens/read",
            "Microsoft.RecoveryServices/vaults/tokenInfo/read",
        ),
    ),
    "discovery": Role(
        places=("discovery",), description="Reads the machines that a replication appliance has discovered."
    ),
    "target": Role(
        places=("target", "source", "named"),
        description="Looks after migrated machines: reads them and what plans name for them, looks into them, fences them, and takes "
        "back what a test or a rollback leaves.",
    ),
    "network": Role(places=("network",), description="Attaches migrated machines to existing networks."),
    "cache": Role(
        places=("cache",),
        description="Reads the facts of cache storage accounts and lets Site Recovery use them.",
    ),
    "subscription": Role(
        places=("subscription",),
        description="Reads what a region offers and what a subscription may still use.",
        patterns={
            "Microsoft.Compute/locations/*/read": f"{OPERATION}, and quotas",
            "Microsoft.Network/locations/*/read": OPERATION,
            "Microsoft.RecoveryServices/locations/*/read": OPERATION,
        },
    ),
    "maker": Role(places=("maker",), description="Makes the resource groups of plans with `create: true`."),
}


def role(name: str) -> dict[str, Any]:
    """Give a role as its file holds it."""
    places, description, patterns, never = ROLES[name]
    rows = [each for each in TABLE if each.where in places]
    single = {each.action for each in rows if not any(fnmatchcase(each.action, pattern) for pattern in patterns)}
    return {
        "name": f"azferry {name}",
        "description": description,
        "actions": sorted({*single, *patterns}),
        "notActions": list(never),
        "beyond": {**patterns, **_never_called(rows)},
    }


def _never_called(rows: Iterable[Right]) -> dict[str, str]:
    """Give what the app does not call itself, with the reason."""
    rows = tuple(rows)
    called = {each.action for each in rows if not each.why}
    return {each.action: each.why for each in rows if each.why and each.action not in called}


def text(name: str) -> str:
    """Give a role's file."""
    return json.dumps(role(name), indent=2) + "\n"


if __name__ == "__main__":
    for each in ROLES:
        (FOLDER / f"{each}.json").write_text(text(each))
