"""Machines that are not rehosted stay in the list and are left out of the work."""

import pytest

from shared.plan.expand import expand
from shared.plan.reader import to_plan
from shared.plan.selection import SourceMatch
from shared.plan.strategies import left_out_of
from shared.problems import InvalidPlan


def faults(document):
    with pytest.raises(InvalidPlan) as refused:
        to_plan(document)
    return {each.pointer for each in refused.value.facts.errors}


def test_a_machine_without_a_word_is_rehosted(document):
    plan = to_plan(document)

    assert plan.working() is plan
    assert {} == left_out_of(plan)


def test_other_strategies_are_kept_in_the_plan_and_left_out_of_the_work(document):
    document["waves"][0]["machines"][1]["strategy"] = "retire"

    plan = to_plan(document)

    assert {"shop-web1": "retire"} == left_out_of(plan) == left_out_of(plan.working())
    assert 4 == sum(1 for _ in plan.entries())
    assert ["shop-db1", "", "rep1"] == [machine.name for _, machine in plan.working().entries()]
    assert plan.working().working() == plan.working()


def test_who_waits_for_a_wave_without_work_waits_for_what_it_waits_for(document):
    first = {"name": "base", "machines": [{"name": "base1", "source": {"instanceId": "i-0ccc3333"}}]}
    shop, reporting = document["waves"]
    shop["dependsOn"] = ["base"]
    shop["machines"] = [{**shop["machines"][1], "strategy": "retain"}]
    document["waves"] = [first, shop, reporting]

    work = to_plan(document).working()

    assert [("base", ()), ("reporting", ("base",))] == [(wave.name, wave.depends_on) for wave in work.waves]


def test_no_rule_judges_a_machine_that_nobody_moves(document):
    """By name no EC2 instance is found; one that is retired need not be."""
    document["waves"][0]["machines"][1] |= {"source": {"name": "old"}, "target": {"privateIp": "10.1.1.999"}}
    assert {"/waves/0/machines/1/source/name", "/waves/0/machines/1/target/privateIp"} == faults(document)

    document["waves"][0]["machines"][1]["strategy"] = "retire"
    to_plan(document)


def test_names_are_unique_in_the_whole_list(document):
    document["waves"][0]["machines"][1] |= {"name": "rep1", "strategy": "retire"}

    assert {"/waves/1/machines/0/name"} == faults(document)


def test_a_plan_of_which_nothing_is_migrated_is_refused(document):
    for wave in document["waves"]:
        for machine in wave["machines"]:
            machine["strategy"] = "retain"

    assert {"/waves"} == faults(document)


def test_a_word_that_is_no_strategy_is_refused(document):
    document["waves"][0]["machines"][1]["strategy"] = "refactor"

    assert {"/waves/0/machines/1/strategy"} == faults(document)


@pytest.mark.parametrize(
    "source", [{"instanceId": "i-0aaa1111"}, {"privateIp": "10.0.2.20"}, {"tags": {"Keep": "yes"}}]
)
def test_tags_do_not_select_what_is_left_out(document, source):
    entry = document["waves"][0]["machines"][1]
    del entry["name"]
    entry |= {"source": source, "strategy": "retain"} | ({} if "tags" in source else {"name": "shop-web1"})
    tags = {"App": "shop", "Tier": "web"}
    stays = SourceMatch(instance_id="i-0aaa1111", name="web1", private_ip="10.0.2.20", tags={**tags, "Keep": "yes"})
    goes = SourceMatch(instance_id="i-0aaa2222", name="web2", private_ip="10.0.2.21", tags=tags)

    expanded = expand(to_plan(document).working(), [stays, goes]).plan

    assert ["shop-db1", "web2", "rep1"] == [machine.name for _, machine in expanded.entries()]
