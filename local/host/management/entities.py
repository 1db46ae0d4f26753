"""The part of the management API that is about entities."""

import json
from typing import Any

from starlette.responses import Response

from ..durable.engine import Engine
from . import answers
from .call import CONTINUATION, Call, token_of
from .filters import flag, listing


class EntitiesApi:
    """Reads, signals, lists and deletes entities."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def read(self, call: Call) -> Response:
        """Answer with an entity's state."""
        state = await self._engine.entity(_id(call))
        return answers.not_found() if state is None else Response(state, media_type=answers.Json.media_type)

    async def signal(self, call: Call) -> Response:
        """Send an operation."""
        await self._engine.signal_entity(_id(call), call.parameters.get("op", ""), call.body or None)
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
        rows, end = await self._engine.entities(prefix, listing(call.parameters, after))
        with_state = flag(call.parameters, "fetchState", default=False)
        items = [_item(row, with_state=with_state) for row in rows]
        return answers.Json(items, headers={CONTINUATION: token_of(end)})


def _item(row: dict[str, Any], *, with_state: bool) -> dict[str, Any]:
    name, _, key = row["id"][1:].partition("@")
    state = json.loads(row["state"]) if with_state else None
    return {"entityId": {"name": name, "key": key}, "lastOperationTime": row["updated"][:19] + "Z", "state": state}


def _id(call: Call) -> str:
    return f"@{call.parts[1].lower()}@{call.parts[2]}"
