"""E-mail by Azure Communication Services, with a token of the app's identity.

It takes a mail and sends it later: the id of its operation is made from the message's, so that who tries again asks first
what became of it, and no mail goes twice. Three requests, so the protocol is spoken here and not through the SDK, which
would wait for the operation.
"""

import html
import json
import uuid
from datetime import timedelta
from typing import Any, Final

from shared.notifications.exchange import Incoming, Outgoing
from shared.notifications.judgement import DELIVERED, Reception
from shared.notifications.message import Message, lines, message_of
from shared.notifications.outbox_row import Dispatch
from shared.notifications.receivers import Receiver
from shared.notifications.senders.token import bearer

SCOPE: Final = "https://communication.azure.com/.default"
HOSTS: Final = ".communication.azure.com"
VERSION: Final = "api-version=2023-03-31"
OPERATIONS: Final = uuid.UUID("3e1c4a86-5d0b-5f0e-9c55-8f3b0c6a7d21")
SHORTLY: Final = timedelta(minutes=1)


def outgoing(receiver: Receiver, dispatch: Dispatch) -> Outgoing:
    """Give what is sent."""
    message = message_of(dispatch)
    mail = {
        "senderAddress": receiver.sender,
        "recipients": {"to": [{"address": each} for each in receiver.to]},
        "content": {"subject": _subject(message), "plainText": _plain(message), "html": _html(message)},
        "userEngagementTrackingDisabled": True,
    }
    headers = {"content-type": "application/json", "operation-id": operation(dispatch), **_bearer(receiver)}
    return Outgoing(f"{_base(receiver)}/emails:send?{VERSION}", json.dumps(mail, ensure_ascii=False).encode(), headers)


def question(receiver: Receiver, dispatch: Dispatch) -> Outgoing:
    """Ask what became of a mail."""
    url = f"{_base(receiver)}/emails/operations/{operation(dispatch)}?{VERSION}"
    return Outgoing(url, headers=_bearer(receiver), method="GET")


def operation(dispatch: Dispatch) -> str:
    """Give the id of the operation of a mail: of this message to this receiver, in this life of it."""
    return str(uuid.uuid5(OPERATIONS, f"{dispatch.message} {dispatch.receiver} {dispatch.life}"))


def became(answer: Incoming) -> Reception:
    """Judge what is told of an operation; one that is not known was never begun."""
    document = _document(answer)
    status = str(document.get("status", "")).lower()
    if status == "succeeded":
        return DELIVERED
    if status in ("failed", "canceled"):
        error = document.get("error") or {}
        return Reception(
            dead=True, why=f"the mail was not sent: {error.get('code', status)} {error.get('message', '')}".strip()
        )
    return Reception(accepted=True, why="the mail is being sent", after=SHORTLY)


def _document(answer: Incoming) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _base(receiver: Receiver) -> str:
    return receiver.url.rstrip("/")


def _bearer(receiver: Receiver) -> dict[str, str]:
    return bearer(receiver.url, HOSTS, SCOPE)


def _subject(message: Message) -> str:
    return f"azferry: {message.heading}"[:250]


def _plain(message: Message) -> str:
    parts = [message.heading, message.text, *(f"{name}: {text}" for name, text in lines(message)), message.link]
    return "\n\n".join(each for each in parts if each)


def _html(message: Message) -> str:
    rows = "".join(f"<tr><th align=left>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in lines(message))
    link = f'<p><a href="{html.escape(message.link)}">Open azferry</a></p>' if message.link else ""
    return f"<h2>{html.escape(message.heading)}</h2><p>{html.escape(message.text)}</p><table>{rows}</table>{link}"
