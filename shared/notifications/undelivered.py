"""Dead letters: messages that were given up, shown until a person has them sent again or lets them be."""

from collections.abc import Iterable, Iterator

from shared.notifications import wake_ups
from shared.notifications.message import message_of
from shared.notifications.outbox_row import DEAD, TABLE, TOLD, Dispatch, OutboxRow
from shared.notifications.receivers import is_anybody_told
from shared.reporting import release_commands
from shared.reporting.notification_views import NotificationPage, NotificationState, NotificationView


def undelivered() -> tuple[NotificationView, ...]:
    """Give all messages that were given up, the oldest first; where nobody is told none is looked for."""
    if not is_anybody_told():
        return ()
    return tuple(sorted(_views(TABLE.everywhere(DEAD)), key=lambda each: each.since))


def page(migration: str, token: str, size: int) -> NotificationPage:
    """Give a page of what people were told of a migration, the oldest first, whatever became of it."""
    rows, following = TABLE.page(migration, token or TOLD, size) if is_anybody_told() else ((), "")
    return NotificationPage(value=tuple(_views(rows)), next_link=following or None)


def _views(rows: Iterable[OutboxRow]) -> Iterator[NotificationView]:
    for row in rows:
        if row.dispatch is not None:
            yield _view(row.dispatch)


def _view(dispatch: Dispatch) -> NotificationView:
    message = message_of(dispatch)
    return NotificationView(
        id=dispatch.message,
        receiver=dispatch.receiver,
        migration=message.migration,
        topic=message.topic,
        heading=message.heading,
        since=message.since,
        state=_state(dispatch),
        tries=dispatch.tries,
        failure=dispatch.failure,
        delivered=dispatch.delivered,
        command=release_commands.resend(message.migration, dispatch.receiver) if dispatch.given_up else "",
        due=dispatch.due if dispatch.is_open and dispatch.tries else None,
    )


def _state(dispatch: Dispatch) -> NotificationState:
    if dispatch.delivered is not None:
        return NotificationState.DELIVERED
    return NotificationState.WAITING if dispatch.is_open else NotificationState.UNDELIVERED


def revive(migration: str, receiver: str) -> tuple[str, ...]:
    """Have what was given up sent again (to one receiver, empty = to all), as if it were new. Gives to whom."""
    return _settle(migration, receiver, again=True)


def dismiss(migration: str, receiver: str) -> tuple[str, ...]:
    """Let what was given up be; it stays in the list of all messages. Gives whose it was."""
    return _settle(migration, receiver, again=False)


def _settle(migration: str, receiver: str, *, again: bool) -> tuple[str, ...]:
    found = [
        each
        for each in TABLE.found(migration, DEAD)
        if each.row.dispatch is not None and receiver in ("", each.row.dispatch.receiver)
    ]
    for each in found:
        TABLE.change(migration, each.key, _again if again else _let_be)
    if found and again:
        wake_ups.soon(migration)
    return tuple(dict.fromkeys(each.row.dispatch.receiver for each in found if each.row.dispatch is not None))


def _again(row: OutboxRow | None) -> OutboxRow | None:
    if row is None or row.dispatch is None or not row.dead:
        return row
    fresh = {"tries": 0, "given_up": None, "handed_over": False, "due": Dispatch.model_fields["due"].default}
    return row.replace(dead=False, waits=True, dispatch=row.dispatch.replace(life=row.dispatch.life + 1, **fresh))


def _let_be(row: OutboxRow | None) -> OutboxRow | None:
    return row.replace(dead=False) if row is not None else None
