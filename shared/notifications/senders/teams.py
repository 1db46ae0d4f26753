"""Teams: an Adaptive Card for the webhook of a workflow (`When a Teams webhook request is received`)."""

import json
import re
from typing import Any, Final

from shared.notifications.exchange import Outgoing
from shared.notifications.message import Message, lines, message_of
from shared.notifications.outbox_row import Dispatch
from shared.notifications.receivers import Receiver

COLOURS: Final = {"critical": "attention", "warning": "warning", "action": "accent", "information": "good"}
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~])")


def outgoing(receiver: Receiver, dispatch: Dispatch) -> Outgoing:
    """Give what is sent."""
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": _card(dispatch)}
    body = json.dumps({"type": "message", "attachments": [content]}, ensure_ascii=False).encode()
    return Outgoing(receiver.url, body, {"content-type": "application/json"})


def _card(dispatch: Dispatch) -> dict[str, Any]:
    message = message_of(dispatch)
    head = {"size": "medium", "weight": "bolder", "color": COLOURS[message.urgency]}
    facts = [{"title": name, "value": plain(text)} for name, text in lines(message) if name != "Command"]
    body = [
        _text(message.heading, **head),
        *([_text(message.text)] if message.text else ()),
        {"type": "FactSet", "facts": facts},
    ]
    if message.command:
        body.append(_text(message.command, fontType="monospace"))
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "actions": _actions(message),
        "msteams": {"width": "Full"},
    }


def _text(text: str, **more: str) -> dict[str, Any]:
    return {"type": "TextBlock", "text": plain(text), "wrap": True, **more}


def _actions(message: Message) -> list[dict[str, str]]:
    return [{"type": "Action.OpenUrl", "title": "Open azferry", "url": message.link}] if message.link else []


def plain(text: str) -> str:
    """Give a text that a card shows as it stands: a card reads Markdown, and texts come from machines and clouds, too."""
    return _MARKUP.sub(r"\\\1", text)
