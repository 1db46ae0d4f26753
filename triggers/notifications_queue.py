"""Queue of wake-ups: each names a migration in whose outbox something waits to be told.

A message is a hint and no more: what it leads to stands in the outbox, and the timer `reconcile` looks there, too. So
none of them is worth a poison queue.
"""

import logging
import re
from typing import Final

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.notifications import wake_ups
from shared.notifications.delivery import deliver
from shared.notifications.receivers import is_anybody_told
from shared.settings import settings

bp = Blueprint()

STORAGE: Final = "AzureWebJobsStorage"
LAST_TRY: Final = 5  # host.json, maxDequeueCount
MIGRATION: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")


@bp.queue_trigger(arg_name="msg", queue_name=settings().notifications_queue, connection=STORAGE)
def tell_people(msg: func.QueueMessage) -> None:
    """Deliver what waits in the outbox of a migration, and come again when the next of it is due."""
    migration = msg.get_body().decode("utf-8", "replace")
    if not is_anybody_told() or MIGRATION.fullmatch(migration) is None:
        return
    try:
        _deliver(migration)
    except Exception:
        if (msg.dequeue_count or 1) < LAST_TRY:
            raise
        logging.getLogger("azferry").exception("the outbox of %s could not be looked after; the timer will", migration)


def _deliver(migration: str) -> None:
    now = clock.now()
    done = deliver(migration, now)
    if done.again is not None:
        wake_ups.send(migration, done.again - now)
