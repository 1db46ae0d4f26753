"""What a source has is listed on the command line, kept as a file that `import` reads; selections are shown."""

import json

import pytest
import yaml

from shared.reporting.inventory import InventoriedMachine, Inventory
from shared.reporting.selection_views import SelectedMachine, SelectionPreview, SelectionView
from tests.cli.answering import body_of
from tests.cli.test_starting import PLAN

WEB = InventoriedMachine(
    name="web1", instance_id="i-0aaa1111", state="running", os_name="Ubuntu", covered_by=("finance.1",)
)
DB = InventoriedMachine(name="db1", instance_id="i-0aaa2222", blocked=True, concerns=("spot-instance",))
ON_EC2 = ("--scenario", "aws-to-azure", "--region", "eu-west-1")


@pytest.fixture
def found(prepared):
    prepared.inventory = Inventory(id="inventory-1a2b", uncovered=1, target_known=False, machines=(WEB, DB))
    return prepared


def test_machines_are_listed_with_what_covers_them_and_what_would_stop_them(ask, found):
    answer = ask("inventory", *ON_EC2)

    assert 0 == answer.exit_code
    assert "finance.1" in answer.stdout
    assert "would be stopped: spot-instance" in answer.stdout
    assert "2 machines shown; no plan covers 1" in answer.stdout
    assert {"place": {"scenario": "aws-to-azure", "source": {"aws": {"region": "eu-west-1"}}}, "plans": []} == body_of(
        found.requests[0]
    )


def test_the_place_may_be_that_of_a_plan_and_options_go_before_it(ask, found, tmp_path):
    like, other = tmp_path / "like.yaml", tmp_path / "other.yaml"
    like.write_text(
        yaml.safe_dump({"source": {"aws": {"region": "eu-west-1"}}, "target": {"region": "x"}, "waves": []})
    )
    other.write_text("name: other\n")

    ask("inventory", "--like", like, "--vpc", "vpc-0abc1234", "--plan", other)

    body = body_of(found.requests[0])
    assert {"region": "eu-west-1", "vpcId": "vpc-0abc1234"} == body["place"]["source"]["aws"]
    assert ({"region": "x"}, False) == (body["place"]["target"], "waves" in body["place"])
    assert [{"name": "other.yaml", "text": "name: other\n"}] == body["plans"]


def test_only_what_no_plan_covers_is_shown_where_that_is_wanted(ask, found):
    data = json.loads(ask("inventory", *ON_EC2, "--uncovered", "-o", "json").stdout)

    assert ["db1"] == [each["name"] for each in data["machines"]]


def test_it_is_written_as_a_list_and_the_next_command_is_told(ask, found, tmp_path):
    answer = ask("inventory", *ON_EC2, "--csv", tmp_path / "found.csv", "--json", tmp_path / "found.json")

    assert "an inventory as csv" == (tmp_path / "found.csv").read_text()
    assert "an inventory as json" == (tmp_path / "found.json").read_text()
    assert "azferry import" in answer.stdout


@pytest.mark.parametrize("line", [(), ("--region", "eu-west-1")])
def test_without_a_road_nothing_is_asked(ask, found, line):
    answer = ask("inventory", *line)

    assert (2, []) == (answer.exit_code, found.requests)


def test_a_file_that_is_no_plan_is_told(ask, found, tmp_path):
    (tmp_path / "like.yaml").write_text("- a list\n")

    answer = ask("inventory", "--like", tmp_path / "like.yaml")

    assert (2, []) == (answer.exit_code, found.requests)


def test_selections_are_shown_with_what_other_entries_have(ask, prepared):
    web = SelectedMachine(name="web1", source_id="i-0aaa1111", source_name="Shop Web 1")
    entries = (
        SelectionView(wave="shop", selects="App=shop", machines=(web,), elsewhere=("i-0aaa2222",)),
        SelectionView(wave="crm", selects="name crm*"),
    )
    prepared.selections = SelectionPreview(plan="finance", entries=entries, listed=3)

    answer = ask("selectors", PLAN)

    assert "wave shop, App=shop: 1 machine" in answer.stdout
    assert "Shop Web 1" in answer.stdout
    assert "belong to other entries: i-0aaa2222" in answer.stdout
    assert "wave crm, name crm*: 0 machines" in answer.stdout


def test_a_plan_without_selections_is_told_so(ask, prepared):
    prepared.selections = SelectionPreview(plan="finance")

    assert "none is selected" in ask("selectors", PLAN).stdout
    assert [] == json.loads(ask("selectors", PLAN, "-o", "json").stdout)["entries"]
