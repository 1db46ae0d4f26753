"""Selections of several machines: alternatives, conditions, exclusions and patterns; and what of a plan means a machine."""

import time
from typing import Any

import pytest
import yaml

from shared.plan.expand import expand
from shared.plan.machines import Selector
from shared.plan.reader import read_plan, to_plan
from shared.plan.schema import EXAMPLE
from shared.plan.selection import SourceMatch, means, selects
from shared.problems import InvalidPlan

SHOP = {"App": "shop", "Stage": "prod"}
WEB1 = SourceMatch(instance_id="i-0aaa1111", name="shop-web1", private_ip="10.0.2.4", tags=SHOP | {"Tier": "web"})
WEB2 = SourceMatch(instance_id="i-0aaa2222", name="Shop-Web2", tags=SHOP | {"Tier": "web", "Stage": "test-2"})
DB = SourceMatch(instance_id="i-0aaa3333", name="shop-db", tags=SHOP, more_ips=("10.0.2.9",))
CRM = SourceMatch(instance_id="i-0bbb1111", name="crm")
ALL = (WEB1, WEB2, DB, CRM)


def selector(*alternatives: dict[str, Any]) -> Selector:
    return Selector.model_validate({"match": list(alternatives)})


def chosen(*alternatives: dict[str, Any]) -> list[str]:
    return [each.name for each in ALL if selects(selector(*alternatives), each)]


@pytest.mark.parametrize(
    ("alternatives", "names"),
    [
        ([{"tags": {"App": "shop"}}], ["shop-web1", "Shop-Web2", "shop-db"]),
        ([{"name": "shop-web*"}], ["shop-web1", "Shop-Web2"]),
        ([{"name": "*-d?"}], ["shop-db"]),
        ([{"name": "shop"}], []),
        ([{"tags": {"Stage": "test*"}}], ["Shop-Web2"]),
        ([{"tags": {"Tier": "*"}}], ["shop-web1", "Shop-Web2"]),
        ([{"tags": {"App": "SHOP"}}], []),
        ([{"tags": {"App": "shop"}, "name": "*web*"}], ["shop-web1", "Shop-Web2"]),
        ([{"name": "shop-db"}, {"name": "crm"}], ["shop-db", "crm"]),
        ([{"name": "*", "exclude": [{"tags": {"App": "shop"}}]}], ["crm"]),
        ([{"name": "*", "exclude": [{"tags": {"App": "shop"}, "name": "*web*"}]}], ["shop-db", "crm"]),
        ([{"name": "*", "exclude": [{"ids": ["I-0AAA1111", "10.0.2.9"]}, {"name": "crm"}]}], ["Shop-Web2"]),
        ([{"ids": ["10.0.2.4"]}], ["shop-web1"]),
        ([{"name": "shop.web1"}, {"name": "[a-z]*"}], []),
    ],
)
def test_conditions_hold_together_alternatives_add_up_and_exclusions_win(alternatives: Any, names: list[str]) -> None:
    assert names == chosen(*alternatives)


def test_no_pattern_takes_long() -> None:
    begun = time.process_time()

    assert not selects(selector({"name": "*a" * 100 + "b"}), SourceMatch(instance_id="i-1", name="a" * 250))
    assert time.process_time() - begun < 1  # one that backtracks takes years


def test_an_entry_that_matches_becomes_single_machines_without_those_that_an_exact_entry_has() -> None:
    exact = {"name": "db", "source": {"instanceId": "i-0aaa3333"}}
    plan = _plan(exact, {"source": {"match": [{"tags": {"App": "shop"}}]}})

    expanded = expand(plan, ALL)

    assert {"db", "shop-web1", "shop-web2"} == {machine.name for _, machine in expanded.plan.entries()}
    assert () == expanded.unmatched


def test_an_entry_that_matches_nothing_is_told_by_its_place() -> None:
    plan = _plan({"source": {"match": [{"name": "nothing-*"}]}})

    assert ("/waves/0/machines/0/source/match",) == expand(plan, ALL).unmatched


def test_machines_of_another_strategy_that_match_stay_where_they_are() -> None:
    retired = {"source": {"match": [{"name": "*web*"}]}, "strategy": "retire"}
    plan = _plan({"source": {"tags": {"App": "shop"}}}, retired).working()

    assert ["shop-db"] == [machine.name for _, machine in expand(plan, ALL).plan.entries()]


@pytest.mark.parametrize(
    ("entry", "where", "words"),
    [
        ({"match": []}, "/source/match", "at least 1"),
        ({"match": [{}]}, "/source/match/0", "at least one of tags, name, ids"),
        ({"match": [{"exclude": [{"name": "x"}]}]}, "/source/match/0", "at least one of tags, name, ids"),
        ({"match": [{"nmae": "x"}]}, "/source/match/0/nmae", "did you mean 'name'?"),
        ({"match": [{"name": "x"}], "tags": {"A": "b"}}, "/source", "exactly one of"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(entry: Any, where: str, words: str) -> None:
    with pytest.raises(InvalidPlan) as invalid:
        _plan({"source": entry})

    assert any(where in each.pointer and words in each.message for each in invalid.value.facts.errors)


def test_a_fault_in_a_condition_has_line_and_column() -> None:
    text = f"{_yaml(EXAMPLE)}".replace("instanceId: i-0aaa1111", "match:\n        - name: x\n          tgas: {}\n")

    with pytest.raises(InvalidPlan) as invalid:
        read_plan(text.replace("name: shop-web1\n      ", "").encode(), "")

    fault = next(each for each in invalid.value.facts.errors if each.pointer.endswith("/tgas"))
    assert "tgas" in text.replace("name: shop-web1\n      ", "").splitlines()[fault.line - 1][fault.column - 1 :]


def test_appliances_show_names_that_only_lists_name() -> None:
    with pytest.raises(InvalidPlan) as invalid:
        to_plan({**EXAMPLE, "scenario": "vmware-to-azure", "waves": _waves({"source": {"match": [{"name": "*"}]}})})

    assert any("is not possible for vmware-to-azure" in each.message for each in invalid.value.facts.errors)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ({"instanceId": "i-0aaa1111"}, True),
        ({"vmId": "I-0AAA1111"}, True),
        ({"privateIp": "10.0.2.4"}, True),
        ({"privateIp": "10.0.2.5"}, False),
        ({"name": "SHOP-WEB1"}, True),
        ({"tags": {"App": "shop"}}, True),
        ({"match": [{"name": "crm"}]}, False),
    ],
)
def test_every_kind_of_entry_means_machines_or_not(wanted: Any, meant: bool) -> None:
    assert meant is means(Selector.model_validate(wanted), WEB1)


def _plan(*entries: Any) -> Any:
    return to_plan({**EXAMPLE, "waves": _waves(*entries)})


def _waves(*entries: Any) -> Any:
    return [{"name": "shop", "machines": list(entries)}]


def _yaml(document: Any) -> str:

    return yaml.safe_dump(document, sort_keys=False)
