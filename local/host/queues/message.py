"""Gives a queue function its argument in the form that its parameter asks for."""

import typing
from typing import Any

import azure.functions as func
from azure.functions.queue import QueueMessage
from azure.storage.queue import QueueMessage as StoredMessage

from ..function import Function


def argument(function: Function, message: StoredMessage, body: bytes) -> Any:
    """Give the message as text for `str` and `bytes` parameters, else as func.QueueMessage.

    As in the worker a `bytes` parameter gets bytes only with `data_type=BINARY`; then any body is welcome.
    """
    value: str | bytes = body if function.trigger.is_binary else body.decode()
    hint = typing.get_type_hints(function.call).get(function.trigger.name, func.QueueMessage)
    if hint in (str, bytes):
        return value
    return QueueMessage(  # type: ignore[no-untyped-call]  # the library is untyped here
        id=message.id,
        body=value,
        dequeue_count=message.dequeue_count,
        expiration_time=message.expires_on,
        insertion_time=message.inserted_on,
        time_next_visible=message.next_visible_on,
        pop_receipt=message.pop_receipt,
    )
