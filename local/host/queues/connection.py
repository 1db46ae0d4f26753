"""Finds the storage account that a queue binding means."""

import os

from ... import azurite
from ..problems import HostError

DEFAULT = "AzureWebJobsStorage"
DEVELOPMENT = "usedevelopmentstorage=true"


def connection_string(name: str | None, where: str) -> str:
    """Give the connection string of a binding's `connection` setting; raises HostError when there is none.

    Documented order: the setting `AzureWebJobs{name}`, then `{name}`.
    """
    asked = name or DEFAULT
    found = next((os.environ[each] for each in _names(asked) if os.environ.get(each)), None)
    if found is None:
        raise HostError(f"{where}: there is no app setting '{asked}' with a storage connection string.{_hint(asked)}")
    if found.replace(" ", "").lower().rstrip(";").startswith(DEVELOPMENT):
        return azurite.Azurite(pid=0, blob=10000, queue=10001, table=10002).connection_string
    return found


def _names(asked: str) -> tuple[str, ...]:
    return (f"AzureWebJobs{asked}", asked, f"ConnectionStrings:{asked}")


def _hint(asked: str) -> str:
    if any(name.startswith(f"{asked}__") for name in os.environ):
        return f" Identity-based settings ({asked}__...) are for Azure; this host speaks to Azurite with a key."
    return ""
