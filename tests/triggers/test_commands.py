"""Commands of operators: checked, written down, followed, refused where they cannot be."""

from datetime import UTC, datetime

import pytest

from shared.concerns.registry import Concern
from shared.coordination import gates, operator_intents, waits
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import Wait, WaitKind
from shared.ledger import events, machines, migrations
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.states import MachineState
from tests.triggers.conftest import principal, with_settings

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
ONE = "/api/migrations/finance.1"


@pytest.fixture
def row():
    return MachineRow(migration="finance.1", name="shop-web1", wave="shop", stamp=AT)


@pytest.fixture
def migration(ask, plan, row):
    ask("POST", "/api/migrations?by=ada", plan)
    machines.create_many(
        [row.replace(state=MachineState.FAILED, failed_in="initial_sync"), row.replace(name="shop-db1")]
    )
    return "finance.1"


def test_an_approval_is_kept_with_its_name_and_wakes_who_waits(ask, client, migration):
    gates.open_gate(GateRow(migration=migration, name="cutover", wave="shop", pending=("shop-web1", "shop-db1")))
    waits.arm(
        Wait(watch="gate.finance.1", id="w", instance="wave", event="go", migration=migration, kind=WaitKind.GATE)
    )
    body = {"wave": "shop", "gate": "cutover", "decision": "approve", "machines": ["shop-db1"], "comment": "go"}
    answer = ask("POST", f"{ONE}/approvals", body | {"by": "eve"})

    assert (202, [["shop-web1"]]) == (answer.status, [each["pending"] for each in answer.body["gates"]])
    decision = gates.get(migration, "shop", "cutover").batches[0]
    assert ("eve", "go", ("shop-db1",)) == (decision.by, decision.comment, decision.machines)
    assert [("wave", "go")] == client.raised
    assert answer.body["decision"]["text"].startswith(
        "eve: approve at gate cutover of wave shop for shop-db1: go. What now"
    )
    again = ask("POST", f"{ONE}/approvals", body)
    assert (409, "not-allowed-now") == (again.status, again.body["type"].rpartition("/")[2])


def test_the_signed_in_principal_wins_over_the_body(ask, migration, local):
    with_settings(local, AZFERRY_SIGN_IN="true")
    ask("POST", f"{ONE}/pause", {"by": "eve"}, principal("ada@x", "operator"))

    assert "ada@x" == operator_intents.intent(migration).by


def test_a_principal_that_anybody_could_have_sent_is_not_believed_where_nobody_signs_in(ask, migration, local):
    with_settings(local, AZFERRY_LOCAL="false")
    assert 202 == ask("POST", f"{ONE}/pause", {"by": "eve"}, principal("ada@x", "reader")).status

    assert "" == operator_intents.intent(migration).by


def test_a_plan_with_four_eyes_is_refused_where_nobody_can_be_told_apart(ask, plan, local):
    with_settings(local, AZFERRY_LOCAL="false")
    plan["waves"][0].setdefault("gates", {})["fourEyes"] = True
    for path in ("/api/migrations", "/api/plans/validate"):
        refused = ask("POST", path, plan, principal("a-colleague@x"))
        assert 422 == refused.status
        assert ["/waves/0/gates/fourEyes"] == [each["pointer"] for each in refused.body["errors"]]
        assert "nobody signs in" in refused.body["errors"][0]["message"]


def test_pause_and_resume_show_in_the_status(ask, migration):
    assert "Paused" == ask("POST", f"{ONE}/pause", {"comment": "lunch"}).body["status"]
    assert "Running" == ask("POST", f"{ONE}/resume").body["status"]


@pytest.mark.parametrize(("verb", "root"), [("rollback", "roll_back"), ("cancel", "roll_back"), ("retry", "migrate")])
def test_a_command_that_begins_a_round_starts_its_root(ask, client, migration, verb, root):
    answer = ask("POST", f"{ONE}/{verb}", {"machines": ["shop-web1"], "comment": "because"})

    assert (202, 2) == (answer.status, answer.body["round"])
    ((instance, ((name, _),)),) = [each for each in client.started.items() if each[0].endswith(".2")]
    assert (root, root == "migrate") == (name, "migrate" in instance)


def test_a_retry_of_what_has_not_failed_names_the_states_in_which_it_is_possible(ask, migration):
    refused = ask("POST", f"{ONE}/retry", {"machines": ["shop-db1"]})

    assert 409 == refused.status
    assert "Failed" in refused.body["advice"]


def test_a_phase_can_be_skipped_with_a_reason(ask, migration):
    body = {"machine": "shop-db1", "phase": "start_test_failover", "comment": "rehearsed last week"}

    assert 202 == ask("POST", f"{ONE}/skip", body).status
    assert ["start_test_failover"] == [each.phase for each in operator_intents.skips(migration, "shop-db1")]
    assert 409 == ask("POST", f"{ONE}/skip", body | {"phase": "quiesce"}).status


@pytest.mark.parametrize(
    ("named", "kept"), [({"machine": "shop-web1"}, "shop-web1"), ({"machine": "*"}, "*"), ({}, "*")]
)
def test_a_concern_is_acknowledged_with_a_reason(ask, migration, named, kept):
    concerns = (Concern(id="fact-unknown", category="warning", machine="shop-web1", acknowledgeable=True),)
    machines.change(Scope(migration=migration, machine="shop-web1", now=AT), concerns=concerns)
    assert 202 == ask("POST", f"{ONE}/acknowledge", {"concern": "fact-unknown", "reason": "seen"} | named).status
    (acknowledgement,) = operator_intents.acknowledged(migration)
    assert (kept, "seen") == (acknowledgement.machine, acknowledgement.reason)


def test_a_cutover_now_needs_a_machine_that_is_ready(ask, migration, row):
    assert 409 == ask("POST", f"{ONE}/cutover", {"wave": "shop"}).status
    machines.create_many([row.replace(name="shop-app1", state=MachineState.READY_FOR_CUTOVER)])
    assert 202 == ask("POST", f"{ONE}/cutover", {"wave": "shop", "machines": ["shop-app1"]}).status


@pytest.mark.parametrize(
    ("verb", "body", "status", "pointers"),
    [
        ("approvals", {"gate": "cutover", "decision": "maybe", "extra": 1}, 422, {"/decision", "/extra"}),
        ("approvals", {}, 422, {"/gate", "/decision"}),
        ("pause", {"machines": ["Shop Web"]}, 422, {"/machines/0"}),
        ("pause", {"machines": "shop-web1"}, 422, {"/machines"}),
        ("skip", {"machine": "a", "phase": "verify", "comment": " "}, 422, {"/comment"}),
        ("acknowledge", {"concern": "x"}, 422, {"/reason"}),
        ("retry", b"[]", 400, set()),
        ("retry", b"{", 400, set()),
        ("retry", b'{"comment": "\xff"}', 400, set()),
        ("retry", b'{"comment": "\\ud800"}', 400, set()),
        ("retry", b" " * (2 * 1024 * 1024 + 1), 413, set()),
    ],
)
def test_a_bad_body_is_refused_with_pointers_and_nothing_happens(ask, migration, verb, body, status, pointers):
    before = events.page(migration)
    refused = ask("POST", f"{ONE}/{verb}", body)

    assert (status, pointers) == (refused.status, {each["pointer"] for each in refused.body.get("errors", ())})
    assert before == events.page(migration)
    assert 1 == migrations.get(migration).round


def test_a_command_is_json(ask, migration):
    assert 415 == ask("POST", f"{ONE}/pause", b"a: 1", {"content-type": "application/yaml"}).status


def test_a_command_for_a_migration_that_is_not_there_is_not_found(ask, local):
    assert 404 == ask("POST", "/api/migrations/nowhere/pause", {}).status
