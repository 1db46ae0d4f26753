"""The report as a workbook: moments are dates in UTC, spans are durations, a text stays a text whatever it looks like."""

import io
from datetime import UTC, datetime, timedelta, timezone

import openpyxl
import pytest

from shared.concerns.registry import Concern
from shared.coordination.decision import Decision, Verdict
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Outage, Serving
from shared.reporting.report import report_of
from shared.reporting.report_sheets import MARKS
from shared.reporting.views import EventView, MachineView, MigrationView
from shared.reporting.workbooks import LONGEST, workbook_of

AT = datetime(2026, 11, 21, 22, 5, 9, tzinfo=UTC)
PLAIN = AT.replace(tzinfo=None)
HOUR = timedelta(hours=1)


def book_of(machines=(), events=(), **migration):
    report = report_of(MigrationView(id="finance.1", **migration), machines, events, AT)
    return openpyxl.load_workbook(io.BytesIO(workbook_of(report)))


def lines(sheet):
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def event(what, at=AT, **more):
    return EventView(id=f"{what}{at}", at=at, what=what, **more)


def test_every_moment_of_a_machine_is_a_date_in_utc():
    east = AT.astimezone(timezone(timedelta(hours=9)))
    row = MachineView(name="m1", since=AT, serving_since=east, marks={mark.value: east for mark in Mark})
    book = book_of([row])
    (line,) = lines(book["Machines"])
    dates = {cell.number_format for cell in book["Machines"][2] if isinstance(cell.value, datetime)}

    assert {PLAIN} == {line[f"{MARKS[mark]} (UTC)"] for mark in Mark} | {line["In it since (UTC)"]}
    assert (PLAIN, None) == (line["Serves since (UTC)"], line["Expected end (UTC)"])
    assert {"yyyy-mm-dd hh:mm:ss"} == dates


def test_what_never_was_is_an_empty_cell():
    (line,) = lines(book_of([MachineView(name="m1")])["Machines"])

    assert (None, None) == (line["In it since (UTC)"], line["Downtime"])


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "#N/A", "\t=1", "007"])
def test_a_text_stays_a_text(text):
    cell = next(cell for cell in book_of([MachineView(name="m1", source_id=text)])["Machines"][2] if cell.value == text)

    assert "s" == cell.data_type


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2", "@SUM(A1)"])
def test_it_stays_one_when_somebody_edits_its_cell(text):
    cells = book_of([MachineView(name="m1", source_id=text)])["Machines"][2]

    assert [text] == [cell.value for cell in cells if cell.quotePrefix]


def test_what_a_workbook_cannot_hold_is_told_by_a_mark_and_never_breaks_it():
    (line,) = lines(book_of([MachineView(name="m\x001", source_id="x" * 40_000)])["Machines"])

    assert "m\ufffd1" == line["Machine"]
    assert LONGEST == len(line["Source"])
    assert line["Source"].endswith("the JSON report has all of it)")


def test_the_summary_counts_machines_and_tells_their_downtime():
    machines = [MachineView(name=f"m{each}", downtime_seconds=each * 60) for each in (1, 2, 9)]
    summary = dict(
        book_of(machines, counts={"CutOver": 3}, started_at=AT, started_by="ada")["Summary"].iter_rows(values_only=True)
    )

    assert (3, PLAIN, "ada") == (summary["Machines CutOver"], summary["Started (UTC)"], summary["Started by"])
    assert (timedelta(minutes=2), timedelta(minutes=9)) == (summary["Median downtime"], summary["Longest downtime"])


def test_an_outage_that_goes_on_has_no_end_and_lasts_until_the_report():
    outages = (Outage(began=AT - 3 * HOUR, ended=AT - HOUR, served_by=Serving.TARGET), Outage(began=AT - HOUR / 2))
    over, going_on = lines(book_of([MachineView(name="m1", outages=outages)])["Outages"])

    assert (PLAIN - HOUR, 2 * HOUR, "target") == (over["Ended (UTC)"], over["Lasted"], over["Served then by"])
    assert (None, HOUR / 2) == (going_on["Ended (UTC)"], going_on["Lasted"])


def test_a_phase_took_until_the_next_one_of_its_machine_began():
    began = [
        event("install-agent-began", AT, machine="m1", phase="install_agent"),
        event("install-agent-began", AT + HOUR / 2, machine="m2", phase="install_agent"),
        event("enable-replication-began", AT + HOUR, machine="m1", phase="enable_replication"),
    ]
    first, second, other = lines(book_of(events=[*began, event("paused", AT, machine="m1")])["Phases"])

    assert ("m1", "install_agent", HOUR) == (first["Machine"], first["Phase"], first["Took"])
    assert [None, None] == [each["Next phase began (UTC)"] for each in (second, other)]


def test_a_decision_has_a_line_for_each_machine_that_it_names():
    decision = Decision(
        by="bob", at=AT, comment="=go", verb="approve", verdict=Verdict.APPROVE, gate="cutover", machines=("m1", "m2")
    )
    found = lines(book_of(events=[event("decided-cutover", decision=decision)])["Decisions"])

    assert ["m1", "m2"] == [each["Machine"] for each in found]
    assert {("bob", PLAIN, "=go", 2)} == {
        (each["Who"], each["When (UTC)"], each["Why"], each["Machines in it"]) for each in found
    }


def test_concerns_of_plan_and_machines_stand_in_one_sheet():
    plans, machines = Concern(id="a", category="warning"), Concern(id="b", category="critical", machine="m1")
    found = lines(book_of([MachineView(name="m1", concerns=(machines,))], concerns=(plans,))["Concerns"])

    assert [("a", "the plan"), ("b", "m1")] == [(each["Concern"], each["Machine"]) for each in found]
