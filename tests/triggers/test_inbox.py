"""What waits for people in all migrations: told with all that one has to know, and with three queries."""

from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from shared import clock
from shared.concerns.source_facts import DiskFacts, SourceFacts
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.ledger import machines
from shared.ledger.evidence import Checked, Evidence
from shared.ledger.machine_row import MachineRow, Mark
from shared.ledger.serving import Outage, Service, Serving
from shared.models import Scope
from shared.problems import ProblemData
from shared.states import MachineState
from shared.storage import rows
from tests.ledger_rows import put

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
FULL = ProblemData(kind="Refused", id="quota-exceeded", title="No quota is left", detail="m of n", code="28031")


@pytest.fixture
def finance(ask, plan, local):
    """A migration whose wave shop waits for the approval of its cutover."""
    local.setattr(clock, "now", lambda: AT)
    windows = [{"start": "2026-11-21T22:00", "length": "PT4H", "timeZone": "Europe/Amsterdam", "capacity": 10}]
    plan["waves"][0] |= {"gates": {"cutover": "manual", "fourEyes": True}, "cutover": {"windows": windows}}
    plan["waves"][0]["verify"] = [{"tcp": 443}]
    assert 202 == ask("POST", "/api/migrations?by=ada", plan).status
    ready = MachineRow(
        migration="finance.1",
        name="shop-web1",
        wave="shop",
        application="shop",
        state=MachineState.READY_FOR_CUTOVER,
        lag_seconds=40,
        health="Normal",
        stamp=AT,
        evidence=Evidence(verification_test=Checked.PASSED),
        test_vm_id="/vm/shop-web1-test",
        marks={Mark.TEST_ASKED: AT - timedelta(hours=4), Mark.TEST_UP: AT - timedelta(hours=4) + timedelta(minutes=11)},
    )
    machines.create_many([ready, ready.replace(name="shop-db1", evidence=Evidence(), test_vm_id="", marks={})])
    gates.open_gate(
        GateRow(
            migration="finance.1",
            name="cutover",
            wave="shop",
            text="an approval of the cutover of wave shop",
            since=AT - timedelta(hours=2),
            expires=AT + timedelta(hours=9),
            then="their cutover counts as rejected",
            pending=("shop-web1", "shop-db1"),
        )
    )
    return ready


def test_a_gate_tells_who_may_decide_until_when_and_what_it_is_about(ask, finance):
    (item,) = ask("GET", "/api/inbox").body["value"]

    assert ("gate", "finance.1", "cutover", "shop") == tuple(
        item[name] for name in ("kind", "migration", "name", "wave")
    )
    assert (["azferry.approver"], True, "ada") == (item["approvers"], item["fourEyes"], item["startedBy"])
    assert ("2026-11-21T17:00:00Z", "their cutover counts as rejected") == (item["expires"], item["then"])
    assert (["approve", "reject"], ["reject"]) == (item["verdicts"], item["saysWhy"])
    assert ("2026-11-21T21:00:00Z", "2026-11-22T01:00:00Z", "Europe/Amsterdam", 10) == tuple(
        item["opening"][name] for name in ("opensAt", "closesAt", "timeZone", "capacity")
    )
    web, _ = item["machines"]
    assert ("shop-web1", 40, "Normal", "passed", "2026-11-21T04:11:00Z") == tuple(
        web[name] for name in ("name", "lagSeconds", "health", "checks", "checkedAt")
    )


def test_the_test_vm_is_told_with_its_address_while_it_is_up_and_no_longer(ask, finance):
    put(
        Scope(migration="finance.1", machine="shop-web1", now=AT),
        phase="accept_test_vm",
        evidence=Evidence(test_address="10.9.0.4"),
    )
    (item,) = ask("GET", "/api/inbox").body["value"]
    assert ("/vm/shop-web1-test", "10.9.0.4") == tuple(item["machines"][0][n] for n in ("testVmId", "testVmAddress"))

    put(Scope(migration="finance.1", machine="shop-web1", now=AT), phase="approval")
    (item,) = ask("GET", "/api/inbox").body["value"]
    assert not {"testVmId", "testVmAddress"} & set(item["machines"][0])


def test_waiting_tells_the_disks_that_are_kept_and_whose_are_not_known(ask, finance):
    facts = SourceFacts(disks=(DiskFacts(device="xvda", size_gib=30.0), DiskFacts(device="xvdb", size_gib=100.0)))
    put(Scope(migration="finance.1", machine="shop-web1", now=AT), source=facts)
    (item,) = ask("GET", "/api/inbox").body["value"]

    assert (130.0, 1) == (item["replicaGb"], item["sizesUnknown"])


def test_what_rehearsals_checked_is_told_of_those_that_passed(ask, finance):
    (item,) = ask("GET", "/api/inbox").body["value"]

    assert [{"checks": ["tcp 443"], "machines": 1}] == item["checked"]


def test_a_gate_tells_how_long_machines_will_be_down_as_their_rehearsals_took(ask, finance):
    (item,) = ask("GET", "/api/inbox").body["value"]

    assert [660, None] == [each.get("expectedDowntimeSeconds") for each in item["machines"]]
    assert 660 == item["expectedDowntimeSeconds"]


def test_who_was_decided_on_is_in_nobodys_inbox(ask, finance):
    some = {"gate": "cutover", "decision": "approve", "machines": ["shop-web1"], "by": "bob"}
    assert 202 == ask("POST", "/api/migrations/finance.1/approvals", some).status

    (item,) = ask("GET", "/api/inbox").body["value"]
    assert ["shop-db1"] == [each["name"] for each in item["machines"]]


def test_failures_of_one_cause_are_one_thing_with_one_command(ask, finance):
    failed = {"state": MachineState.FAILED, "problem": FULL}
    machines.create_many(
        finance.replace(name=name, release=f"azferry retry finance.1 --machine {name}", **failed)
        for name in ("a", "b", "c")
    )
    (item,) = [each for each in ask("GET", "/api/inbox").body["value"] if each["kind"] == "failure"]

    assert (["a", "b", "c"], "28031") == ([each["name"] for each in item["machines"]], item["problem"]["code"])
    assert "azferry retry finance.1" == item["release"]


def test_who_serves_nowhere_comes_with_the_way_back_the_longest_outage_first(ask, finance):
    def down(minutes):
        began = AT - timedelta(minutes=minutes)
        return {"service": Service(at=Serving.NOWHERE, since=began, outages=(Outage(began=began),))}

    broken = finance.replace(state=MachineState.FAILED, problem=FULL, name="a", **down(5))
    machines.create_many([broken, broken.replace(name="b", release="azferry retry finance.1 --machine b", **down(9))])
    nowhere = ask("GET", "/api/inbox").body["nowhere"]

    assert [("b", "2026-11-21T07:51:00Z"), ("a", "2026-11-21T07:55:00Z")] == [
        (each["name"], each["since"]) for each in nowhere
    ]
    assert "azferry retry finance.1 --machine b" == nowhere[0]["wayBack"]
    assert nowhere[1]["wayBack"].startswith("azferry rollback finance.1 --machine a")


def test_what_is_known_already_is_not_told_again(ask, finance, local):
    first = ask("GET", "/api/inbox")
    local.setattr(clock, "now", lambda: AT + timedelta(minutes=1))
    known = {"if-none-match": first.headers["ETag"]}

    again = ask("GET", "/api/inbox", headers=known)
    assert (304, b"") == (again.status, again.raw)
    assert (AT + timedelta(minutes=1)).isoformat() == again.headers["X-Azferry-Now"]
    machines.change(Scope(migration="finance.1", machine="shop-db1", now=AT + timedelta(minutes=1)), lag_seconds=41)
    assert 200 == ask("GET", "/api/inbox", headers=known).status


def test_it_takes_one_query_a_table_however_many_migrations_there_are(ask, plan, finance, local):
    for number in range(3):
        assert 202 == ask("POST", "/api/migrations", plan | {"name": f"other{number}"}).status
        gates.open_gate(GateRow(migration=f"other{number}.1", name="cutover", wave="shop", pending=("shop-web1",)))
    queries, asking = Counter(), rows.asking

    @contextmanager
    def counted(what):
        queries[what] += 1
        with asking(what):
            yield

    local.setattr(rows, "asking", counted)

    assert 4 == len(ask("GET", "/api/inbox").body["value"])
    assert {"listing gates": 1, "listing machines": 1, "listing migrations": 1} == dict(queries)


def test_machines_on_their_way_are_not_even_read(ask, finance):
    syncing = finance.replace(state=MachineState.INITIAL_SYNC)
    machines.create_many(syncing.replace(name=f"m{number}") for number in range(5))

    assert {"shop-web1", "shop-db1"} == {row.name for row in machines.everywhere({MachineState.INITIAL_SYNC})}
