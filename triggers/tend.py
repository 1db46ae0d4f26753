"""Timer `tend`, every five minutes: what the frame lost is put right."""

import asyncio
import logging

import azure.functions as func

from shared import clock, poison
from shared.durable import Blueprint
from shared.tending import tend

bp = Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 */5 * * * *")
@bp.durable_client_input(client_name="client")
async def tend_everything(timer: func.TimerRequest, client) -> None:  # type: ignore # noqa: ANN001, ARG001, PGH003 - bare: the worker's rule
    """Put right what was lost, and say how many messages wait in the poison queue."""
    tended = await tend(client, await asyncio.to_thread(clock.now))
    log = logging.getLogger("azferry")
    if tended.model_fields_set and any((tended.begun, tended.closed, tended.watchers, tended.freed)):
        log.warning("tended: %s", tended.model_dump_json(exclude_defaults=True))
    waiting = await asyncio.to_thread(poison.count)
    if waiting:
        log.warning("%d messages wait in %s", waiting, poison.queue_name())
