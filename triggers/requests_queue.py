"""Queue `migration-requests`: a message is a plan; one that is none goes to the poison queue with its reasons."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Final

import azure.functions as func

from shared import clock
from shared.decisions.people import Person
from shared.durable.seam import Blueprint, as_problem
from shared.intake.messages import Refusal, plan_of_message, refuse
from shared.intake.start import accept
from shared.problems import Busy, Problem
from shared.settings import settings
from shared.storage import poison

bp = Blueprint()

STORAGE: Final = "AzureWebJobsStorage"
QUEUE: Final = Person(name="queue", surface="queue")  # who put a message there is not known
LAST_TRY: Final = 5  # host.json, maxDequeueCount
LARGEST: Final = 64 * 1024  # bytes of a message


@bp.queue_trigger(arg_name="msg", queue_name=settings().queue, connection=STORAGE)
@bp.queue_output(arg_name="refused", queue_name=poison.queue_name(), connection=STORAGE)
@bp.durable_client_input(client_name="client")
async def take_message(msg: func.QueueMessage, refused: func.Out[str], client) -> None:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Start the migration of a message's plan; what is busy or broken is tried again, what is refused never."""
    body = msg.get_body()
    try:
        now = await asyncio.to_thread(clock.now)
        plan = await asyncio.to_thread(plan_of_message, body, now)
        await accept(client, plan, QUEUE, now)
    except Exception as raised:
        if not _is_final(raised, msg.dequeue_count or 1):
            raise
        at = msg.insertion_time or datetime.now(UTC)
        kept = await asyncio.to_thread(refuse, body, str(msg.id), at, as_problem(raised))
        refused.set(_as_message(kept))


def _is_final(raised: Exception, tried: int) -> bool:
    """Tell whether trying again is no use: it was refused, or this was the last try."""
    return tried >= LAST_TRY or (isinstance(raised, Problem) and not isinstance(raised, Busy))


def _as_message(kept: Refusal) -> str:
    """Give the message with its reasons; where both are too large for one message, as it came: the ledger has them."""
    body = json.dumps(kept.model_dump(mode="json", by_alias=True), ensure_ascii=False)
    return body if len(body.encode()) <= LARGEST else kept.message
