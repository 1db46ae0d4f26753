"""A wave: preparing all at once, cohorts as they are approved, the end told to those who wait."""

from datetime import timedelta

from orchestrators.migrate_wave import migrate_wave
from shared.models import Done
from shared.problems import Refused
from shared.requests import Cohorts, Member, Seen
from tests.orchestrators.happy import PLAN, PREPARE, happy_stage

SHOP = PLAN.but(wave="shop", phase="migrate_wave")
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
        return Seen(settled=True)

    stage = happy_stage(DB, WEB, look_sync=refuse_db)

    assert Done() == stage.play(migrate_wave, SHOP)
    assert "end_wave" in stage.journal


def test_a_partial_approval_cuts_over_while_the_rest_still_prepares():
    def sync(wire):
        if wire["machine"] == "web1" and stage.now < slow:
            return Seen(patience=3_600)
        return Seen(settled=True)

    def approval(wire):
        taken = wire.get("taken", 0)
        if taken == 0:
            return Cohorts(taken=1, cohorts=((DB,),), patience=600)
        if wire.get("prepared") and taken == 1:
            return Cohorts(taken=2, cohorts=((WEB,),), settled=True)
        return Cohorts(taken=taken, settled=taken == 2, patience=600)

    stage = happy_stage(DB, WEB, look_sync=sync, look_approval=approval)
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

    stage = happy_stage(DB, look_approval=approval)

    def person():
        decided.append(1)
        asked = [wire for name, wire in stage.asked if name == "look_approval"][-1]
        stage.tell(asked["instance"], asked["event"])

    stage.do(timedelta(hours=7), person)
    started = stage.now

    stage.play(migrate_wave, SHOP)

    assert stage.now - started < timedelta(hours=10)


def test_a_machine_that_resumes_after_the_approval_is_not_prepared_again():
    stage = happy_stage(DB.but(resume_at="verify"))

    stage.play(migrate_wave, SHOP)

    assert not [name for name in stage.journal if name in PREPARE]
    assert "complete_migration" in stage.journal
    assert "stop_source" not in stage.journal


def test_a_wave_without_machines_ends():
    assert Done() == happy_stage().play(migrate_wave, SHOP)


def test_a_wave_of_a_thousand_machines_is_walked_as_a_tree():
    members = [Member(name=f"m{number}") for number in range(1_000)]
    stage = happy_stage(*members, look_approval=lambda wire: Cohorts(settled=True))

    stage.play(migrate_wave, SHOP)

    assert stage.journal.count("initial_sync") == 1_000
