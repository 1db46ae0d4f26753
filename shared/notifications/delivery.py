"""Delivery: each receiver gets the messages of a migration in their order, at least once; whoever is down delays nobody else.

A try is written down before it is made. A host that dies while it runs, or before its answer is written, leaves a try that
counts as lost after a while; the message is sent again under the same id.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Final

from shared.models import Model
from shared.notifications.composing import compose
from shared.notifications.judgement import Reception, pause
from shared.notifications.outbox_row import TABLE, WAITS, Dispatch, OutboxRow
from shared.notifications.receivers import receiver
from shared.notifications.senders.registry import send
from shared.observability import metrics
from shared.storage.rows import StoredRow, update

LOST_AFTER: Final = timedelta(minutes=2)  # longer than any try takes
MOST_SECONDS: Final = 120.0  # of one run for one receiver; the next run goes on
SIDE_BY_SIDE: Final = 8

Found = StoredRow[OutboxRow]


class Delivered(Model):
    """What a run came to."""

    delivered: int = 0
    dead: int = 0
    again: datetime | None = None  # when the next message is due


def deliver(migration: str, now: datetime) -> Delivered:
    """Send what waits in the outbox of a migration and is due."""
    compose(migration)
    waiting = [each for each in TABLE.found(migration, WAITS) if each.row.dispatch is not None]
    queues = [tuple(own) for _, own in groupby(sorted(waiting, key=_by_receiver), key=_receiver)]
    if not queues:
        return Delivered()
    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        runs = [pool.submit(copy_context().run, partial(_in_order, own, now)) for own in queues]
        return _together([run.result() for run in runs])


def _in_order(own: Sequence[Found], now: datetime) -> Delivered:
    """Send the messages of one receiver, the oldest first; whoever waits for a later try holds up those behind it."""
    delivered, dead, ends = 0, 0, time.monotonic() + MOST_SECONDS
    for each in own:
        due = each.row.dispatch.due if each.row.dispatch else now
        if due > now or time.monotonic() > ends:
            return Delivered(delivered=delivered, dead=dead, again=max(due, now))
        after = _try(each, now)
        if after is None:  # another process has it
            return Delivered(delivered=delivered, dead=dead, again=now + LOST_AFTER)
        delivered, dead = delivered + (after.delivered is not None), dead + (after.given_up is not None)
        if after.is_open:
            return Delivered(delivered=delivered, dead=dead, again=after.due)
    return Delivered(delivered=delivered, dead=dead)


def _try(found: Found, now: datetime) -> Dispatch | None:
    """Write a try down, make it, and write down what became of it; None where another process was quicker."""
    row, dispatch = found.row, found.row.dispatch
    if dispatch is None:
        return None
    tried = dispatch.replace(tries=dispatch.tries + (not dispatch.handed_over), due=now + LOST_AFTER)
    if not TABLE.commit((update(found, row.migration, row.replace(dispatch=tried)),)):
        return None
    own = receiver(dispatch.receiver)
    after = _after(tried, send(own, tried, now), now)
    _keep(found, after)
    metrics.was_told(own.carrier or "none", "again" if after.is_open else "delivered" if after.delivered else "dead")
    return after


def _keep(found: Found, after: Dispatch) -> None:
    """Write down what became of a try, unless a person has it sent again meanwhile."""

    def mutate(existing: OutboxRow | None) -> OutboxRow | None:
        if existing is None or existing.dispatch is None or existing.dispatch.life != after.life:
            return None
        return existing.replace(dispatch=after, waits=after.is_open, dead=after.given_up is not None)

    TABLE.change(found.row.migration, found.key, mutate)


def _after(tried: Dispatch, reception: Reception, now: datetime) -> Dispatch:
    """Give a dispatch after a try."""
    if reception.delivered:
        return tried.replace(delivered=now, failure="")
    if reception.accepted:
        return tried.replace(handed_over=True, due=now + (reception.after or LOST_AFTER), failure="")
    delay = pause(tried.tries)
    if reception.dead or delay is None:
        return tried.replace(
            given_up=now, failure=reception.why if reception.dead else f"{reception.why}, {tried.tries} times"
        )
    return tried.replace(due=now + (delay if reception.after is None else reception.after), failure=reception.why)


def _receiver(found: Found) -> str:
    return found.row.dispatch.receiver if found.row.dispatch else ""


def _by_receiver(found: Found) -> tuple[str, str]:
    return _receiver(found), found.key


def _together(runs: Sequence[Delivered]) -> Delivered:
    moments = [run.again for run in runs if run.again is not None]
    return Delivered(
        delivered=sum(run.delivered for run in runs),
        dead=sum(run.dead for run in runs),
        again=min(moments, default=None),
    )
