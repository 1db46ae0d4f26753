"""What list, show, events and report print, at 80 columns and without a terminal."""

import json

import pytest

from cli import sections
from cli.answers import MigrationSeen
from shared.ledger.evidence import Evidence, LeftOver, LeftOverKind, LeftState
from shared.states import Outcome
from tests.cli.answering import FAILED, at_the_end, body_of, event, in_the_middle


def test_an_empty_ledger_says_how_to_begin(ask):
    answer = ask("list")

    assert 0 == answer.exit_code
    assert "No migration is under way" in answer.stdout
    assert "azferry start PLAN" in answer.stdout


def test_what_ended_leaves_the_list_and_stands_in_the_archive(ask, prepared):
    prepared.add(id="finance.1")
    prepared.end(Outcome.SUCCEEDED)

    assert "finance.1" not in ask("list").stdout
    assert "finance.1" in ask("list", "--all").stdout
    assert "finance.1" in ask("list", "--state", "Succeeded").stdout
    archive = ask("archive", "--find", "fin", "--outcome", "Succeeded").stdout
    assert {"finance.1", "All stays."} <= {word for word in ("finance.1", "All stays.") if word in archive}
    assert {"ended": "true", "find": "fin", "outcome": "Succeeded", "top": "1000"} == dict(prepared.requests[-1][4])


def test_a_state_that_no_migration_can_have_is_told_and_nothing_is_asked(ask, prepared):
    answer = ask("list", "--state", "Running,failed")

    assert (2, []) == (answer.exit_code, prepared.requests)
    assert "failed is no state of migrations" in answer.stderr


def test_a_list_has_every_migration_of_every_page(ask, prepared, same_as):
    for number in range(1, 6):
        prepared.add(id=f"finance.{number}", machines=number)
    prepared.end(Outcome.PARTIALLY_SUCCEEDED)

    same_as("list", ask("list", "--all").stdout)


def test_a_listing_follows_its_links_below_the_url_that_was_given(ask, prepared):
    for number in range(1, 4):
        prepared.add(id=f"finance.{number}")

    assert ask("list").exit_code == 0
    assert [request[4].get("token") for request in prepared.requests] == [None, "2"]


def test_show_tells_gates_with_their_commands_and_what_went_wrong(ask, prepared, same_as):
    in_the_middle(prepared)

    same_as("show", ask("show", "finance.1").stdout)


def test_show_with_machines_adds_a_table_that_fits_80_columns(ask, prepared, same_as):
    in_the_middle(prepared)

    shown = ask("show", "finance.1", "--machines").stdout

    same_as("show-machines", shown)
    table = shown[shown.index("Wave ") : shown.index("Problem")]
    assert all(len(line) <= 80 for line in table.splitlines())


def test_show_of_an_ended_migration_has_the_downtime_of_each_machine(ask, prepared, same_as):
    at_the_end(prepared)

    same_as("show-ended", ask("show", "finance.1").stdout)


def test_show_says_what_is_left_behind_and_not_what_was_removed(ask, prepared):
    at_the_end(prepared)
    disk = {"kind": LeftOverKind.REPLICA_DISK, "id": "/x/disks/asrseeddisk-web1", "detail": "128 GB"}
    found = (
        LeftOver(state=LeftState.LEFT, **disk),
        LeftOver(state=LeftState.REMOVED, **disk | {"id": "/x/disks/gone"}),
    )
    first, *others = prepared.machines
    prepared.machines = [first.replace(evidence=Evidence(left_overs=found)), *others]

    shown = " ".join(ask("show", "finance.1").stdout.split())

    assert f"left behind, disks that held copies: asrseeddisk-web1 of {first.name} (128 GB)" in shown
    assert "gone" not in shown


def test_json_is_what_the_api_answered(ask, prepared):
    in_the_middle(prepared)

    document = json.loads(ask("-o", "json", "show", "finance.1", "--machines").stdout)

    assert document["migration"]["gates"][0]["pending"] == ["shop-db1"]
    assert [row["name"] for row in document["machines"]] == ["shop-db1", "shop-web1", "rep-sql1", "rep1"]


@pytest.mark.parametrize("line", [("-o", "json", "list"), ("list", "-o", "json"), ("list", "--output=json")])
def test_an_option_of_all_commands_may_stand_before_or_behind(ask, prepared, line):
    prepared.add()

    assert json.loads(ask(*line).stdout)["value"][0]["id"] == "finance.1"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("--state Failed,NotReady", ["rep-sql1", "rep1"]),
        ("--wave shop", ["shop-db1", "shop-web1"]),
        ("--problem", ["rep-sql1"]),
        ("--wave shop --problem", []),
    ],
)
def test_machines_are_filtered_by_state_wave_and_problem(ask, prepared, line, shown):
    in_the_middle(prepared)

    rows = json.loads(ask("show", "finance.1", "--machines", *line.split(), "-o", "json").stdout)
    table = ask("show", "finance.1", *line.split()).stdout.partition("\n\n")[2].partition("\n\n")[0]

    assert shown == [row["name"] for row in rows["machines"]]
    assert shown == [row.split()[1] for row in table.splitlines()[1:]]


def test_a_state_that_machines_do_not_have_is_refused(ask, prepared):
    assert (2, []) == (ask("show", "finance.1", "--state", "Done").exit_code, prepared.requests)


@pytest.mark.parametrize(
    ("line", "shown"),
    [("--state Ended", ["b"]), ("--state Failed", ["b"]), ("--problem", ["c"]), ("--state Paused", [])],
)
def test_migrations_are_filtered_by_status_outcome_and_problem(ask, prepared, line, shown):
    prepared.add(id="a")
    prepared.add(id="b", status="Ended", outcome="Failed")
    prepared.add(id="c", problem=FAILED)

    rows = json.loads(ask("list", *line.split(), "-o", "json").stdout)

    assert shown == [row["id"] for row in rows["value"]]


def test_events_are_told_oldest_first_and_say_who(ask, prepared, same_as):
    prepared.add()
    prepared.events = [
        event(0, "plan-accepted", "ann started plan finance", by="ann"),
        event(1, "assess-began", "Reads the facts"),
        event(2, "machine-failed", "enable_replication failed", "rep-sql1", by="bob"),
    ]

    same_as("events", ask("events", "finance.1").stdout)


def test_events_of_one_machine_only(ask, prepared):
    prepared.add()
    prepared.events = [event(0, "a", "of one", "one"), event(1, "b", "of two", "two")]

    assert ask("events", "finance.1", "--machine", "two").stdout.splitlines() == [
        "2026-11-21 14:06:09Z  shop two  of two"
    ]


def test_following_events_tells_each_once_until_the_migration_ends(ask, prepared):
    prepared.add()
    prepared.events = [event(0, "a", "first"), event(1, "b", "second")]
    prepared.later = [lambda: None, lambda: prepared.events.append(event(2, "c", "third")), prepared.end]

    lines = ask("events", "finance.1", "--follow", "--every", "0.1").stdout.splitlines()

    assert [line.split()[-1] for line in lines] == ["first", "second", "third"]


def test_followed_events_as_json_are_one_line_each(ask, prepared):
    at_the_end(prepared)
    prepared.events = [event(0, "a", "first"), event(1, "b", "second")]

    lines = ask("events", "finance.1", "--follow", "-o", "json").stdout.splitlines()

    assert [json.loads(line)["text"] for line in lines] == ["first", "second"]


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (("-o", "r.csv"), "csv"),
        (("-o", "r.html"), "html"),
        (("-o", "r.XLSX"), "xlsx"),
        (("-o", "r", "--format", "json"), "json"),
    ],
)
def test_a_report_is_written_to_a_file_in_the_format_of_its_name(ask, tmp_path, monkeypatch, line, form):
    monkeypatch.chdir(tmp_path)

    answer = ask("report", "finance.1", *line)

    assert answer.stdout == f"Wrote {line[1]} ({12 + len(form)} bytes)\n"
    assert (tmp_path / line[1]).read_text() == f"a report as {form}"


def test_a_report_without_a_file_goes_to_the_output(ask):
    assert ask("report", "finance.1", "--format", "csv").stdout == "a report as csv"


def test_what_an_answer_says_cannot_steer_the_terminal(ask, prepared):
    in_the_middle(prepared)
    prepared.gates = [prepared.gates[0].replace(text="look\x1b[2J\x1b]0;owned\x07 here")]

    assert "look[2J]0;owned here" in ask("show", "finance.1").stdout


def test_square_brackets_in_an_answer_are_text(ask, prepared):
    prepared.add()
    prepared.events = [event(0, "a", "disk [red]sda[/red] found")]

    assert "disk [red]sda[/red] found" in ask("events", "finance.1").stdout


def test_an_id_with_a_slash_stays_one_part_of_the_path(ask, prepared):
    answer = ask("show", "finance/../x")

    assert answer.exit_code == 3
    assert all(not request[1].endswith("/x") or "finance" in request[1] for request in prepared.requests)


def test_the_key_of_the_environment_is_sent(ask, prepared, monkeypatch):
    monkeypatch.setenv("AZFERRY_KEY", "s3cret")
    ask("list")

    assert prepared.requests[0][2]["x-functions-key"] == "s3cret"


def test_a_token_of_the_environment_is_sent_beside_the_key(ask, prepared, monkeypatch):
    monkeypatch.setenv("AZFERRY_TOKEN", "from-entra")
    monkeypatch.setenv("AZFERRY_KEY", "s3cret")
    ask("list")

    assert prepared.requests[0][2]["authorization"] == "Bearer from-entra"
    assert prepared.requests[0][2]["x-functions-key"] == "s3cret"


def test_the_environment_names_url_key_and_form(run, url, prepared, monkeypatch):
    prepared.add()
    for name, value in (("URL", f"{url}/"), ("KEY", "from-there"), ("OUTPUT", "json")):
        monkeypatch.setenv(f"AZFERRY_{name}", value)

    assert json.loads(run("list").stdout)["value"]
    assert prepared.requests[0][2]["x-functions-key"] == "from-there"


def test_by_is_sent_with_a_command(ask, prepared, monkeypatch):
    prepared.add()
    monkeypatch.setenv("AZFERRY_BY", "ann")

    ask("pause", "finance.1")

    assert body_of(prepared.requests[0]) == {"by": "ann"}


def test_machines_that_are_left_out_of_the_work_are_told():
    head = [line.plain for line in sections.head(MigrationSeen(id="finance.1", left_out={"old1": "retire"}))]

    assert "left out of the work by their strategy: old1 (retire)" in head
