"""What the real compiler says of the templates: nothing; and they would make what is kept in snapshots/."""

import json
import shutil

import pytest

from tests.infra import kept
from tests.infra.compiler import HOME, PLACE, compiler, refusal

MEANT = "a change that is meant is kept by `python -m tests.infra.snapshots`"


def group(name: str, subscription: str = HOME) -> str:
    return f"/subscriptions/{subscription}/resourceGroups/{name}"


def test_the_compiler_has_nothing_to_say_of_any_file():
    output = compiler("build", "main.bicep", "--stdout")  # and of every module: test_bicep.py sees that each is called

    assert (output.stderr, output.returncode) == ("", 0)


@pytest.mark.parametrize("case", kept.CASES)
def test_the_templates_would_make_what_is_kept(case, tmp_path):
    (tmp_path / "main.json").write_text(compiler("build", "main.bicep", "--stdout").stdout)  # compiled once for all
    given = (kept.FOLDER / f"{case}.bicepparam").read_text()
    (tmp_path / f"{case}.bicepparam").write_text(given.replace("'../../../infra/main.bicep'", "'main.json'"))
    shutil.copy(kept.FOLDER / f"{case}.snapshot.json", tmp_path)
    output = compiler("snapshot", f"{case}.bicepparam", "--mode", "validate", *PLACE, folder=tmp_path)

    assert (0, "") == (output.returncode, output.stderr), f"{output.stdout}\n{MEANT}"


def test_everything_waits_for_what_it_needs():
    assert json.loads(kept.ORDER.read_text()) == kept.order(kept.compiled()), MEANT


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"targetGroups": "rg-finance"}, "not the id of a resource group: rg-finance"),
        ({"vaultGroups": group("rg-v") + "/providers/x/vaults/y"}, "not the id of a resource group"),
        ({"maximumInstanceCount": 30}, "minimum allowable value is 40"),
        ({"mayCreateGroups": "yes"}, "bool"),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_anything_is_made(parameters, words):
    assert words in refusal(**parameters)


def test_every_number_has_its_limits_and_every_choice_its_values():
    declared = kept.compiled()["parameters"]
    numbers = {name: each for name, each in declared.items() if each["type"] == "int"}

    assert {each["type"] for each in declared.values()} == {"string", "int", "bool", "object"}
    assert [] == [name for name, each in numbers.items() if not {"minValue", "maxValue", "defaultValue"} <= each.keys()]
    assert (numbers["maximumInstanceCount"]["minValue"], numbers["maximumInstanceCount"]["maxValue"]) == (40, 1000)
    assert declared["backend"]["allowedValues"] == ["azureStorage", "durableTaskScheduler"]
    assert [] == [
        name for name, each in declared.items() if not each.get("metadata", {}).get("description") and name != "tags"
    ]
