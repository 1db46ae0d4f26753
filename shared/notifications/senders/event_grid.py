"""Event Grid: the CloudEvent for a custom topic that takes CloudEvents, with a token of the app's identity.

It is one POST, so the protocol is spoken here: the SDK would add a package, and its retries beside the outbox's own.
"""

import json
from typing import Final
from urllib.parse import urlsplit

from shared.notifications.exchange import Outgoing
from shared.notifications.message import cloud_event
from shared.notifications.outbox_row import Dispatch
from shared.notifications.receivers import Receiver
from shared.notifications.senders.token import bearer

SCOPE: Final = "https://eventgrid.azure.net/.default"
HOSTS: Final = ".eventgrid.azure.net"
PATH: Final = "/api/events"
VERSION: Final = "2018-01-01"
BATCH: Final = "application/cloudevents-batch+json; charset=utf-8"


def outgoing(receiver: Receiver, dispatch: Dispatch) -> Outgoing:
    """Give what is sent: a batch of one."""
    body = json.dumps([cloud_event(dispatch)], ensure_ascii=False).encode()
    address = receiver.url.partition("?")[0].rstrip("/")
    url = f"{address if urlsplit(address).path else address + PATH}?api-version={VERSION}"
    return Outgoing(url, body, {"content-type": BATCH, **bearer(receiver.url, HOSTS, SCOPE)})
