"""Queue of wake-ups: each names a migration in whose outbox something waits. One that is lost costs time: `reconcile` looks, too."""

import logging
import math
import time
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

from shared.settings import settings
from shared.storage.patience import FOR_PEOPLE
from shared.storage.queues import queue_client

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

GATHERING: Final = timedelta(seconds=20)  # what happens at nearly the same time is told together
AT_PLAY: Final = timedelta(seconds=2)  # on the local stack: its clock stands still as long as a wake-up is hidden
LONGEST: Final = timedelta(days=6)  # the service hides a message for at most seven days
SENDING: Final = FOR_PEOPLE  # whoever tells has other work: one try, and `reconcile` finds what waits
FOR_ALL: Final = 0.5  # of that time: a wake-up that was just sent comes after what is written meanwhile

_sent: dict[tuple[str, str], float] = {}
_lock = Lock()


def soon(migration: str) -> None:
    """Have the outbox of a migration looked at in a moment, with what else comes until then."""
    place, now = (settings().table_prefix, migration), time.monotonic()
    gathering = AT_PLAY if settings().clock_url else GATHERING
    with _lock:
        if now - _sent.get(place, -math.inf) < gathering.total_seconds() * FOR_ALL:
            return
        _sent[place] = now
    send(migration, gathering)


def send(migration: str, after: timedelta) -> None:
    """Send a wake-up that comes after a time. Storage that does not answer is no reason to fail: nothing is lost by it."""
    hidden = int(min(max(after, timedelta()), LONGEST).total_seconds())
    try:
        _send(queue_client(settings(), settings().notifications_queue, SENDING), migration, hidden)
    except AzureError as error:
        logging.getLogger("azferry").warning("no wake-up for the outbox of %s: %s", migration, error)


def _send(queue: "QueueClient", migration: str, hidden: int) -> None:
    try:
        queue.send_message(migration, visibility_timeout=hidden)
    except ResourceNotFoundError:  # on a laptop; in Azure the template makes it
        try:
            queue.create_queue()
        except ResourceExistsError:
            logging.getLogger("azferry").debug("somebody else made the queue")
        queue.send_message(migration, visibility_timeout=hidden)
