"""Timer `reconcile`, every five minutes: what the frame lost is put right."""

import asyncio
import logging

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.notifications.looking_after import look_after
from shared.reconciliation import heartbeats, partitions, standing_gauges
from shared.reconciliation.assessment_purge import purge_assessments
from shared.reconciliation.history_purge import purge
from shared.reconciliation.reconciliation import reconcile
from shared.storage import poison

bp = Blueprint()


@bp.timer_trigger(arg_name="timer", schedule="0 */5 * * * *")
@bp.durable_client_input(client_name="client")
async def tend_everything(timer: func.TimerRequest, client) -> None:  # type: ignore # noqa: ANN001, ARG001, PGH003 - bare: the worker's rule
    """Put right what was lost, and say how many messages wait in the poison queue."""
    now = await asyncio.to_thread(clock.now)
    await asyncio.to_thread(heartbeats.beat, heartbeats.RECONCILE, now, heartbeats.EVERY)
    await partitions.ask_all(client, now)
    tended = (await reconcile(client, now)).replace(purged=await purge(client, now))
    await asyncio.to_thread(purge_assessments, now)
    log = logging.getLogger("azferry")
    if any((tended.begun, tended.closed, tended.watchers, tended.freed, tended.stuck, tended.purged)):
        log.warning("tended: %s", tended.model_dump_json(exclude_defaults=True))
    waiting = await asyncio.to_thread(poison.count)
    for text in tended.late:
        log.warning("%s", text)
    if waiting:
        log.warning("%d messages wait in %s", waiting, poison.queue_name())
    down = await asyncio.to_thread(standing_gauges.measure, now, tended.running)
    await asyncio.to_thread(look_after, down, now)
