"""Validating and starting plans."""

import json
from pathlib import Path

import pytest

from shared.concerns.registry import Concern
from shared.plan.schema import EXAMPLE, plan_schema
from shared.problems import Fault, InvalidPlan
from tests.architecture import ROOT
from tests.cli.answering import at_the_end

PLAN = ROOT / "examples" / "aws-to-azure.yaml"


@pytest.fixture
def broken(tmp_path):
    wrong = PLAN.read_text().replace("name: finance", "name: Finance!").replace("dependsOn: [shop]", "dependsOn: [x]")
    path = tmp_path / "plan.yaml"
    path.write_text(wrong)
    return path


def test_a_valid_plan_is_told_so_by_the_app(ask, prepared, url):
    answer = ask("validate", PLAN)

    text = f"finance is valid: 3 waves, 8 lines of machines\nchecked by {url}\n"
    assert (0, text) == (answer.exit_code, answer.stdout)
    assert prepared.requests[0][2]["content-type"] == "application/yaml"


def test_concerns_of_the_app_are_told_with_their_advice(ask, prepared):
    prepared.concerns = [Concern(id="public-ip-lost", category="warning", evidence="it has one", advice="Tell users")]

    shown = ask("validate", PLAN).stdout

    assert "warning public-ip-lost, plan: it has one\n  what to do: Tell users\n" in shown


@pytest.mark.parametrize("line", [("--local",), ("--url", "http://127.0.0.1:1")])
def test_a_plan_is_checked_on_this_machine_where_no_app_answers(run, line):
    answer = run("validate", PLAN, *line)

    assert answer.exit_code == 0
    assert answer.stdout.endswith("checked on this machine only; no app was asked\n")


def test_an_invalid_plan_is_found_on_this_machine_with_every_error(ask, prepared, broken):
    answer = ask("validate", broken)

    assert (1, []) == (answer.exit_code, prepared.requests)
    assert "/name:" in answer.stderr
    assert "/waves/1/dependsOn" in answer.stderr


def test_a_plan_that_only_the_app_finds_invalid_ends_with_1(ask, prepared):
    prepared.refusal = InvalidPlan([Fault(pointer="/waves/0", message="known to the app only")])

    answer = ask("validate", PLAN)

    assert answer.exit_code == 1
    assert "/waves/0: known to the app only" in answer.stderr


def test_validate_as_json_is_one_document(ask):
    document = json.loads(ask("validate", PLAN, "-o", "json").stdout)

    assert (True, "finance", []) == (document["valid"], document["name"], document["concerns"])


def test_start_sends_the_file_as_it_is_with_its_key(ask, prepared):
    answer = ask("start", PLAN, "--idempotency-key", "monday")

    assert answer.stdout == "Started finance.1\n  $ azferry watch finance.1\n"
    _, _, headers, body, _ = prepared.requests[0]
    assert ("application/yaml", "monday", PLAN.read_bytes()) == (
        headers["content-type"],
        headers["idempotency-key"],
        body,
    )


def test_starting_the_same_plan_again_says_that_it_is_there(ask, prepared):
    prepared.add()

    assert ask("start", PLAN).stdout.startswith("finance.1 of the same plan is there already\n")


def test_a_plan_may_come_from_the_input(ask, prepared):
    ask("start", "-", input=PLAN.read_bytes())

    assert prepared.requests[0][3] == PLAN.read_bytes()


def test_start_and_watch_ends_with_the_outcome(ask, prepared):
    at_the_end(prepared)

    answer = ask("start", PLAN, "--watch")

    assert answer.exit_code == 0
    assert "Outcome: Succeeded" in answer.stdout


def test_the_schema_is_that_of_the_plan(run):
    assert json.loads(run("schema").stdout) == plan_schema()


def test_a_file_of_another_ending_is_read_by_what_stands_in_it(run, tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(Path(PLAN).read_text())

    assert run("validate", "--local", path).exit_code == 0


def test_machines_that_are_left_out_are_told(run, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN.read_text().replace("- {name: bo-dc1,", "- {name: bo-dc1, strategy: retire,"))

    output = run("validate", "--local", path).stdout

    assert output.startswith(
        "finance is valid: 3 waves, 7 lines of machines\nleft out of the work by their strategy: bo-dc1 (retire)\n"
    )


def test_the_plan_of_a_migration_is_printed_as_a_plan(ask, prepared, run, tmp_path):
    prepared.add()
    path = tmp_path / "again.yaml"
    path.write_text(ask("plan", "finance.1").stdout)

    assert run("validate", "--local", path).exit_code == 0
    assert json.loads(ask("plan", "finance.1", "-o", "json").stdout) == EXAMPLE
