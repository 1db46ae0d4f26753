"""The ledger as the API shows it."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from shared import clock
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.reporting import machine_pages
from shared.states import MachineState

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ONE = "/api/migrations/finance.1"


@pytest.fixture
def migration(ask, plan):
    ask("POST", "/api/migrations", plan)
    row = MachineRow(
        migration="finance.1", name="shop-web1", wave="shop", state=MachineState.INITIAL_SYNC, phase="initial_sync"
    )
    scripts = dict.fromkeys(("verification", "command.1a2b", "mobilityService.1"), "https://x/?sig=secret")
    known = Evidence.model_validate({"recoveryPoint": "rp-1", "ofANewerVersion": "https://x/?sig=secret"})
    machines.create_many(
        [
            row.replace(percent=50.0, stamp=AT, evidence=known, scripts=scripts),
            row.replace(name="shop-db1", state=MachineState.FINALIZED, stamp=AT),
        ]
    )
    return "finance.1"


def test_a_migration_shows_counts_progress_waves_and_open_gates(ask, migration):
    gates.open_gate(GateRow(migration=migration, name="cutover", wave="shop", text="approve", pending=("shop-db1",)))
    body = ask("GET", ONE).body

    assert {"Finalized": 1, "InitialSync": 1} == body["counts"]
    assert 50 < body["percent"] < 100
    assert [("shop", "Replicating", 2)] == [(each["wave"], each["state"], each["machines"]) for each in body["waves"]]
    assert [("cutover", ["shop-db1"])] == [(each["name"], each["pending"]) for each in body["gates"]]


@pytest.mark.parametrize("path", ["", "/machines"])
def test_who_has_it_already_is_told_so_and_nothing_else(ask, migration, path):
    first = ask("GET", ONE + path)
    again = ask("GET", ONE + path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status, again.status, again.raw) == (200, 304, b"")

    machines.change(Scope(migration=migration, machine="shop-web1", now=AT + timedelta(minutes=1)), percent=60.0)
    news = ask("GET", ONE + path, headers={"If-None-Match": first.headers["ETag"]})
    assert news.status == 200
    assert news.headers["ETag"] != first.headers["ETag"]


@pytest.fixture
def no_overlap(local):
    local.setattr(machine_pages, "OVERLAP", timedelta())


def test_who_asks_since_an_earlier_look_gets_only_the_machines_that_changed(ask, migration, no_overlap):
    first = ask("GET", f"{ONE}/machines").body
    nothing = ask("GET", f"{ONE}/machines?since={first['since']}").body
    machines.change(Scope(migration=migration, machine="shop-web1", now=AT + timedelta(minutes=1)), percent=60.0)
    news = ask("GET", f"{ONE}/machines?since={first['since']}").body

    assert ["shop-db1", "shop-web1"] == [each["name"] for each in first["value"]]
    assert ([], first["since"]) == (nothing["value"], nothing["since"])
    assert [("shop-web1", 60.0)] == [(each["name"], each["percent"]) for each in news["value"]]
    assert [] == ask("GET", f"{ONE}/machines?since={news['since']}").body["value"]


def test_what_was_written_in_the_last_seconds_comes_again_as_it_may_show_late(ask, migration):
    first = ask("GET", f"{ONE}/machines").body

    assert first["value"] == ask("GET", f"{ONE}/machines?since={first['since']}").body["value"]


def test_what_an_operator_wants_of_machines_that_did_not_change_is_told_all_the_same(ask, migration, no_overlap):
    first = ask("GET", f"{ONE}/machines").body
    assert 202 == ask("POST", f"{ONE}/pause", {"machines": ["shop-web1"], "comment": "wait", "by": "ada"}).status
    news = ask("GET", f"{ONE}/machines?since={first['since']}").body

    assert ["ada: wait"] == [each["pausedBy"] for each in news["value"] if each["name"] == "shop-web1"]
    assert [] == ask("GET", f"{ONE}/machines?since={news['since']}").body["value"]


@pytest.mark.parametrize("since", ["yesterday", "-1", "99999999999999999999", "1.other", "²"])
def test_a_look_that_nobody_remembers_lists_everything(ask, migration, since):
    assert 2 == len(ask("GET", f"{ONE}/machines?since={since}").body["value"])


def test_changes_are_paged_like_everything_else(ask, migration, no_overlap):
    first = ask("GET", f"{ONE}/machines").body
    for name in ("shop-web1", "shop-db1"):
        machines.change(Scope(migration=migration, machine=name, now=AT + timedelta(minutes=1)), health="Critical")
    page = ask("GET", f"{ONE}/machines?top=1&since={first['since']}").body
    following = ask("GET", page["nextLink"]).body

    assert ["shop-db1", "shop-web1"] == [each["name"] for each in (*page["value"], *following["value"])]
    assert "nextLink" not in following


def test_who_unpacks_gets_what_is_long_packed(ask, migration):
    packing = {"Accept-Encoding": "gzip, br"}
    short = ask("GET", f"{ONE}/machines?top=1", headers=packing)
    for minute in range(40):
        events.write(Scope(migration=migration, now=AT + timedelta(minutes=minute)), "seen", "it was seen once more")
    plain = ask("GET", f"{ONE}/events")
    packed = ask("GET", f"{ONE}/events", headers=packing)

    assert short.body["value"]

    assert ("Content-Encoding" in plain.headers, packed.headers["Content-Encoding"]) == (False, "gzip")
    assert gzip.decompress(packed.raw) == plain.raw
    assert len(packed.raw) < len(plain.raw) / 2


def test_what_machines_were_not_judged_by_is_told_once_with_who_accepts_it(ask, migration):
    for name in ("shop-web1", "shop-db1"):
        place = Scope(migration=migration, machine=name, now=AT + timedelta(minutes=1))
        machines.change(place, unjudged={"not-64-bit": "architecture"})
    (line,) = ask("GET", ONE).body["concerns"]
    assert ("fact-unknown", "") == (line["id"], line["machine"])
    assert line["evidence"].endswith("architecture is not known of 2 machines (shop-db1, shop-web1)")
    assert {"not-64-bit": "architecture"} == ask("GET", f"{ONE}/machines/shop-web1").body["unjudged"]

    assert 202 == ask("POST", f"{ONE}/acknowledge", {"concern": "fact-unknown", "reason": "seen"}).status
    assert ["somebody who gave no name"] == [each["acknowledgedBy"] for each in ask("GET", ONE).body["concerns"]]


def test_a_wave_tells_which_road_its_machines_go(ask, plan):
    servers = [{"name": "old", "source": {"privateIp": "10.1.0.9"}}]
    appliance = {"agent": {"install": "manual"}}
    own = {"name": "servers", "scenario": "physical-to-azure", "replication": appliance, "machines": servers}
    assert 202 == ask("POST", "/api/migrations", plan | {"waves": [*plan["waves"], own]}).status
    body = ask("GET", ONE).body

    assert "physical-to-azure (appliance)" == body["waves"][-1]["road"]
    assert {"aws-to-azure (appliance)"} == {each["road"] for each in body["waves"][:-1]}
    assert "servers: physical-to-azure (appliance)" in ask("GET", f"{ONE}/report?format=html").raw.decode()


def test_what_is_only_ours_is_not_told(ask, migration):
    raw = ask("GET", ONE).raw + ask("GET", f"{ONE}/machines").raw + ask("GET", f"{ONE}/machines/shop-web1").raw

    assert not {word for word in (b"sig=", b"stamps", b"instances", b"runtime/webhooks") if word in raw}
    assert b"rp-1" in raw


@pytest.mark.parametrize("kind", ["html", "json", "csv"])
def test_no_report_tells_a_signed_address(ask, migration, kind):
    answer = ask("GET", f"{ONE}/report?format={kind}")

    assert 200 == answer.status
    assert b"shop-web1" in answer.raw
    assert b"sig=" not in answer.raw
    assert (b"rp-1" in answer.raw) is (kind != "csv")


def test_machines_are_paged_by_name(ask, migration):
    page = ask("GET", f"{ONE}/machines?top=1").body

    assert ["shop-db1"] == [each["name"] for each in page["value"]]
    assert ["shop-web1"] == [each["name"] for each in ask("GET", page["nextLink"]).body["value"]]


@pytest.mark.parametrize(
    "path", ["nowhere", "nowhere/machines", "nowhere/events", "nowhere/report", "finance.1/machines/nobody"]
)
def test_what_is_not_there_is_a_problem_document(ask, migration, path):
    assert (404, "Not found") == ((answer := ask("GET", f"/api/migrations/{path}")).status, answer.body["title"])


def test_events_come_oldest_first_and_those_of_one_machine_where_asked(ask, migration):
    for minute, machine in enumerate(("", "shop-web1", "shop-db1")):
        place = Scope(migration=migration, machine=machine, now=AT + timedelta(minutes=minute))
        events.write(place, "something", f"event {minute}")
    history = ask("GET", f"{ONE}/events").body["value"]

    assert sorted(each["at"] for each in history) == [each["at"] for each in history]
    only = ask("GET", f"{ONE}/events?machine=shop-db1").body["value"]
    assert ["event 2"] == [each["text"] for each in only]


def test_a_watcher_that_polls_from_the_token_misses_no_latecomer(ask, migration, local):
    local.setattr(clock, "now", lambda: AT + timedelta(minutes=10))
    old, new = Scope(migration="x", now=AT), Scope(migration="x", now=AT + timedelta(minutes=9, seconds=50))
    local.setattr("shared.ledger.migrations.existing", lambda _: None)
    for place in (old, new):
        events.write(place, "seen", "seen")
    first = ask("GET", "/api/migrations/x/events").body
    events.write(Scope(migration="x", now=AT + timedelta(minutes=9, seconds=40)), "late", "late")
    second = ask("GET", f"/api/migrations/x/events?token={first['token']}").body

    assert ["seen", "seen"] == [each["what"] for each in first["value"]]
    assert ["late", "seen"] == [each["what"] for each in second["value"]]
    assert first["value"][1]["id"] == second["value"][1]["id"]
    assert second["token"] == first["token"]


def test_a_defect_is_told_without_its_insides(ask, migration, local):
    def broken(*_):
        raise RuntimeError("the password is hunter2")

    local.setattr("shared.reporting.ledger_views.migration", broken)
    answer = ask("GET", ONE)

    assert (500, ONE) == (answer.status, answer.body["instance"])
    assert b"hunter2" not in answer.raw
