"""Watching: a line for each change, the outcome at the end, the exit code of the outcome."""

import json

import pytest

from cli import polling
from shared.problems import Busy
from shared.states import MachineState, Outcome
from tests.cli.answering import at_the_end, in_the_middle

FAST = ("--every", "0.1")


def test_watching_tells_each_change_once_and_ends_with_the_outcome(ask, prepared, same_as):
    in_the_middle(prepared)

    def at_forty_six_percent():
        prepared.machines[1] = prepared.machines[1].replace(percent=46.0)

    def at_fifty_percent():
        prepared.machines[1] = prepared.machines[1].replace(percent=50.0)

    def cut_over():
        states = (MachineState.FINALIZED, MachineState.FINALIZED, MachineState.FAILED, MachineState.NOT_READY)
        prepared.machines = [
            row.replace(state=state, waiting_for="", percent=None)
            for row, state in zip(prepared.machines, states, strict=True)
        ]
        prepared.end(Outcome.PARTIALLY_SUCCEEDED)

    prepared.later = [lambda: None, at_forty_six_percent, at_fifty_percent, cut_over]

    answer = ask("watch", "finance.1", *FAST)

    same_as("watch", answer.stdout)
    assert answer.exit_code == 1


@pytest.mark.parametrize(("outcome", "code"), [(each, int(each != Outcome.SUCCEEDED)) for each in Outcome if each])
def test_only_succeeded_ends_with_0(ask, prepared, outcome, code):
    at_the_end(prepared, outcome)

    assert ask("watch", "finance.1").exit_code == code


def test_the_outcome_has_the_measured_downtime_and_where_the_report_is(ask, prepared, same_as):
    at_the_end(prepared)

    same_as("watch-succeeded", ask("watch", "finance.1").stdout)


def test_a_busy_app_is_outlasted(ask, prepared):
    at_the_end(prepared)
    in_between = prepared.migrations["finance.1"]
    prepared.add(machines=2)

    def busy():
        raise Busy("throttled")

    def end():
        prepared.migrations["finance.1"] = in_between

    prepared.later = [lambda: None, busy, end]

    answer = ask("watch", "finance.1", *FAST)

    assert answer.exit_code == 0
    assert "Busy, trying again later; asking again" in answer.stdout


def test_an_app_that_stays_away_ends_watching(ask, prepared, monkeypatch):
    prepared.add()
    monkeypatch.setattr(polling, "OUT_OF_REACH", 0.2)

    def gone():
        prepared.refusal = Busy("gone")

    prepared.later = [lambda: None, gone]

    assert ask("watch", "finance.1", *FAST).exit_code == 3


def test_ctrl_c_says_that_the_migration_goes_on(ask, prepared, monkeypatch):
    in_the_middle(prepared)

    def interrupted(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(polling.time, "sleep", interrupted)

    answer = ask("watch", "finance.1")

    assert answer.exit_code == 130
    assert "finance.1 goes on; watch it again: azferry watch finance.1" in answer.stdout


def test_watching_as_json_gives_one_document_at_the_end(ask, prepared):
    at_the_end(prepared)

    document = json.loads(ask("watch", "finance.1", "-o", "json").stdout)

    assert document["migration"]["outcome"] == "Succeeded"
    assert [row["downtimeSeconds"] for row in document["machines"]] == [754, 61]
