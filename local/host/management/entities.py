"""The part of the management API that is about entities."""

import json
from typing import Any

from starlette.responses import Response

from ..durable.engine import Engine
from ..durable.events import shown
from ..durable.json_text import rewritten
from . import answers
from .call import CONTINUATION, Call, token_of
from .filters import entity_listing, flag

NO_KEY = "$"  # stands for an empty key


class EntitiesApi:
    """Reads, signals, lists and deletes entities."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, call: Call) -> Response:
        """Answer with an entity's state."""
        state = await self._engine.entity(_id(call))
        return answers.not_found() if state is None else Response(state, media_type=answers.Json.media_type)

    async def signal(self, call: Call) -> Response:
        """Send an operation; a body that does not say that it is JSON is a text."""
        try:
            given = _input(call)
        except ValueError as problem:
            return answers.message(400, f"Could not parse JSON content: {problem}")
        await self._engine.signal_entity(_id(call), call.parameters.get("op", ""), given)
        return answers.accepted()

    async def delete(self, call: Call) -> Response:
        """Send the operation that deletes."""
        await self._engine.signal_entity(_id(call), "delete", None)
        return answers.accepted()

    async def list(self, call: Call) -> Response:
        """Answer with the entities of one name, or all."""
        is_token, after = call.after()
        if not is_token:
            return answers.Json([], headers={CONTINUATION: ""})
        prefix = f"@{call.parts[1].lower()}@" if len(call.parts) > 1 else "@"
        rows, end = await self._engine.entities(prefix, entity_listing(call.parameters, after))
        with_state = flag(call.parameters, "fetchState", default=False)
        items = [_item(row, with_state=with_state) for row in rows]
        return answers.Json(items, headers={CONTINUATION: token_of(end)})


def _item(row: dict[str, Any], *, with_state: bool) -> dict[str, Any]:
    name, _, key = row["id"][1:].partition("@")
    state = json.loads(row["state"]) if with_state else None
    return {"entityId": {"name": name, "key": key}, "lastOperationTime": shown(row["updated"]), "state": state}


def _id(call: Call) -> str:
    key = "" if call.parts[2] == NO_KEY else call.parts[2]
    return f"@{call.parts[1].lower()}@{key}"


def _input(call: Call) -> str | None:
    """Give an operation's input as JSON text; raises ValueError."""
    if not call.body:
        return None
    kind = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return rewritten(call.body) if kind == "application/json" else json.dumps(call.body)
