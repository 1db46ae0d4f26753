"""Calls that name another task hub or another storage account: this host has one of each."""

import os

from starlette.responses import Response

from ..task_hub import HUB_NAME, bad_hub, is_connection, no_connection
from . import answers
from .call import CONTINUATION, Call


def answer(call: Call, hub: str) -> Response | None:
    """Answer a call that is meant for another hub or account; None for this one's.

    Azure makes the other hub's tables; this host only says that it has nothing of it.
    """
    connection = call.parameters.get("connection", "")
    if not is_connection(connection, os.environ):
        return answers.error(500, no_connection(connection), "System.InvalidOperationException")
    named = call.parameters.get("taskhub", hub)
    if named.lower() == hub.lower():
        return None
    if not HUB_NAME.fullmatch(named):
        return answers.error(500, bad_hub(named), "System.ArgumentException")
    is_list = call.request.method == "GET" and len(call.parts) == 1
    return answers.Json([], headers={CONTINUATION: ""}) if is_list else answers.not_found()
