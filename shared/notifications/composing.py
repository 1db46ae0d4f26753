"""Notices become dispatches: those of one cause in one message, one dispatch for each receiver that wants it.

It is one transaction: whoever dies in between has told nothing twice, and lost nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from shared.ids import short_hash
from shared.ledger import plans
from shared.notifications.outbox_row import TABLE, WAITS, Dispatch, OutboxRow, dispatch_key
from shared.notifications.receivers import receivers_of
from shared.storage.rows import Operation, StoredRow, create, update

MOST_NOTICES: Final = 50  # of a message; a transaction has at most 100 rows, these and a dispatch for each receiver
MOST_RECEIVERS: Final = 50
DIGITS: Final = 32

Found = StoredRow[OutboxRow]


def compose(migration: str) -> None:
    """Make the dispatches of everything that nobody was told of yet; what another process makes meanwhile is left to it."""
    notices = [each for each in TABLE.found(migration, WAITS) if each.row.notice is not None]
    for group in _groups(notices):
        TABLE.commit(tuple(_operations(migration, group)))


def _groups(notices: Sequence[Found]) -> Iterator[Sequence[Found]]:
    """Put together what is of one cause, the oldest first."""
    groups: dict[tuple[str, ...], list[Found]] = {}
    for each in notices:
        if each.row.notice is not None:
            groups.setdefault(each.row.notice.group, []).append(each)
    for group in groups.values():
        for start in range(0, len(group), MOST_NOTICES):
            yield group[start : start + MOST_NOTICES]


def _operations(migration: str, group: Sequence[Found]) -> Iterator[Operation]:
    """Yield what makes a message of notices: they wait no longer, its dispatches do."""
    for each in group:
        yield update(each, migration, each.row.replace(waits=False))
    notices = tuple(each.row.notice for each in group if each.row.notice is not None)
    message = short_hash("\n".join(each.key for each in group), DIGITS)
    wanting = [each for each in receivers_of(plans.plan_of(migration)) if each.wants(notices[0].topic)]
    for receiver in wanting[:MOST_RECEIVERS]:
        dispatch = Dispatch(receiver=receiver.name, message=message, notices=notices)
        yield create(migration, dispatch_key(dispatch), OutboxRow(migration=migration, dispatch=dispatch))
