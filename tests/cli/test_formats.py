"""Answers as JSON, YAML, tab-separated lines and tables; the part of them that a query asks for."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from tests.architecture import ROOT
from tests.cli.answering import event, in_the_middle


@pytest.fixture
def middle(ask, prepared):
    """Call the command line while a migration is at its most talkative."""
    in_the_middle(prepared)
    prepared.events = [event(0, "a", "first", "shop-db1"), event(1, "b", "second\tand\nthird")]
    return ask


@pytest.mark.parametrize("line", ["list", "show finance.1", "show finance.1 --machines", "events finance.1", "schema"])
def test_yaml_says_what_json_says(middle, line):
    document = json.loads(middle(*line.split(), "-o", "json").stdout)

    assert document == yaml.safe_load(middle(*line.split(), "-o", "yaml").stdout)


def test_a_query_takes_a_part_of_the_answer_as_json_shows_it(middle):
    query = "machines[?state=='Failed'].{name: name, code: problem.code}"

    part = middle("show", "finance.1", "--machines", "--query", query, "-o", "json").stdout

    assert [{"name": "rep-sql1", "code": "539"}] == json.loads(part)


def test_lines_for_a_script_have_a_tab_between_fields(middle):
    query = "machines[].[name, state, percent, problem, waitingFor]"

    lines = middle("show", "finance.1", "--machines", "--query", query, "-o", "tsv").stdout

    assert lines.splitlines()[1].split("\t") == ["shop-web1", "InitialSync", "41.7", "", ""]


def test_one_value_stands_alone_without_quotation_marks(middle):
    assert "Running\n" == middle("show", "finance.1", "--query", "status", "-o", "tsv").stdout


def test_a_listing_has_a_line_for_each_entry_with_the_same_columns(middle, prepared):
    prepared.add(id="finance.2")

    lines = [line.split("\t") for line in middle("list", "-o", "tsv").stdout.splitlines()]

    assert all(name in line for name, line in zip(["finance.1", "finance.2"], lines, strict=True))
    assert 1 == len({len(line) for line in lines})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gates[].pending", "shop-db1\n"),
        ("{a: gates, b: problem, c: counts, d: `true`}", "1\t\t\ttrue\n"),
        ("nothing", ""),
        ("waves[].{wave: wave}", "shop\nreporting\n"),
    ],
)
def test_what_has_parts_of_its_own_is_told_on_one_line(middle, query, expected):
    assert expected == middle("show", "finance.1", "--query", query, "-o", "tsv").stdout


def test_tabs_and_line_ends_within_a_field_do_not_make_more_of_it(middle):
    assert "second and third" in middle("events", "finance.1", "-o", "tsv").stdout.splitlines()[1]


def test_a_query_without_a_form_is_a_table(middle):
    table = middle("show", "finance.1", "--machines", "--query", "machines[:2].{name: name, state: state}").stdout

    assert [line.split() for line in table.splitlines()] == [
        ["name", "state"],
        ["shop-db1", "ReadyForCutover"],
        ["shop-web1", "InitialSync"],
    ]


@pytest.mark.parametrize(("form", "read"), [("json", json.loads), ("tsv", str)])
def test_followed_events_are_queried_one_by_one(middle, prepared, form, read):
    prepared.end()

    lines = middle("events", "finance.1", "--follow", "--query", "machine", "-o", form).stdout.splitlines()

    assert ["shop-db1"] == [read(line) for line in lines if read(line)]


@pytest.mark.parametrize("line", [("--query", "machines[?"), ("-o", "xml")])
def test_what_cannot_be_a_query_or_a_form_is_refused_before_anything_is_sent(middle, prepared, line):
    before = len(prepared.requests)

    assert (2, before) == (middle("pause", "finance.1", *line).exit_code, len(prepared.requests))


def test_a_form_of_the_environment_that_is_none_is_refused_too(middle, prepared, monkeypatch):
    monkeypatch.setenv("AZFERRY_OUTPUT", "xml")

    assert (2, []) == (middle("pause", "finance.1").exit_code, prepared.requests)


def test_a_query_that_does_not_fit_says_that_the_command_is_done(middle):
    answer = middle("pause", "finance.1", "--query", "abs(status)")

    assert 3 == answer.exit_code
    assert "What the command does is done" in answer.stderr


def completed(**variables):
    """What the command tells a shell that completes a line; `asked` is how a shell asks."""
    command = [sys.executable, "-c", "from cli.app import app; app(prog_name='azferry')"]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("azferry re", {"report", "resume", "retry"}),
        ("azferry show finance.1 --ma", {"--machines"}),
        ("azferry approve finance.1 --", {"--gate", "--all-ready", "--query"}),
        ("azferry list -o ", {"table", "json", "yaml", "tsv"}),
    ],
)
def test_a_shell_completes_commands_their_options_and_values(words, offered):
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}

    assert offered <= set(completed(**variables, _AZFERRY_COMPLETE="complete_bash").split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_names_the_command(shell):
    assert "azferry" in completed(_AZFERRY_COMPLETE=f"source_{shell}")


def test_completion_can_be_installed(run):
    assert "--install-completion" in run("--help").stdout
