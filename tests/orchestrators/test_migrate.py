"""A round, from assessment to the last wave."""

import pytest

from orchestrators.migrate import migrate
from shared.contracts import contracts
from shared.contracts.requests import Submitted
from shared.contracts.rounds import Member, RoadWalk, Round, Waves
from shared.models import Done
from shared.problems import Refused
from tests.orchestrators.happy_path import PREPARATION, PREPARE, happy_stage

ROUND = Round(migration="finance.1")
DB = Member(name="db1")


def refuse(wire):
    raise Refused("the vault's name is taken")


def test_the_plans_own_phases_come_before_the_waves():
    stage = happy_stage(DB)

    assert Done() == stage.play(migrate, ROUND)
    order = [name for name in stage.journal if name in (*contracts.PLAN_PHASES, "migrate_wave")]
    assert [*contracts.PLAN_PHASES, "migrate_wave"] == order


def test_the_whole_itinerary_is_walked_in_order():
    stage = happy_stage(DB)
    stage.play(migrate, ROUND)

    walked = [name for name in stage.journal if name in contracts.MACHINE_PHASES]
    cutover = ["quiesce", "stop_source", "fail_over", "verify", "accept", "complete_migration"]
    assert [*PREPARE, *cutover, "clean_up"] == walked


def test_a_refused_phase_of_the_plan_ends_the_round_before_any_machine_is_touched():
    stage = happy_stage(DB, ensure_vault=refuse)

    with pytest.raises(Refused, match="taken"):
        stage.play(migrate, ROUND)

    assert "migrate_wave" not in stage.journal
    assert stage.journal[-1] == "end_round"


def test_a_road_whose_preparation_is_refused_ends_its_own_machines_and_the_other_roads_go_on():
    def refuse_second(wire):
        return refuse(wire) if wire.get("wave") == "lab" else Submitted()

    roads = (RoadWalk(phases=PREPARATION, waves=("shop",)), RoadWalk(wave="lab", phases=PREPARATION, waves=("lab",)))
    walks = Waves(phases=("assess",), roads=roads)
    stage = happy_stage(DB, begin_round=lambda wire: walks, ensure_vault=refuse_second)

    assert Done() == stage.play(migrate, ROUND)
    assert [request["wave"] for name, request in stage.calls if name == "end_road"] == ["lab"]
    assert "finance.1.shop.db1.fail_over.1" in stage.instances
    assert "finance.1.lab.migrate_wave.1" not in stage.instances


def test_the_rules_are_taken_back_when_the_waves_are_through():
    stage = happy_stage(DB)
    stage.play(migrate, ROUND)

    assert stage.journal[-2:] == ["close_rules", "end_round"]


def test_playing_it_twice_asks_the_same():
    first, second = happy_stage(DB), happy_stage(DB)
    first.play(migrate, ROUND)
    second.play(migrate, ROUND)

    assert first.calls == second.calls


def test_every_instance_has_an_id_that_an_operator_can_guess():
    stage = happy_stage(DB)
    stage.play(migrate, ROUND)

    assert "finance.1.shop.db1.fail_over.1" in stage.instances
    assert "finance.1.prepare_vault.1" in stage.instances
