"""Waiting in scripts: exit codes say whether it is so, cannot be so any more, or took too long."""

import json

import pytest

from shared.problems import Busy
from shared.states import MachineState, Outcome
from tests.cli.answering import at_the_end, in_the_middle

FAST = ("--every", "0.1")


def test_it_waits_until_the_migration_has_ended_whatever_came_of_it(ask, prepared):
    in_the_middle(prepared)
    prepared.later = [lambda: None, lambda: prepared.end(Outcome.FAILED)]

    answer = ask("wait", "finance.1", *FAST)

    assert (0, "finance.1: it has ended\n") == (answer.exit_code, answer.stdout)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("--for gate", 0),
        ("--for gate --wave shop --machine shop-db1", 0),
        ("--for gate --wave reporting", 5),
        ("--for gate --machine rep1", 5),
        ("--for state=ReadyForCutover --machine shop-db1", 0),
        ("--for state=Failed --machine rep-sql1,rep1", 5),
        ("--for state=Failed --wave nowhere", 5),
    ],
)
def test_what_is_so_lets_go_at_once_and_what_is_not_gives_up_in_time(ask, prepared, line, code):
    in_the_middle(prepared)

    answer = ask("wait", "finance.1", *line.split(), "--timeout", "0.1", *FAST)

    assert code == answer.exit_code, answer.output


def test_every_machine_that_is_meant_has_to_be_there(ask, prepared):
    in_the_middle(prepared)

    def one_more():
        arrived = MachineState.READY_FOR_CUTOVER
        prepared.machines[1] = prepared.machines[1].replace(state=arrived)

    prepared.later = [lambda: None, one_more]

    assert 0 == ask("wait", "finance.1", "--for", "state=ReadyForCutover", "--wave", "shop", *FAST).exit_code
    assert prepared.later == []


@pytest.mark.parametrize(("wave", "code"), [("shop", 0), ("other", 1)])
def test_machines_that_serve_are_told_by_where_they_serve(ask, prepared, wave, code):
    at_the_end(prepared)

    assert code == ask("wait", "finance.1", "--for", "serving", "--wave", wave, *FAST).exit_code


def test_what_can_not_be_so_any_more_ends_with_1_and_says_so(ask, prepared):
    at_the_end(prepared)

    answer = ask("wait", "finance.1", "--for", "gate", *FAST)

    assert 1 == answer.exit_code
    assert "finance.1 ended (Succeeded) before a gate waits for a decision" in answer.stdout


def test_a_restart_of_the_app_is_outlasted_but_not_longer_than_the_time(ask, prepared):
    in_the_middle(prepared)

    def gone():
        prepared.refusal = Busy("restarting")

    prepared.later = [lambda: None, gone]

    answer = ask("wait", "finance.1", "--timeout", "0.3", *FAST)

    assert (5, True) == (answer.exit_code, "restarting" in answer.stderr)


def test_how_the_migration_stands_is_told_as_data(ask, prepared):
    at_the_end(prepared)

    assert "Succeeded" == json.loads(ask("wait", "finance.1", "-o", "json").stdout)["outcome"]


@pytest.mark.parametrize("condition", ["state=Done", "state", "tea", ""])
def test_a_condition_that_is_none_is_refused(ask, prepared, condition):
    assert (2, []) == (ask("wait", "finance.1", "--for", condition).exit_code, prepared.requests)
