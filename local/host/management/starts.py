"""Starting orchestrations over HTTP, and waiting for their end in the same request."""

import asyncio
import json
import time

from starlette.responses import Response

from ..durable.engine import Engine
from . import answers
from .call import Call
from .filters import seconds
from .urls import Urls

LONGEST_ID = 512
A_MOMENT = 0.05  # real seconds: Azure looks for an instance of the id, and writes its own a while later
A_LOOK = 0.05  # real seconds between two looks for the end, at most
NO_STORAGE = "An error occurred while communicating with Azure Storage"
FAILED = frozenset({"Failed", "Terminated", "Canceled"})


class Starts:
    """Starts instances."""

    def __init__(self, engine: Engine, urls: Urls) -> None:
        self._engine, self._urls = engine, urls
        self._under_way: dict[str, asyncio.Future[bool]] = {}

    async def start(self, call: Call) -> Response:
        """Start an instance; of starts of one id at the same moment all hear that it was started, and one was."""
        given = call.parts[2] if len(call.parts) > 2 else None
        if given is not None and len(given) > LONGEST_ID:
            return answers.error(500, NO_STORAGE, "DurableTask.AzureStorage.Storage.DurableTaskStorageException")
        other = self._under_way.get(given or "")
        if given and other is not None and await other:
            return self._started(given, call)
        made = await self._create(call, given)
        return self._started(made, call)

    async def wait(self, call: Call, answered: Response) -> Response:
        """Answer with the output, if the caller waits for it and it comes in time."""
        timeout, interval = seconds(call.parameters, "timeout"), seconds(call.parameters, "pollingInterval")
        starts = call.parts[0].lower() == "orchestrators" or call.parts[-1].lower() == "restart"
        is_start = starts and answered.status_code == 202
        if not is_start or timeout is None or interval is None:
            return answered
        if timeout < interval:
            return answers.message(400, f"Total timeout {timeout:g} should be bigger than retry timeout {interval:g}")
        made = json.loads(bytes(answered.body))["id"]
        deadline = time.monotonic() + timeout
        while (ended := await self._ended(made)) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - as Azure polls
            await asyncio.sleep(min(interval, A_LOOK))
        return answered if ended is None else ended

    async def _create(self, call: Call, given: str | None) -> str:
        done = asyncio.get_running_loop().create_future()
        if given:
            self._under_way[given] = done
        made = None
        try:
            made = await self._engine.create(call.parts[1], call.body or None, given, call.parameters.get("version"))
            if given:
                await asyncio.sleep(A_MOMENT)
            return made
        finally:
            done.set_result(made is not None)
            self._under_way.pop(given or "", None)

    async def _ended(self, made: str) -> Response | None:
        status = await self._engine.status(made)
        if status is None:
            return None
        if status["runtimeStatus"] == "Completed":
            return answers.Json(status["output"])
        return answers.Json(status) if status["runtimeStatus"] in FAILED else None

    def _started(self, made: str, call: Call) -> Response:
        return answers.started(self._urls.started(made, call.origin))
