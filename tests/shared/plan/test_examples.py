"""The examples that people start from are plans that the front door takes."""

from pathlib import Path

import pytest

from cli.profiles_beside import ProfilesBeside
from shared.plan.reader import read_plan
from shared.plan.road_sections import sections

EXAMPLES = sorted(
    path for path in (Path(__file__).parents[3] / "examples").glob("*.yaml") if not path.name.endswith(".world.yaml")
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_valid_plan(path):
    assert read_plan(path.read_bytes(), "application/yaml", profiles=ProfilesBeside(path)).waves


def test_the_mixed_example_goes_three_roads():
    mixed = read_plan(next(path for path in EXAMPLES if path.stem == "mixed").read_bytes(), "application/yaml")

    assert [(each.name, each.plan.scenario) for each in sections(mixed)] == [
        ("", "aws-to-azure"),
        ("archive", "hyperv-to-azure"),
        ("shop", "azure-to-azure"),
    ]
