"""The poison queue: what it is called, and how many messages wait there for a person."""

from azure.core.exceptions import ResourceNotFoundError

from shared.settings import settings
from shared.storage.patience import patience_now
from shared.storage.queues import queue_client
from shared.storage.tables import asking


def queue_name() -> str:
    """Give the name of the queue in which refused messages wait, as the host itself would call it."""
    return f"{settings().queue}-poison"


def count() -> int:
    """Give how many refused messages wait, roughly; a queue that is not there holds none."""
    with asking("counting refused messages"):
        try:
            queue = queue_client(settings(), queue_name(), patience_now())
            return int(queue.get_queue_properties().approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0
