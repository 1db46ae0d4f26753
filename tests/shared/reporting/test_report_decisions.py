"""Who let a machine be cut over: after partial approvals, retries, rollbacks, and where two people had to agree."""

from datetime import UTC, datetime, timedelta

from shared.coordination.decision import Decision
from shared.reporting.report_decisions import cells, decisions_of
from shared.reporting.views import EventView

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def event_of(minute, verb, *machines, by="bob", gate="cutover", what="", comment="go"):
    at = AT + timedelta(minutes=minute)
    decision = Decision(id=f"d{minute}", at=at, by=by, verb=verb, gate=gate, machines=machines, comment=comment)
    decision = decision.replace(first=what.startswith("seconded-"))
    return EventView(id=str(minute), at=at, what=what or f"decided-{gate}", by=by, decision=decision)


def test_each_machine_has_its_own_answer_after_partial_approvals():
    found = decisions_of(
        [event_of(1, "approve", "db1", comment="first the database"), event_of(2, "approve", "web1", "web2")]
    )

    assert cells(found["db1"]) == {
        "cutoverApprovedBy": "bob",
        "cutoverApprovedAt": "2026-11-21 08:01:00 UTC",
        "cutoverComment": "first the database",
        "cutoverWith": "",
    }
    assert cells(found["web1"])["cutoverWith"] == "web2"


def test_after_a_rollback_and_a_retry_it_is_the_later_approval_and_all_of_them_are_listed():
    found = decisions_of(
        [
            event_of(1, "approve", "db1", "web1"),
            event_of(2, "rollback", "db1", gate="", what="rollback-asked"),
            event_of(3, "retry", "db1", gate="", what="migrate-asked"),
            event_of(4, "cutover", "db1", by="cleo"),
            event_of(4, "cutover", "db1", by="cleo", gate="await_window", what="skipped-await-window"),
        ]
    )

    assert [each.decision.verb for each in found["db1"]] == ["approve", "rollback", "retry", "cutover", "cutover"]
    assert (cells(found["db1"])["cutoverApprovedBy"], cells(found["web1"])["cutoverApprovedBy"]) == ("cleo", "bob")


def test_where_two_had_to_agree_both_are_named():
    found = decisions_of(
        [
            event_of(1, "approve", "db1", by="old"),
            event_of(2, "approve", "db1", what="seconded-cutover", comment="checked"),
            event_of(3, "approve", "db1", by="cleo", comment="agreed"),
        ]
    )

    assert cells(found["db1"])["cutoverApprovedBy"] == "bob, cleo"
    assert cells(found["db1"])["cutoverComment"] == "checked; agreed"


def test_nobody_let_it_while_one_of_two_is_missing_or_somebody_said_no():
    assert set(cells(decisions_of([event_of(1, "approve", "a", what="seconded-cutover")])["a"]).values()) == {""}
    assert set(cells(decisions_of([event_of(1, "reject", "a")])["a"]).values()) == {""}
