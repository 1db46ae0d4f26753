"""The durable client: start a root orchestrator, look at it, raise events; and activities that need it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from shared.durable import Activity, Asked, Blueprint, Phase, Reply, answered
from shared.models import Announcement, Done, Model
from shared.problems import Problem


class Client(Protocol):
    """What the app does with the durable client: start, look, raise an event."""

    async def start_new(self, name: str, instance_id: str, client_input: Any) -> str: ...  # noqa: D102
    async def get_status(self, instance_id: str) -> Any: ...  # noqa: D102
    async def raise_event(self, instance_id: str, event_name: str, event_data: Any) -> None: ...  # noqa: D102


def serves_with_client(
    bp: Blueprint, activity: Activity[Asked, Reply]
) -> Callable[[Callable[[Client, Asked], Awaitable[Reply]]], Callable[[Client, Asked], Awaitable[Reply]]]:
    """Register an async body that needs the durable client; it must do nothing that blocks."""

    def register(body: Callable[[Client, Asked], Awaitable[Reply]]) -> Callable[[Client, Asked], Awaitable[Reply]]:
        async def serve(payload: dict, client) -> dict:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
            return await _answer_async(lambda: body(client, activity.takes.model_validate(payload)))

        serve.__name__ = activity.name
        registered = bp.activity_trigger(input_name="payload", activity=activity.name)
        registered(bp.durable_client_input(client_name="client")(serve))
        return body

    return register


async def _answer_async(act: Callable[[], Awaitable[Model]]) -> dict[str, Any]:
    """Run it and put its outcome into one of the three shapes."""
    try:
        reply = await act()
    except Problem as problem:
        said = problem
        return answered(lambda: _raise(said))
    return answered(lambda: reply)


def _raise(problem: Problem) -> Model:
    """Raise it, where only an expression can stand."""
    raise problem


async def announce(client: Client, announcements: Sequence[Announcement]) -> Done:
    """Raise events; one that nobody can hear any more (404, 410) is dropped: the waiter is gone or looks by itself."""
    await asyncio.gather(*(_raise_event(client, one) for one in announcements))
    return Done()


async def _raise_event(client: Client, one: Announcement) -> None:
    try:
        await client.raise_event(one.instance, one.event, {})
    except Exception:  # noqa: BLE001 - the SDK gives no typed error; the waiter's patience covers a lost event
        logging.getLogger("azferry").info("nobody hears %s at %s", one.event, one.instance)


async def is_running(client: Client, instance_id: str) -> bool:
    """Tell whether an instance exists and has not ended."""
    status = await client.get_status(instance_id)
    return bool(status) and status.runtime_status is not None and status.runtime_status.name in ALIVE


ALIVE = frozenset({"Running", "Pending", "Suspended", "ContinuedAsNew"})


async def start(client: Client, phase: Phase[Asked, Reply], request: Asked, instance_id: str) -> None:
    """Start a root orchestrator unless it lives already. Two starters may race: the second start is refused by the hub."""
    if not await is_running(client, instance_id):
        wire = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        await client.start_new(phase.name, instance_id, wire)
