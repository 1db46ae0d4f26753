"""What goes over the wire to each kind of receiver, as it documents it; stand-ins on loopback speak its protocol."""

import json
import re
import socket
from datetime import timedelta
from pathlib import Path

import pytest

from shared.azure import clients
from shared.notifications.delivery import deliver
from shared.notifications.outbox import tell
from shared.notifications.outbox_row import DEAD, TABLE, WAITS
from shared.notifications.senders.teams import plain
from shared.notifications.topics import Topic
from shared.settings import settings
from tests.shared.notifications.conftest import AT, KEY, SHOP, started

DOCUMENT = (Path(__file__).parents[3] / "docs" / "notifications.md").read_text()
LATER = AT + timedelta(minutes=5)
GATE = {
    "machines": ("shop-db1", "shop-web1"),
    "gate": "cutover",
    "text": "an approval of the cutover of wave shop",
    "expires": AT + timedelta(hours=9),
    "then": "their cutover counts as rejected; replication goes on, and a retry asks again",
    "command": "azferry approve finance.1 --wave shop --gate cutover",
}


def delivered(**more):
    started()
    tell(SHOP.replace(machine=""), Topic.GATE_OPENED, "cutover 1-1", **(GATE | more))
    return deliver(SHOP.migration, LATER)


@pytest.fixture
def azure(configure, listener):
    """Azure's own services on loopback, with the local stack's token."""

    def given(carrier: str, path: str = "", **more: str):
        base = listener.url.removesuffix("/hook")
        configure(
            channels=f"own:{carrier}",
            tell="own",
            private_receivers="true",
            channel_own_url=base + path,
            arm_token="local",
            **more,
        )
        clients.forget()
        return listener

    yield given
    clients.forget()


def test_a_webhook_gets_the_example_of_the_documentation(ops):
    delivered()

    (heard,) = ops.heard
    example = json.loads(re.search(r"```json\n(\{\n  \"specversion\".*?)```", DOCUMENT, re.DOTALL)[1])
    assert heard.json == example
    assert heard.headers["content-type"] == "application/cloudevents+json; charset=utf-8"


def test_the_receiver_of_the_documentation_believes_it_and_nothing_else(ops):
    """Its code is run as it stands there."""
    delivered()
    (heard,) = ops.heard
    own: dict = {}
    exec(re.search(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)[1], own)

    assert own["is_from_azferry"](heard.headers, heard.body, KEY)
    assert not own["is_from_azferry"](heard.headers, heard.body + b" ", KEY)
    assert not own["is_from_azferry"](heard.headers, heard.body, "whsec_b3RoZXI=")
    old = heard.headers | {"webhook-timestamp": "1614265330"}
    assert not own["is_from_azferry"](old, heard.body, KEY)


def test_event_grid_gets_a_batch_of_cloud_events_with_a_token(azure):
    topic = azure("event-grid", "/api/events")
    delivered()

    (heard,) = topic.heard
    assert (heard.method, heard.path) == ("POST", "/api/events?api-version=2018-01-01")
    assert heard.headers["content-type"] == "application/cloudevents-batch+json; charset=utf-8"
    assert heard.headers["authorization"] == "Bearer local"
    (event,) = heard.json
    assert (event["specversion"], event["type"], event["data"]["gate"]) == ("1.0", "azferry.gate-opened.v1", "cutover")


MAIL = {"channel_own_from": "azferry@example.com", "channel_own_to": "ops@example.com, boss@example.com"}
RUNNING = (
    202,
    {"operation-location": "https://own.communication.azure.com/emails/operations/1"},
    b'{"status": "Running"}',
)


def test_a_mail_is_sent_once_and_asked_after_until_it_is_on_its_way(azure):
    service = azure("email", **MAIL)
    service.answers.extend([RUNNING, (200, {}, b'{"status": "Running"}'), (200, {}, b'{"status": "Succeeded"}')])
    first = delivered()
    for _ in range(2):
        first = deliver(SHOP.migration, first.again or LATER)

    assert [each.method for each in service.heard] == ["POST", "GET", "GET"]
    sent, operation, _ = service.heard
    assert sent.path == "/emails:send?api-version=2023-03-31"
    assert operation.path == f"/emails/operations/{sent.headers['operation-id']}?api-version=2023-03-31"
    mail = sent.json
    assert mail["senderAddress"] == "azferry@example.com"
    assert mail["recipients"]["to"] == [{"address": "ops@example.com"}, {"address": "boss@example.com"}]
    assert (
        mail["content"]["subject"] == "azferry: A decision is needed: 2 machines, gate cutover of finance.1, wave shop"
    )
    for part in ("azferry approve finance.1", "2026-11-21 11:00 UTC", "azferry.approver", "shop-db1, shop-web1"):
        assert part in mail["content"]["plainText"]
        assert part in mail["content"]["html"]
    (row,) = [each for each in TABLE.of(SHOP.migration) if each.dispatch]
    assert (row.waits, row.dead, row.dispatch.tries) == (False, False, 1)


def test_a_mail_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(azure):
    service = azure("email", **MAIL)
    service.answers.extend([(503, {}), (200, {}, b'{"status": "Succeeded"}')])
    again = delivered().again
    deliver(SHOP.migration, again)

    assert [each.method for each in service.heard] == ["POST", "GET"]
    assert list(TABLE.of(SHOP.migration, WAITS)) == []


def test_a_mail_that_nobody_knows_is_sent_again_under_the_same_id(azure):
    service = azure("email", **MAIL)
    service.answers.extend([(503, {}), (404, {}), RUNNING])
    deliver(SHOP.migration, delivered().again)

    first, _, second = service.heard
    assert first.headers["operation-id"] == second.headers["operation-id"]


def test_a_mail_that_the_service_cannot_send_is_a_dead_letter_with_its_reason(azure):
    service = azure("email", **MAIL)
    failed = (
        b'{"status": "Failed", "error": {"code": "EmailDroppedAllRecipientsSuppressed", "message": "all suppressed"}}'
    )
    service.answers.extend([RUNNING, (200, {}, failed)])
    deliver(SHOP.migration, delivered().again)

    (row,) = TABLE.of(SHOP.migration, DEAD)
    assert row.dispatch.failure == "the mail was not sent: EmailDroppedAllRecipientsSuppressed all suppressed"


def test_teams_gets_an_adaptive_card_with_facts_a_command_and_a_link(configure, ops):
    configure(channels="ops:teams")
    delivered()

    (heard,) = ops.heard
    assert heard.json["type"] == "message"
    (attachment,) = heard.json["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    head, text, facts, command = card["body"]
    assert head["text"].startswith("A decision is needed: 2 machines")
    assert text["text"] == "an approval of the cutover of wave shop"
    assert {"title": "May decide", "value": "azferry.approver"} in facts["facts"]
    assert command["text"].replace("\\", "") == GATE["command"]
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "Open azferry", "url": "https://azferry.example.com/#/m/finance.1"}
    ]


def test_what_a_machine_says_is_text_on_a_card_and_in_a_mail_and_nothing_more(azure):
    assert plain("[click](https://evil.example.com) **now**") == r"\[click\]\(https://evil.example.com\) \*\*now\*\*"
    service = azure("email", **MAIL)
    delivered(text="<img src=x onerror=alert(1)>")

    assert "<img" not in service.heard[0].json["content"]["html"]


@pytest.mark.parametrize(
    ("carrier", "url"),
    [
        ("event-grid", "https://eventgrid.azure.net.evil.example.com/api/events"),
        ("email", "https://evil.example.com"),
    ],
)
def test_the_apps_token_goes_to_azure_only(configure, monkeypatch, carrier, url):
    configure(channels=f"own:{carrier}", tell="own", channel_own_url=url, **MAIL)
    monkeypatch.setattr(clients, "credential", lambda: pytest.fail("a token was asked for"))

    assert delivered().dead == 1
    (row,) = TABLE.of(SHOP.migration, DEAD)
    assert "the app's token is sent to Azure only" in row.dispatch.failure


def test_no_secret_of_a_channel_is_kept_or_shown(configure, ops):
    secret = "s3cr3t-of-the-address"
    configure(channel_ops_url=f"http://127.0.0.1:9/hook?sig={secret}")
    delivered()

    kept = "".join(row.model_dump_json() for row in TABLE.of(SHOP.migration))
    assert secret not in kept
    assert KEY not in kept
    assert settings().channels == "ops:webhook"


def test_what_a_plan_names_never_leads_inside_whatever_channels_may(configure, monkeypatch):
    configure(webhook_hosts="hooks.example.com", webhook_key=KEY, private_receivers="true")
    inner = [(socket.AF_INET, 1, 6, "", ("10.0.0.4", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: inner)
    started(notifications=[{"url": "https://hooks.example.com/azferry"}])
    tell(SHOP, Topic.FAILED, "round 1")

    assert deliver(SHOP.migration, LATER).dead == 1
    (row,) = TABLE.of(SHOP.migration, DEAD)
    assert row.dispatch.failure == "hooks.example.com is 10.0.0.4, an address of the app's own surroundings"
