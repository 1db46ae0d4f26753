"""How each kind of receiver is told: what is sent, and what its answer means."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from shared.notifications.exchange import ForbiddenReceiverError, UnreachableReceiverError, exchange
from shared.notifications.exchange import Outgoing as Request
from shared.notifications.judgement import Reception, judge
from shared.notifications.outbox_row import Dispatch
from shared.notifications.receivers import Receiver
from shared.notifications.senders import email, event_grid, teams, webhook
from shared.settings import settings

MAIL: Final = "email"
NOT_KNOWN: Final = 404
SENT_BY: Final[Mapping[str, Callable[[Receiver, Dispatch], Request]]] = {
    "webhook": webhook.outgoing,
    "teams": teams.outgoing,
    "event-grid": event_grid.outgoing,
    MAIL: email.outgoing,
}


def send(receiver: Receiver, dispatch: Dispatch, now: datetime) -> Reception:
    """Tell a receiver, and give what became of it; whatever is wrong is said in words that hold no secret."""
    if receiver.fault:
        return Reception(dead=True, why=receiver.fault)
    try:
        return _mail(receiver, dispatch, now) if receiver.carrier == MAIL else _once(receiver, dispatch, now)
    except ForbiddenReceiverError as refused:
        return Reception(dead=True, why=str(refused))
    except UnreachableReceiverError as lost:
        return Reception(why=str(lost))


def _once(receiver: Receiver, dispatch: Dispatch, now: datetime) -> Reception:
    return judge(exchange(SENT_BY[receiver.carrier](receiver, dispatch), private=_private(receiver)), now)


def _mail(receiver: Receiver, dispatch: Dispatch, now: datetime) -> Reception:
    """Ask first what became of a mail that was sent before; a mail that was taken is asked after in a moment."""
    if dispatch.tries > 1 or dispatch.handed_over:
        answer = exchange(email.question(receiver, dispatch), private=_private(receiver))
        if answer.status != NOT_KNOWN:
            seen = judge(answer, now)
            return email.became(answer) if seen.delivered else seen
        if dispatch.handed_over:
            return Reception(dead=True, why="the service took the mail and does not know it any more")
    sent = _once(receiver, dispatch, now)
    return Reception(accepted=True, why="the mail is being sent", after=email.SHORTLY) if sent.delivered else sent


def _private(receiver: Receiver) -> bool:
    """Whether it may have a private address: a channel of the settings where they say so, never what a plan names."""
    return settings().private_receivers and receiver.name != receiver.url
