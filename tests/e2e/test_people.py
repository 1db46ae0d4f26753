"""Several people on one stack: one starts, another approves; every way round four eyes is refused,
the report says who, and a webhook was told what they had to decide.
"""

import csv
import io
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from cli.caller import Caller
from cli.client import Api
from cli.failing import Failing
from shared.decisions.people import played
from tests.e2e.stack_harness import nobody, plan, states, wave

pytestmark = pytest.mark.timeout(600)
ON_AZURITE = True

GATES = {"test": "skip", "cutover": "manual", "fourEyes": True}


@pytest.fixture(scope="module", autouse=True)
def heard():
    """What a webhook on loopback hears of the stack, which is told of it before it starts."""
    events = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            events.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with pytest.MonkeyPatch.context() as settings, HTTPServer(("127.0.0.1", 0), Handler) as server:
        for name, value in {
            "CHANNELS": "ops:webhook",
            "TELL": "ops",
            "PRIVATE_RECEIVERS": "true",
            "CHANNEL_OPS_URL": f"http://127.0.0.1:{server.server_port}/",
            "CHANNEL_OPS_KEY": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        }.items():
            settings.setenv(f"AZFERRY_{name}", value)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield events
        server.shutdown()


def told_of(heard, topic):
    """Wait until people were told of something: the host looks at the queue of wake-ups by itself."""
    until = time.monotonic() + 90
    while time.monotonic() < until:
        found = [each["data"] for each in heard if each["data"]["topic"] == topic]
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"nobody was told of {topic}: {heard}")


def plays(field, name, *roles):
    person = played(name, [f"azferry.{role}" for role in roles])
    return Api(field.stack.host.url, Caller(key=field.stack.key, plays=person))


def refused(api, migration, verb, body):
    with pytest.raises(Failing) as raised:
        api.command(migration, verb, body)
    return raised.value.document


def test_one_starts_another_approves_and_the_report_says_who_let_each_machine_go(field, heard):
    ada, bob = plays(field, "Ada", "operator", "approver"), plays(field, "bob", "approver")
    again, reader = plays(field, "ADA", "owner"), plays(field, "rita", "reader")
    wanted = plan("people", wave("one", "m1", "m2", gates=GATES))
    migration = str(
        ada.send("migrations", json.dumps(wanted).encode(), {"content-type": "application/json"}).json()["id"]
    )
    field.knows(migration, wanted)
    field.play(
        migration, nobody("cutover"), until=lambda picture: any(len(each.pending) == 2 for each in picture.gates)
    )

    at = {"gate": "cutover", "decision": "approve"}
    ways = [
        ("approvals", at),
        ("approvals", {**at, "wave": "one"}),
        ("approvals", {**at, "machines": ["m1"]}),
        ("approvals", {**at, "allReady": True}),
        ("cutover", {"wave": "one"}),
        ("skip", {"machine": "m1", "phase": "await_window", "comment": "now"}),
    ]
    for api in (ada, again):
        for verb, body in ways:
            document = refused(api, migration, verb, body)
            assert (document.status, document.type.rpartition("/")[2]) == (403, "not-permitted"), (
                verb,
                document.detail,
            )
            assert "this may: another azferry.approver than Ada" in document.detail
    assert refused(ada, migration, "approvals", {**at, "decision": "confirm", "comment": "x"}).status == 409
    assert refused(reader, migration, "approvals", at).status == 403
    assert not [each for each in field.door.events(migration) if each["what"] == "decided-cutover"]

    assert bob.command(migration, "approvals", {**at, "machines": ["m1"], "comment": "first the small one"})
    field.play(migration, nobody("cutover"), until=lambda picture: states(picture)["m1"] == "Finalized")
    bob.command(migration, "cutover", {"wave": "one", "comment": "and the other"})
    assert set(states(field.play(migration)).values()) == {"Finalized"}

    report = bob.fetch(f"migrations/{migration}/report", {"format": "csv"}).decode()
    lines = {line["name"]: line for line in csv.DictReader(io.StringIO(report))}
    assert [lines[name]["cutoverApprovedBy"] for name in ("m1", "m2")] == ["bob", "bob"]
    assert [lines[name]["cutoverComment"] for name in ("m1", "m2")] == ["first the small one", "and the other"]
    gates = [each for each in told_of(heard, "gate-opened") if each["gate"] == "cutover"]
    assert {name for each in gates for name in each["machines"]} == {"m1", "m2"}
    assert told_of(heard, "migration-ended")[0]["text"] == "the migration ended: Succeeded"
    for api in (ada, bob, again, reader):
        api.close()
