"""Keeps one client for each queue, all on the host's loop."""

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from ..app_settings import resolve
from ..function import Binding
from .connection import connection_string

POISON = "-poison"


class QueueClients:
    """The queues that the app's bindings name."""

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str], QueueClient] = {}

    def of_binding(self, binding: Binding, where: str) -> QueueClient:
        """Give the client of a binding's queue; raises HostError when a setting is missing."""
        return self._named(connection_string(binding.data.get("connection"), where), _name(binding, where))

    def poison_of(self, binding: Binding, where: str) -> QueueClient | None:
        """Give the client of the queue for messages that always fail; a poison queue has none itself."""
        name = _name(binding, where)
        connection = connection_string(binding.data.get("connection"), where)
        return None if name.endswith(POISON) else self._named(connection, f"{name}{POISON}")

    def _named(self, connection: str, name: str) -> QueueClient:
        key = (connection, name)
        if key not in self._clients:
            self._clients[key] = QueueClient.from_connection_string(connection, name)
        return self._clients[key]

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.close()


def _name(binding: Binding, where: str) -> str:
    return resolve(str(binding.data["queueName"]), where).lower()


async def send(client: QueueClient, text: str) -> None:
    """Send a message, making the queue when it is missing (as output bindings and poison queues do)."""
    try:
        await client.send_message(text)
    except ResourceNotFoundError:
        await _create(client)
        await client.send_message(text)


async def _create(client: QueueClient) -> None:
    try:
        await client.create_queue()
    except ResourceExistsError:
        return
