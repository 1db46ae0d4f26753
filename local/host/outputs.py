"""Writes what functions gave to their output bindings: queues, beside the HTTP answer."""

import json
from collections.abc import Callable
from typing import Any

from azure.functions.queue import QueueMessageOutConverter
from azure.storage.queue.aio import QueueClient

from .function import RETURN, Binding, Function
from .invocation import Result
from .queues.clients import QueueClients, send
from .queues.encoding import encode


class Outputs:
    """The output bindings of the whole app."""

    def __init__(self, clients: QueueClients, *, base64_encoded: bool) -> None:
        self._clients = clients
        self._base64 = base64_encoded
        self._told: list[Callable[[str], None]] = []

    def tell(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with a queue's URL after each message: it need not wait for its next poll."""
        self._told.append(listener)

    def check(self, functions: list[Function]) -> None:
        """Raise HostError when a binding names no account or queue."""
        for function in functions:
            for binding in _queues(function):
                self._client(function, binding)

    async def write(self, function: Function, result: Result) -> None:
        """Write everything; raises when a value cannot be written, which fails the function."""
        for binding in _queues(function):
            value = result.returned if binding.name == RETURN else result.outputs.get(binding.name)
            for body in [] if value is None else bodies(value):
                client = self._client(function, binding)
                await send(client, encode(body, base64_encoded=self._base64))
                self._announce(client)

    def _client(self, function: Function, binding: Binding) -> QueueClient:
        return self._clients.of_binding(binding, f"The function {function.name}")

    def _announce(self, client: QueueClient) -> None:
        for listener in self._told:
            listener(client.url)


def bodies(value: Any) -> list[str | bytes]:
    """Give the messages that one value stands for; raises TypeError for a type that the worker refuses.

    Unknown: what Azure makes of a QueueMessage object; assumed: a message with its body.
    """
    try:
        datum = QueueMessageOutConverter.encode(value, expected_type=None)
    except NotImplementedError as error:
        raise TypeError(f"a queue output cannot be a {type(value).__name__}") from error
    if datum.type in ("string", "bytes"):
        return [datum.value]
    found = json.loads(datum.value)
    return [
        item["body"] if isinstance(item, dict) else item for item in (found if isinstance(found, list) else [found])
    ]


def _queues(function: Function) -> list[Binding]:
    return [binding for binding in function.outputs if binding.type == "queue"]
