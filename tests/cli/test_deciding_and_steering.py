"""What commands send, and what they say when it is done."""

import pytest

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
            "confirm ID --gate install-agent --machine a",
            "approvals",
            {"gate": "install-agent", "decision": "confirm", "machines": ["a"]},
        ),
        (
            "confirm ID --gate manual-action --wave shop",
            "approvals",
            {"gate": "manual-action", "wave": "shop", "decision": "confirm"},
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
        ("cancel ID", "cancel", {}),
        ("rollback ID --machines a", "rollback", {"machines": ["a"]}),
    ],
)
def test_a_command_becomes_one_request(ask, prepared, line, verb, body):
    prepared.add()

    answer = ask(*line.replace("ID", "finance.1").split())

    assert answer.exit_code == 0, answer.output
    assert [(request[0], request[1], body_of(request)) for request in prepared.asked] == [
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
        "approve finance.1",
        "watch",
        "list -o xml",
        "validate there-is-no-such-file.yaml",
    ],
)
def test_a_command_given_wrongly_ends_with_2_and_sends_nothing(ask, prepared, line):
    assert ask(*line.split()).exit_code == 2
    assert prepared.asked == []
