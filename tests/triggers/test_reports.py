"""The report of a migration in its four forms."""

import csv
import io
import json
from datetime import timedelta

import openpyxl
import pytest

from shared.ledger import machines
from shared.ledger.evidence import Evidence, LeftOver, LeftOverKind
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Serving, down, up
from shared.models import Scope
from tests.ledger_rows import put
from tests.triggers.test_commands import AT, ONE

LEFT = LeftOver(kind=LeftOverKind.REPLICA_DISK, id="/disks/asrseeddisk-shop-web1", detail="128 GB")


@pytest.fixture
def migration(ask, plan):
    ask("POST", "/api/migrations?by=ada<b>", plan)
    row = MachineRow(migration="finance.1", name="shop-web1", wave="shop", stamp=AT, source_id="=cmd()")
    machines.create_many([row])
    place = Scope(migration="finance.1", machine="shop-web1", now=AT)
    machines.change(place, service=down(AT - timedelta(seconds=754)))
    served = up(Serving.TARGET, AT)
    put(
        place,
        state="CutOver",
        service=served,
        marks={Mark.UP: AT},
        evidence=Evidence(agent_text="<script>x", left_overs=(LEFT,)),
    )
    ask("POST", f"{ONE}/pause", {"by": "eve", "comment": "a </td> comment"})


def test_the_page_is_one_file_with_nothing_from_outside_and_everything_escaped(ask, migration):
    answer = ask("GET", f"{ONE}/report")
    text = answer.raw.decode()

    assert (200, "default-src 'none'; style-src 'unsafe-inline'") == (
        answer.status,
        answer.headers["Content-Security-Policy"],
    )
    assert not {word for word in ("<script", "<b>", "http://", "https://", "src=") if word in text}
    assert {word for word in ("0:12:34", "shop-web1", "&lt;script&gt;x", "a &lt;/td&gt; comment") if word in text} == {
        "0:12:34",
        "shop-web1",
        "&lt;script&gt;x",
        "a &lt;/td&gt; comment",
    }


def test_what_is_left_behind_of_a_machine_stands_in_the_page_and_in_the_data(ask, migration):
    (machine,) = json.loads(ask("GET", f"{ONE}/report?format=json").raw)["machines"]

    assert "disk asrseeddisk-shop-web1 (128 GB), left" in ask("GET", f"{ONE}/report").raw.decode()
    assert [("replicaDisk", "left")] == [(each["kind"], each["state"]) for each in machine["evidence"]["leftOvers"]]


def test_json_holds_machines_decisions_and_measured_downtime(ask, migration):
    report = json.loads(ask("GET", f"{ONE}/report?format=json").raw)

    assert 754 == report["longestDowntimeSeconds"] == report["machines"][0]["downtimeSeconds"]
    assert "finance.1" == report["migration"]["id"]
    assert "ada<b>" in {each["by"] for each in report["approvals"]}


def test_csv_has_a_line_per_machine_and_no_formula(ask, migration):
    (line,) = csv.DictReader(io.StringIO(ask("GET", f"{ONE}/report?format=csv").raw.decode()))

    assert ("shop-web1", "754", "'=cmd()") == (line["name"], line["downtimeSeconds"], line["sourceId"])
    assert ("target", "") == (line["serving"], line["outageSeconds"])


def test_an_outage_that_goes_on_is_in_every_form(ask, migration):
    place = Scope(migration="finance.1", machine="shop-web1", now=AT + timedelta(hours=1))
    machines.change(place, service=down(place.now))

    report = json.loads(ask("GET", f"{ONE}/report?format=json").raw)

    (machine,) = report["machines"]
    assert ("nowhere", 2, 1) == (machine["serving"], len(machine["outages"]), report["migration"]["servingNowhere"])
    assert "it has not ended" in ask("GET", f"{ONE}/report").raw.decode()
    assert "1 machine serves nowhere: shop-web1" in ask("GET", f"{ONE}/report").raw.decode()


def test_another_form_is_refused(ask, migration):
    assert 400 == ask("GET", f"{ONE}/report?format=pdf").status


def test_csv_has_every_moment_of_a_machine(ask, migration):
    (line,) = csv.DictReader(io.StringIO(ask("GET", f"{ONE}/report?format=csv").raw.decode()))

    assert (AT.isoformat().replace("+00:00", "Z"), "") == (line["upAt"], line["failoverAskedAt"])


def test_a_workbook_is_saved_with_its_type_and_begins_with_a_summary(ask, migration):
    answer = ask("GET", f"{ONE}/report?format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.raw))

    assert (200, 'attachment; filename="finance.1.xlsx"') == (answer.status, answer.headers["Content-Disposition"])
    assert ["Summary", "Machines", "Outages", "Phases", "Decisions", "Concerns"] == book.sheetnames
    assert ("=cmd()", "s") in {(cell.value, cell.data_type) for row in book["Machines"] for cell in row}
    assert "a </td> comment" in {cell.value for row in book["Decisions"] for cell in row}
