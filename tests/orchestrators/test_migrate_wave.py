"""A wave: preparing all at once, cohorts as they are approved, the end told to those who wait."""

from datetime import timedelta

import pytest

from orchestrators.migrate_wave import migrate_wave
from shared.contracts.cohorts import Cohorts
from shared.contracts.requests import PollResult, Submitted
from shared.contracts.rounds import Member, Members
from shared.models import Done
from shared.problems import Refused
from shared.scheduling.cohorts import split
from tests.orchestrators.happy_path import LAND, PLAN, PREPARE, happy_stage
from tests.play import START

SHOP = PLAN.replace(wave="shop", phase="migrate_wave")
DB, WEB = Member(name="db1", boot_group=1), Member(name="web1", boot_group=2)


def cohorts(stage):
    return [wire["machines"] for name, wire in began(stage, "cut_over_cohort")]


def began(stage, name):
    return [(called, wire) for called, wire in stage.begun if called == name]


def test_all_machines_prepare_and_the_approved_ones_cut_over_together():
    stage = happy_stage(DB, WEB)

    assert Done() == stage.play(migrate_wave, SHOP)
    assert [[member["name"] for member in machines] for machines in cohorts(stage)] == [["db1", "web1"]]


def test_a_refused_machine_does_not_stop_the_others():
    def refuse_db(wire):
        if wire["machine"] == "db1":
            raise Refused("no")
        return PollResult(settled=True)

    stage = happy_stage(DB, WEB, poll_sync=refuse_db)

    assert Done() == stage.play(migrate_wave, SHOP)
    assert "end_wave" in stage.journal


def test_a_partial_approval_cuts_over_while_the_rest_still_prepares():
    def sync(wire):
        if wire["machine"] == "web1" and stage.now < slow:
            return PollResult(patience=3_600)
        return PollResult(settled=True)

    def approval(wire):
        taken = wire.get("taken", 0)
        if taken == 0:
            return Cohorts(taken=1, cohorts=((DB,),), patience=600)
        if wire.get("prepared") and taken == 1:
            return Cohorts(taken=2, cohorts=((WEB,),), settled=True)
        return Cohorts(taken=taken, settled=taken == 2, patience=600)

    stage = happy_stage(DB, WEB, poll_sync=sync, poll_approval=approval)
    slow = stage.now + timedelta(hours=5)
    completed = {}
    stage.watch("start_completion", lambda wire: completed.setdefault(wire["machine"], stage.now))

    stage.play(migrate_wave, SHOP)

    assert completed["db1"] < slow <= completed["web1"]


def test_a_decision_is_acted_on_when_it_is_told_and_not_a_day_later():
    decided = []

    def approval(wire):
        if not decided:
            return Cohorts(patience=86_400)
        return Cohorts(settled=True, taken=1, cohorts=() if wire.get("taken") else ((DB,),))

    stage = happy_stage(DB, poll_approval=approval)

    def person():
        decided.append(1)
        polls = [wire for name, wire in stage.calls if name == "poll_approval"][-1]
        stage.tell(polls["instance"], polls["event"])

    stage.do(timedelta(hours=7), person)
    started = stage.now

    stage.play(migrate_wave, SHOP)

    assert stage.now - started < timedelta(hours=10)


def test_a_machine_that_resumes_after_the_approval_is_not_prepared_again():
    stage = happy_stage(DB.replace(resume_at="verify"))

    stage.play(migrate_wave, SHOP)

    assert not [name for name in stage.journal if name in PREPARE]
    assert "complete_migration" in stage.journal
    assert "stop_source" not in stage.journal


@pytest.mark.parametrize(
    ("resume_at", "goes_straight_on"),
    [
        ("", False),
        ("approval", False),
        (PREPARE[0], False),
        ("quiesce", True),
        ("verify", True),
        ("protect_target", False),
    ],
)
def test_only_a_machine_that_failed_in_its_cutover_counts_as_approved(resume_at, goes_straight_on):
    member = DB.replace(resume_at=resume_at)
    listed = Members(members=(member,), prepare=PREPARE, land=LAND, afterwards=AFTERWARDS)
    stage = happy_stage(DB, list_members=lambda wire: listed)

    stage.play(migrate_wave, SHOP)

    poll = next(wire for name, wire in stage.calls if name == "poll_approval")
    assert goes_straight_on == ("straight" in poll)


AFTERWARDS = ("protect_target", "decommission_source")


def finished(stage_of, **acts):
    """A stage of a wave whose machines are protected, then decommissioned."""
    listed = Members(members=(DB, WEB), prepare=PREPARE, land=LAND, afterwards=AFTERWARDS)
    first = (DB.replace(resume_at="protect_target"), WEB.replace(resume_at="decommission_source"))
    usual = {
        "list_members": lambda wire: listed,
        "list_protections": lambda wire: Members(members=(DB,)),
        "list_finalized": lambda wire: Members(members=first),
    }
    return stage_of(DB, WEB, **(usual | acts))


def test_machines_are_protected_when_the_wave_is_through_and_only_then_is_their_source_given_up():
    stage = finished(happy_stage)

    assert Done() == stage.play(migrate_wave, SHOP)

    after = stage.journal[stage.journal.index("end_wave") :]
    once = [name for name in after if name in ("end_wave", "ensure_vault", "list_finalized")]
    assert once == ["end_wave", "ensure_vault", "list_finalized"]
    assert [wire["machine"] for name, wire in stage.calls if name == "start_target_protection"] == ["db1"]
    gone = [wire["machine"] for name, wire in stage.calls if name == "read_decommission"]
    assert sorted(gone) == ["db1", "web1"]
    assert after.index("start_target_protection") < max(
        place for place, name in enumerate(after) if name == "read_decommission"
    )


def test_what_machines_share_may_be_refused_and_each_of_them_is_told():
    def refuse(wire):
        if wire.get("phase") == "protect_target":
            raise Refused("there is no vault")
        return Submitted()

    stage = finished(happy_stage, ensure_vault=refuse)

    assert Done() == stage.play(migrate_wave, SHOP)
    assert [wire["problem"]["detail"] for name, wire in stage.calls if name == "refuse_protection"] == [
        "there is no vault"
    ]


def test_a_protection_that_is_refused_gives_no_source_up():
    def refuse(wire):
        raise Refused("not eligible")

    stage = finished(happy_stage, start_target_protection=refuse)

    assert Done() == stage.play(migrate_wave, SHOP)
    assert [wire["machine"] for name, wire in stage.calls if name == "read_decommission"] == ["web1"]
    left = [wire for name, wire in stage.calls if name == "leave" and wire["machine"] == "db1"]
    assert (left[-1]["phase"], left[-1]["problem"]["detail"]) == ("protect_target", "not eligible")


def test_a_wave_without_machines_ends():
    assert Done() == happy_stage().play(migrate_wave, SHOP)


def test_a_wave_of_a_thousand_machines_is_walked_as_a_tree():
    members = [Member(name=f"m{number}") for number in range(1_000)]
    stage = happy_stage(*members, poll_approval=lambda wire: Cohorts(settled=True))

    stage.play(migrate_wave, SHOP)

    assert stage.journal.count("initial_sync") == 1_000


def test_each_cohort_is_told_whom_it_has_to_wait_for():
    def approval(wire):
        if wire.get("taken"):
            return Cohorts(taken=1, settled=True)
        return Cohorts(taken=1, cohorts=((DB,), (WEB,)), after=((), ("db1",)), patience=600)

    stage = happy_stage(DB, WEB, poll_approval=approval)
    stage.play(migrate_wave, SHOP)
    assert [wire.get("after", []) for _, wire in began(stage, "cut_over_cohort")] == [[], ["db1"]]


def test_a_large_application_cuts_over_boot_group_after_boot_group_and_others_beside_it():
    """The database of an application takes two hours; its web server waits for it, and another application does not."""
    other = Member(name="mail1", boot_group=2)
    parts = split((DB, WEB, other), {"db1": "shop", "web1": "shop", "mail1": "mail"}, 1)
    serves, failed_over = START + timedelta(hours=2), {}

    def approval(wire):
        if wire.get("taken"):
            return Cohorts(taken=1, settled=True)
        return Cohorts(
            taken=1, cohorts=tuple(part.machines for part in parts), after=tuple(part.after for part in parts)
        )

    def dependencies(wire):
        waits = "db1" in wire.get("after", []) and "db1" not in failed_over
        return PollResult(settled=not waits, patience=60)

    def sync(wire):
        return PollResult(settled=wire["machine"] != "db1" or stage.now >= serves, patience=600)

    stage = happy_stage(
        DB, WEB, other, poll_approval=approval, poll_dependencies=dependencies, poll_recovery_point=sync
    )
    stage.watch("start_failover", lambda wire: failed_over.setdefault(wire["machine"], stage.now))
    stage.play(migrate_wave, SHOP)
    assert failed_over["mail1"] < failed_over["db1"] <= failed_over["web1"]
    assert failed_over["db1"] >= serves
