"""Several people on one stack: one starts, another approves; every way round four eyes is refused, and the report says who."""

import csv
import io
import json

import pytest

from cli.caller import Caller
from cli.client import Api
from cli.failing import Failing
from shared.decisions.people import played
from tests.e2e.stack_harness import nobody, plan, states, wave

pytestmark = pytest.mark.timeout(600)

GATES = {"test": "skip", "cutover": "manual", "fourEyes": True}


def plays(field, name, *roles):
    person = played(name, [f"azferry.{role}" for role in roles])
    return Api(field.stack.host.url, Caller(key=field.stack.key, plays=person))


def refused(api, migration, verb, body):
    with pytest.raises(Failing) as raised:
        api.command(migration, verb, body)
    return raised.value.document


def test_one_starts_another_approves_and_the_report_says_who_let_each_machine_go(field):
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
    for api in (ada, bob, again, reader):
        api.close()
