"""Queues of the app's storage: their clients, one for each queue and patience."""

from functools import lru_cache
from typing import TYPE_CHECKING

from shared.settings import Settings
from shared.storage.patience import Patience
from shared.storage.tables import identity

if TYPE_CHECKING:  # few of the app's instances send anything to a queue themselves
    from azure.storage.queue import QueueClient


@lru_cache(maxsize=32)
def queue_client(where: Settings, name: str, patience: Patience) -> "QueueClient":
    """Give the client of a queue, by the key of the settings or by the app's identity."""
    from azure.storage.queue import QueueClient  # noqa: PLC0415 - see above

    if where.storage:
        return QueueClient.from_connection_string(where.storage, name, **patience.options())
    address = f"https://{where.storage_account}.queue.core.windows.net"
    return QueueClient(address, name, credential=identity(where), **patience.options())
