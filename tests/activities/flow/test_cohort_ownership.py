"""A cohort's machines are held together by one flow, and let go of together."""

from shared.contracts.cohorts import Cohort
from shared.contracts.requests import Poll
from shared.contracts.rounds import Member
from shared.coordination.operator_intents import Intent
from shared.ledger import machines
from tests.activities.flow.walking import order
from tests.activities.migration_harness import MigrationHarness


def cohort(ferry: MigrationHarness, owner: str = "cohort-1") -> Cohort:
    members = (Member(name="web1"), Member(name="db1"))
    return ferry.place(phase="cohort-1", kind=Cohort, wave=ferry.wave, owner=owner, machines=members)


def test_a_cohort_holds_the_machines_that_nobody_stopped(enlisted: MigrationHarness) -> None:
    order(enlisted, Intent.ROLLBACK, "db1")
    held = enlisted.ask("hold_cohort", cohort(enlisted))
    assert [each.name for each in held.members] == ["web1"]
    assert (enlisted.row("web1").owner, enlisted.row("db1").owner) == ("cohort-1", "")


def test_a_cohort_leaves_out_what_another_flow_has(enlisted: MigrationHarness) -> None:
    enlisted.stands("db1", owner="rollback-2")
    held = enlisted.ask("hold_cohort", cohort(enlisted))
    assert [each.name for each in held.members] == ["web1"]


def test_held_twice_is_held_once(enlisted: MigrationHarness) -> None:
    poll = cohort(enlisted)
    assert enlisted.ask("hold_cohort", poll) == enlisted.ask("hold_cohort", poll)


def test_released_its_machines_are_free_and_who_waits_is_woken(enlisted: MigrationHarness) -> None:
    enlisted.ask("hold_cohort", cohort(enlisted))
    taking: Poll = enlisted.look("db1", "rollback", owner="roll-back", instance="roll-back")
    assert not enlisted.ask("take_over", taking).settled
    poll = cohort(enlisted)
    for _ in range(2):
        announcements = enlisted.ask("release_cohort", poll)
        assert [each.instance for each in announcements.announcements] == ["roll-back"]
    assert {row.owner for row in machines.list(enlisted.migration)} == {""}
    assert enlisted.ask("take_over", taking).settled
