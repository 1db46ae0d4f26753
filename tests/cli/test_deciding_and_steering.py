"""What commands send, and what they say when it is done."""

import base64
import json

import pytest

from shared.decisions import people
from tests.cli.answering import body_of


@pytest.mark.parametrize(
    ("line", "verb", "body"),
    [
        (
            "approve ID --wave shop --gate cutover",
            "approvals",
            {"wave": "shop", "gate": "cutover", "decision": "approve"},
        ),
        (
            "approve ID --wave shop --gate cutover --machines a,b --machine c --comment go --reject",
            "approvals",
            {"wave": "shop", "gate": "cutover", "decision": "reject", "machines": ["a", "b", "c"], "comment": "go"},
        ),
        (
            "confirm ID --gate install-agent --machine a --comment installed",
            "approvals",
            {"gate": "install-agent", "decision": "confirm", "machines": ["a"], "comment": "installed"},
        ),
        (
            "confirm ID --gate manual-action --wave shop --comment done",
            "approvals",
            {"gate": "manual-action", "wave": "shop", "decision": "confirm", "comment": "done"},
        ),
        (
            "approve ID --wave shop --waves files,shop --gate test",
            "approvals",
            {"gate": "test", "waves": ["shop", "files"], "decision": "approve"},
        ),
        (
            "approve ID --gate cutover --all-ready",
            "approvals",
            {"gate": "cutover", "allReady": True, "decision": "approve"},
        ),
        ("cutover ID --wave shop", "cutover", {"wave": "shop"}),
        (
            "skip ID --machine a --phase verify --comment because",
            "skip",
            {"machine": "a", "phase": "verify", "comment": "because"},
        ),
        (
            "acknowledge ID --concern public-ip-lost --machine a --reason known",
            "acknowledge",
            {"concern": "public-ip-lost", "machine": "a", "reason": "known"},
        ),
        ("pause ID --comment lunch", "pause", {"comment": "lunch"}),
        ("resume ID --machine a", "resume", {"machines": ["a"]}),
        ("retry ID --machine a --machine b --machine a", "retry", {"machines": ["a", "b"]}),
        ("resend ID --receiver ops -c renewed", "resend", {"receiver": "ops", "comment": "renewed"}),
        ("resend ID --dismiss", "resend", {"dismiss": True}),
        ("cancel ID --yes", "cancel", {}),
        ("rollback ID --machines a --comment no -y", "rollback", {"machines": ["a"], "comment": "no"}),
    ],
)
def test_a_command_becomes_one_request(ask, prepared, line, verb, body):
    prepared.add()

    answer = ask(*line.replace("ID", "finance.1").split())

    assert answer.exit_code == 0, answer.output
    assert [(request[0], request[1], body_of(request)) for request in prepared.requests] == [
        ("POST", f"/api/migrations/finance.1/{verb}", body)
    ]


def test_a_command_says_what_was_done_and_how_the_migration_stands(ask, prepared):
    prepared.add()

    assert ask("pause", "finance.1").stdout == "Asked to pause all machines; finance.1 is Running\n"


@pytest.mark.parametrize(
    "line",
    [
        "skip finance.1 --machine a --phase verify",
        "skip finance.1 --machine a --phase verify --comment=",
        "acknowledge finance.1 --concern x",
        "acknowledge finance.1 --concern x --reason=",
        "cutover finance.1",
        "approve finance.1 --gate cutover --reject",
        "confirm finance.1 --gate install-agent --comment=",
        "rollback finance.1 --yes",
        "list --as ada:king",
        "approve finance.1",
        "watch",
        "list -o xml",
        "validate there-is-no-such-file.yaml",
    ],
)
def test_a_command_given_wrongly_ends_with_2_and_sends_nothing(ask, prepared, line):
    assert ask(*line.split()).exit_code == 2
    assert prepared.requests == []


@pytest.mark.parametrize(("typed", "sent"), [("n\n", 0), ("", 0), ("y\n", 1)])
@pytest.mark.parametrize(
    "line", ["cancel finance.1", "rollback finance.1 --comment because", "cancel finance.1 -o json"]
)
def test_a_pipe_that_does_not_say_yes_stops_nothing_and_gives_nothing_up(ask, prepared, typed, sent, line):
    prepared.add()

    answer = ask(*line.split(), input=typed)

    assert (answer.exit_code, len(prepared.requests)) == (1 - sent, sent)


def test_the_answer_of_the_app_says_what_was_decided_on(ask, prepared):
    sentence = "eve: approve at gate cutover of wave shop for a. What now happens: they cut over"
    prepared.add()
    prepared.decision = {"text": sentence, "gate": "cutover"}

    assert ask("approve", "finance.1", "--gate", "cutover").stdout == f"{sentence}; finance.1 is Running\n"


@pytest.mark.parametrize("played", ["ada:approver", "ADA:approver"])
def test_a_person_who_is_played_is_vouched_for_as_the_platform_does(ask, prepared, played):
    prepared.add()

    ask("approve", "finance.1", "--gate", "cutover", "--as", played)

    headers = prepared.requests[-1][2]
    claims = json.loads(base64.b64decode(headers["x-ms-client-principal"]))["claims"]
    assert {"typ": "roles", "val": "azferry.approver"} in claims
    assert {"typ": "oid", "val": people.played("ada").id} in claims
