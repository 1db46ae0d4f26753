"""What Azure takes as the name of a task hub and of its storage account."""

import re
from collections.abc import Mapping

HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,49}")
OWN_CONNECTIONS = ("", "storage", "azurewebjobsstorage")
PREFIXES = ("", "azurewebjobs", "connectionstrings:", "connectionstrings__")


def bad_hub(name: str) -> str:
    """Return how Azure refuses the name of a task hub (it says 45 and takes 50)."""
    return (
        f"Task hub name '{name}' should contain only alphanumeric characters, start with a letter, "
        "and have length between 3 and 45."
    )


def no_connection(name: str) -> str:
    """Return how Azure tells that no app setting stands for an account."""
    return f"Unable to resolve the Azure Storage connection named '{name}'."


def is_connection(name: str, environment: Mapping[str, str]) -> bool:
    """Say whether a name stands for an account: the host's own one, or one of the app settings."""
    if name.lower() in OWN_CONNECTIONS:
        return True
    names = [f"{prefix}{name.lower()}" for prefix in PREFIXES]
    parts = tuple(f"{each}__" for each in names)
    return any(key.lower() in names or key.lower().startswith(parts) for key in environment)
