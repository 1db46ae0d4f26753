"""Webhooks: the CloudEvent itself, signed."""

import json
import time

from shared.notifications.exchange import Outgoing
from shared.notifications.message import cloud_event
from shared.notifications.outbox_row import Dispatch
from shared.notifications.receivers import Receiver
from shared.notifications.signature import headers

STRUCTURED = "application/cloudevents+json; charset=utf-8"


def outgoing(receiver: Receiver, dispatch: Dispatch) -> Outgoing:
    """Give what is sent; the time of its signature is the real one, as the receiver compares it with its own clock."""
    body = json.dumps(cloud_event(dispatch), ensure_ascii=False, separators=(",", ":")).encode()
    signed = headers(dispatch.message, int(time.time()), body, receiver.keys)
    return Outgoing(receiver.url, body, {"content-type": STRUCTURED, **signed})
