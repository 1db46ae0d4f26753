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
    setting = name or DEFAULT
    found = next((os.environ[each] for each in _names(setting) if os.environ.get(each)), None)
    if found is None:
        raise HostError(
            f"{where}: there is no app setting '{setting}' with a storage connection string.{_hint(setting)}"
        )
    if found.replace(" ", "").lower().rstrip(";").startswith(DEVELOPMENT):
        return azurite.Azurite(pid=0, blob=10000, queue=10001, table=10002).connection_string
    return found


def _names(setting: str) -> tuple[str, ...]:
    return (f"AzureWebJobs{setting}", setting, f"ConnectionStrings:{setting}")


def _hint(setting: str) -> str:
    if any(name.startswith(f"{setting}__") for name in os.environ):
        return f" Identity-based settings ({setting}__...) are for Azure; this host speaks to Azurite with a key."
    return ""
