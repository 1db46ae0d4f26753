"""Pages of machines: all of them by name, or only those whose rows changed since an earlier look.

Who looks again and again gives back the `since` of the first page. Rows bear the service's stamps, so clocks play no part;
what was written in the seconds before comes again, because a row may show a little later than its stamp says.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from shared import ids
from shared.coordination.pauses import pauses
from shared.ledger import machines, migrations
from shared.models import NEVER, Model
from shared.reporting.ledger_views import link_to_next, view_of
from shared.reporting.views import MachinePage

OVERLAP: Final = timedelta(seconds=5)
EPOCH: Final = datetime.fromtimestamp(0, UTC)


class Paging(Model):
    """Which page of machines is asked for."""

    token: str = ""
    top: int = 100
    since: str = ""


def page_of_machines(migration: str, paging: Paging, now: datetime) -> MachinePage:
    """Give a page of machines by name. Raises `NotFound`."""
    paused = pauses(migration)
    wanted = ids.short_hash(repr(sorted(paused.intents.items())), 8) if paused.intents else ""
    seen = _seen(paging.since, wanted)
    since = max(NEVER, seen - OVERLAP)
    rows, following = machines.page(migration, paging.token, paging.top, since)
    if not rows:
        migrations.existing(migration)
    newest = max([seen, *(each.written for each in rows)])
    more = {"since": paging.since} if paging.since else {}
    return MachinePage(
        value=tuple(view_of(each.row, paused, now) for each in rows),
        next_link=link_to_next(f"migrations/{migration}/machines", following, paging.top, **more),
        since=f"{(newest - EPOCH) // timedelta(microseconds=1)}.{wanted}" if newest > NEVER else "",
    )


def _seen(since: str, wanted: str) -> datetime:
    """Read up to when a caller has seen all; nothing where operators want something else since: a row does not show that."""
    stamp, _, known = since.partition(".")
    if known != wanted or not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 18):
        return NEVER
    return EPOCH + timedelta(microseconds=int(stamp))
