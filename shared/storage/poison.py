"""The poison queue: what it is called, and how many messages wait there for a person."""

from functools import lru_cache

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from shared.settings import Settings, settings
from shared.storage.patience import Patience, patience_now
from shared.storage.tables import asking, identity


def queue_name() -> str:
    """Give the name of the queue in which refused messages wait, as the host itself would call it."""
    return f"{settings().queue}-poison"


def count() -> int:
    """Give how many refused messages wait, roughly; a queue that is not there holds none."""
    with asking("counting refused messages"):
        try:
            return int(_client(settings(), patience_now()).get_queue_properties().approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0


@lru_cache(maxsize=16)
def _client(where: Settings, patience: Patience) -> QueueClient:
    name = f"{where.queue}-poison"
    if where.storage:
        return QueueClient.from_connection_string(where.storage, name, **patience.options())
    address = f"https://{where.storage_account}.queue.core.windows.net"
    return QueueClient(address, name, credential=identity(where), **patience.options())
