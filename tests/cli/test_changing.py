"""The command that changes a running plan shows what differs, and asks."""

import json

import pytest

from shared.plan.schema import EXAMPLE


@pytest.fixture
def plan(tmp_path):
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(EXAMPLE))
    return str(file)


def test_it_shows_what_differs_asks_and_sends_the_version_that_was_shown(ask, prepared, plan):
    prepared.add()
    answer = ask("change", "finance.1", plan, "--comment", "freeze", input="y\n")

    assert "1 difference to version 1 of the plan:" in answer.stdout
    assert 'waves/shop/cutover/windows: its default becomes [{"start": "+PT2H"' in answer.stdout
    assert "the plan of finance.1 is in version 2" in answer.stdout
    looked, sent = prepared.requests
    assert (looked[0], looked[4].get("dryRun")) == ("PATCH", "true")
    assert (sent[2]["if-match"], sent[4].get("comment"), sent[4].get("dryRun")) == ('"plan-1"', "freeze", None)
    assert json.loads(sent[3]) == EXAMPLE


@pytest.mark.parametrize(("more", "typed", "exit_code"), [(["--dry-run"], "", 0), ([], "n\n", 1), ([], "", 1)])
def test_who_does_not_say_yes_changes_nothing(ask, prepared, plan, more, typed, exit_code):
    prepared.add()

    assert ask("change", "finance.1", plan, *more, input=typed).exit_code == exit_code
    assert [request[4].get("dryRun") for request in prepared.requests] == ["true"]


def test_a_script_says_yes_and_gets_data(ask, prepared, plan):
    prepared.add()
    answer = ask("change", "finance.1", plan, "--yes", "-o", "json")

    assert json.loads(answer.stdout)["version"] == 2
