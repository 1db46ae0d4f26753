"""The durable client: start a root orchestrator, look at it, raise events; and activities that need it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Protocol

from shared.durable import client_wire
from shared.durable.hub_calls import MOST_AT_ONCE, repeated, undisturbed
from shared.durable.seam import Activity, Blueprint, Input, Phase, Reply, answered, logged
from shared.models import Announcement, Done, Model
from shared.problems import Busy, Problem

SHORTLY = timedelta(seconds=5)


class Client(Protocol):
    """What the app does with the durable client: start, look, raise an event."""

    async def start_new(self, name: str, instance_id: str, client_input: Any) -> str: ...  # noqa: D102
    async def get_status(self, instance_id: str) -> Any: ...  # noqa: D102
    async def raise_event(self, instance_id: str, event_name: str, event_data: Any) -> None: ...  # noqa: D102
    async def terminate(self, instance_id: str, reason: str) -> None: ...  # noqa: D102
    async def purge_instance_history(self, instance_id: str) -> Any: ...  # noqa: D102


def serves_with_client(
    bp: Blueprint, activity: Activity[Input, Reply]
) -> Callable[[Callable[[Client, Input], Awaitable[Reply]]], Callable[[Client, Input], Awaitable[Reply]]]:
    """Register an async body that needs the durable client; it must do nothing that blocks."""

    def register(body: Callable[[Client, Input], Awaitable[Reply]]) -> Callable[[Client, Input], Awaitable[Reply]]:
        async def serve(payload: dict, client) -> dict:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
            return await _answer_async(activity.name, lambda: body(client, activity.takes.model_validate(payload)))

        serve.__name__ = activity.name
        registered = bp.activity_trigger(input_name="payload", activity=activity.name)
        registered(bp.durable_client_input(client_name="client")(serve))
        return body

    return register


async def _answer_async(name: str, act: Callable[[], Awaitable[Model]]) -> dict[str, Any]:
    """Run it and put its outcome into one of the three shapes."""
    try:
        reply = await undisturbed(act())
    except Problem as problem:
        refusal = problem
        return answered(lambda: _raise(refusal))
    except Exception as fault:
        raise logged(name, fault) from fault
    return answered(lambda: reply)


def _raise(problem: Problem) -> Model:
    """Raise it, where only an expression can stand."""
    raise problem


async def announce(client: Client, announcements: Sequence[Announcement]) -> Done:
    """Raise events; one that nobody can hear any more (404, 410) is dropped: the waiter is gone or looks by itself."""
    room = asyncio.Semaphore(MOST_AT_ONCE)
    await asyncio.gather(*(_raise_event(client, each, room) for each in announcements))
    return Done()


async def _raise_event(client: Client, announcement: Announcement, room: asyncio.Semaphore) -> None:
    """Raise one, twice where it may have been lost on the way: whoever is woken looks at what there is."""
    try:
        async with room:
            await repeated(lambda: client.raise_event(announcement.instance, announcement.event, {}))
    except Exception:  # noqa: BLE001 - the SDK gives no typed error; the waiter's patience covers a lost event
        logging.getLogger("azferry").info("nobody hears %s at %s", announcement.event, announcement.instance)


ALIVE = frozenset({"Running", "Pending", "Suspended", "ContinuedAsNew"})
ABSENT = ""  # the hub itself said that there is no such instance
UNCERTAIN = "?"  # the hub gave no answer that tells


async def state(client: Client, instance_id: str) -> str:
    """Give the runtime status of an instance, `ABSENT` only where the hub answered 404, `UNCERTAIN` where it failed.

    The SDK gives the same empty status for 400, 404 and 500, so an empty one is asked for once more for its code.
    """
    try:
        status = await repeated(lambda: client.get_status(instance_id))
        if status and status.runtime_status is not None:
            return str(status.runtime_status.name)
        return ABSENT if await client_wire.code_of(client, instance_id) == HTTPStatus.NOT_FOUND else UNCERTAIN
    except Exception as fault:  # noqa: BLE001 - the SDK gives no typed error; no answer is no proof of anything
        logging.getLogger("azferry").info("the hub does not tell of %s: %s", instance_id, fault)
        return UNCERTAIN


async def start(client: Client, phase: Phase[Input, Reply], request: Input, instance_id: str) -> None:
    """Start a root orchestrator unless it lives already.

    Starts of one id at the same moment are all taken and one of them runs, so what is to run stands in the ledger and
    never in the input alone. One that the hub refuses because the instance lives is a success. Raises `Busy` when the
    hub takes none.
    """
    if await state(client, instance_id) not in ALIVE:
        await begin(client, phase, request, instance_id)


async def begin(client: Client, phase: Phase[Input, Reply], request: Input, instance_id: str) -> None:
    """Start a root orchestrator that did not live a moment ago; otherwise as `start`."""
    wire = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    try:
        await undisturbed(client.start_new(phase.name, instance_id, wire))
    except Exception as refused:
        if await state(client, instance_id) not in ALIVE:
            raise Busy(f"the task hub did not take the start of {instance_id}", SHORTLY) from refused
