"""The command `forecast`: what is played is told in words, as data and as a file; without the local stack it says where to get it."""

import json

import pytest

from cli import forecasting
from local.forecast import command
from local.forecast.model import Duty, Trouble
from local.stack.part import StackError
from tests.cli.test_starting import PLAN
from tests.local.forecast.played import at, outlook, report


@pytest.fixture
def played(monkeypatch):
    """Stands for the play, which takes minutes; gives what was asked for."""
    requests = []

    def forecast(wanted, _say):
        requests.append(wanted)
        duty = Duty(gate="cutover", wave="first", machines=("db1", "web1"), opens=at(135), decided=at(180))
        return outlook(duties=[duty], troubles=[Trouble(what="the appliance is lost", hits=2)])

    monkeypatch.setattr(command, "forecast", forecast)
    return requests


def test_what_will_be_when_is_told_in_words(run, played):
    answer = run("forecast", PLAN)

    assert (0, PLAN) == (answer.exit_code, played[0].plan)
    for line in (
        "small: 3 machines, 11-30 08:00Z to 11-30 12:44Z, 4 h 44 min",
        "  opening 11-30 12:00Z to 11-30 14:00Z: db1, web1",
        "downtime of a machine: 15 min (median), 19 min 30 s (nine of ten take no longer)",
        "held back by window: 2 machines, the longest 1 h",
        "11-30 10:15Z gate cutover first: db1, web1; decided 11-30 11:00Z",
        "trouble: the appliance is lost",
        "every machine arrives within the plan's windows",
    ):
        assert f"{line}\n" in answer.stdout


@pytest.mark.usefixtures("played")
def test_it_is_given_as_data_and_as_one_page(run, tmp_path):
    page = tmp_path / "forecast.html"

    data = json.loads(run("forecast", PLAN, "-o", "json", "--report", page).stdout)

    assert ("small", 900) == (data["plan"], data["downtimeMedianSeconds"])
    assert page.read_text().startswith("<!doctype html>")


def test_durations_come_from_a_report_and_from_the_app(run, ask, played, prepared, tmp_path):
    kept = tmp_path / "earlier.json"
    kept.write_text(json.dumps(report()))

    run("forecast", PLAN, "--from", kept, "--with-trouble", "7")
    prepared.add()
    ask("forecast", PLAN, "--from", "finance.1")

    assert (7, [json.dumps(report()).encode()]) == (played[0].trouble, list(played[0].reports))
    assert (b"a report as json",) == played[1].reports


def test_a_plan_that_does_not_bear_it_ends_with_1(run, monkeypatch):
    def failed(seen):
        seen["machines"][0]["state"] = "Failed"

    monkeypatch.setattr(command, "forecast", lambda _wanted, _say: outlook(failed))

    answer = run("forecast", PLAN)

    assert answer.exit_code == 1
    assert "wave first: 1 of 2 machines do not arrive (db1)" in answer.stdout


@pytest.mark.parametrize("place", ["nowhere.forecast", "local.stack.nowhere"])
def test_without_the_local_stack_it_says_where_to_get_it(run, monkeypatch, place):
    monkeypatch.setattr(forecasting, "FORECAST", place)

    answer = run("forecast", PLAN)

    assert answer.exit_code == 1
    assert "run `make setup`" in answer.stderr


def test_a_plan_that_cannot_be_played_is_told_in_plain_words(run, monkeypatch):
    def refuses(_wanted, _say):
        raise StackError("the waves of this plan name different subscriptions")

    monkeypatch.setattr(command, "forecast", refuses)

    answer = run("forecast", PLAN)

    assert answer.exit_code == 1
    assert "name different subscriptions" in answer.stderr


def test_a_report_that_is_none_is_refused_before_anything_is_played(run, tmp_path):
    none = tmp_path / "none.json"
    none.write_text("[]")

    answer = run("forecast", PLAN, "--from", none)

    assert answer.exit_code == 1
    assert "this is none" in answer.stderr
