"""Messages over HTTP: who was told of what; what was given up stands in the inbox and is sent again by a person."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from shared import clock
from shared.models import Scope
from shared.notifications import wake_ups
from shared.notifications.delivery import deliver
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from tests.triggers.conftest import principal, with_settings

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)
SHOP = Scope(migration="finance.1", wave="shop", machine="shop-web1", now=AT)
WRONG, RIGHT = 422, 204


@pytest.fixture
def receiver():
    """A receiver that finds fault with all it gets, until it is put right."""
    answers = [WRONG]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(answers[-1])
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", answers
    server.shutdown()
    server.server_close()


@pytest.fixture
def lost(ask, plan, local, receiver):
    """A message that was given up."""
    local.setattr(clock, "now", lambda: LATER)
    local.setattr(wake_ups, "send", lambda *_: None)
    with_settings(
        local,
        AZFERRY_CHANNELS="ops:webhook",
        AZFERRY_TELL="ops",
        AZFERRY_PRIVATE_RECEIVERS="true",
        AZFERRY_CHANNEL_OPS_URL=receiver[0],
        AZFERRY_CHANNEL_OPS_KEY="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert ask("POST", "/api/migrations?by=ada", plan).status == 202
    tell(SHOP, Topic.FAILED, "round 1", text="no quota is left")
    assert deliver("finance.1", LATER).dead == 1
    return receiver[1]


def test_what_was_given_up_stands_in_the_inbox_with_its_command(ask, lost):
    (found,) = ask("GET", "/api/inbox").body["undelivered"]

    assert (found["receiver"], found["failure"]) == ("ops", "it answered with 422")
    assert found["heading"] == "Failed: shop-web1, finance.1, wave shop"
    assert found["command"] == "azferry resend finance.1 --receiver ops"


def test_a_person_has_it_sent_again_and_the_ledger_says_who(ask, lost):
    lost.append(RIGHT)
    answer = ask("POST", "/api/migrations/finance.1/resend", {"by": "ada", "receiver": "ops", "comment": "put right"})

    assert (answer.status, answer.body["decision"]["text"]) == (202, "ada: resend of ops: put right")
    assert "undelivered" not in ask("GET", "/api/inbox").body
    assert deliver("finance.1", LATER).delivered == 1
    (message,) = ask("GET", "/api/migrations/finance.1/notifications").body["value"]
    assert (message["state"], message["tries"]) == ("delivered", 1)
    whats = [each["what"] for each in ask("GET", "/api/migrations/finance.1/events").body["value"]]
    assert "messages-resent" in whats


def test_what_is_let_be_leaves_the_inbox_and_stays_in_the_list(ask, lost):
    assert ask("POST", "/api/migrations/finance.1/resend", {"by": "ada", "dismiss": True}).status == 202

    assert "undelivered" not in ask("GET", "/api/inbox").body
    assert deliver("finance.1", LATER).delivered == 0
    (message,) = ask("GET", "/api/migrations/finance.1/notifications").body["value"]
    assert message["state"] == "undelivered"


def test_where_nothing_was_given_up_there_is_nothing_to_send_again(ask, lost):
    for body, words in (
        ({"receiver": "night"}, "to night was given up"),
        ({"dismiss": True}, None),
        ({}, "was given up"),
    ):
        answer = ask("POST", "/api/migrations/finance.1/resend", {"by": "ada", **body})
        assert answer.status == (409 if words else 202)
        assert words is None or words in answer.body["detail"]


def test_messages_come_in_pages(ask, lost):
    tell(SHOP.replace(machine="shop-db1"), Topic.STALLED, "1", text="no progress")
    deliver("finance.1", LATER)
    first = ask("GET", "/api/migrations/finance.1/notifications?top=1").body

    assert [each["topic"] for each in ask("GET", first["nextLink"]).body["value"]] == ["stalled"]
    assert ask("GET", "/api/migrations/nobody.1/notifications").status == 404


def test_who_only_reads_sends_nothing_again(ask, local, lost):
    with_settings(local, AZFERRY_SIGN_IN="true", AZFERRY_LOCAL="false")

    assert ask("GET", "/api/migrations/finance.1/notifications", headers=principal("eve", "reader")).status == 200
    assert ask("POST", "/api/migrations/finance.1/resend", {}, principal("eve", "reader")).status == 403


def test_a_plan_that_names_a_channel_which_is_not_there_is_refused_before_anything_is_made(ask, plan):
    plan["notifications"] = [{"channel": "opps"}]
    for path in ("/api/plans/validate", "/api/migrations"):
        answer = ask("POST", path, plan)
        assert answer.status == 422
        assert [each["pointer"] for each in answer.body["errors"]] == ["/notifications/0/channel"]
    assert ask("GET", "/api/migrations").body["value"] == []
