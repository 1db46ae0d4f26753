"""The page of the guides is a table of proof: a row for each sentence with one test; and what no other test says of them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.concerns.judge import judge_machine
from shared.concerns.registry import RULES, MachineCase
from shared.concerns.source_facts import SourceFacts
from shared.concerns.target_facts import SupportedOs, TargetFacts
from shared.roads.table import ROADS
from shared.site_recovery.a2a import AzureToAzure
from shared.site_recovery.providers import PROVIDERS
from tests.shared.concerns.conftest import OLD_WINDOWS, SOUND, TARGET, WINDOWS, case  # noqa: F401 - a fixture

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "guides.md").read_text()
VERDICTS = {"done", "concern", "gate", "told", "newer wins", "out of date"}
GUIDES = re.compile(r"[ABCDE]\d+( [ABCDE]\d+)*")


def rows() -> list[list[str]]:
    """Give the cells of every numbered row."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in PAGE.splitlines()
        if re.match(r"\| \d+ \|", line)
    ]


def test_there_are_ninety_six_rows_in_the_guides_order() -> None:
    assert [int(row[0]) for row in rows()] == list(range(1, 97))
    assert {len(row) for row in rows()} == {6}
    assert [row[1] for row in rows() if not GUIDES.fullmatch(row[1])] == []
    first = [re.findall(r"[ABCDE]", row[1])[0] for row in rows()]
    assert first == sorted(first, key=lambda guide: {"D": 1, "E": 2}.get(guide, 0))


def test_each_row_has_a_verdict_and_one_test() -> None:
    assert {row[3] for row in rows()} <= VERDICTS
    assert [row[0] for row in rows() if len(re.findall(r"`tests/[\w/]+\.py::test_\w+`", row[5])) != 1] == []


def test_the_page_says_what_in_the_guides_is_out_of_date() -> None:
    (part,) = re.findall(r"## What is out of date\n(.+?)(?:\n## |$)", PAGE, re.DOTALL)
    assert {word for word in ("preview", "classic portal", "30 March 2026") if word not in part} == set()
    (part,) = re.findall(r"## Where the guides contradict each other\n(.+?)(?:\n## |$)", PAGE, re.DOTALL)
    assert len(re.findall(r"^\| \w", part, re.MULTILINE)) >= 12


def test_every_road_has_a_page_that_names_its_example() -> None:
    pages = {path.name: path.read_text() for path in (ROOT / "docs" / "roads").glob("*.md")}
    for scenario in {road.scenario for road in ROADS}:
        assert f"examples/{scenario}.yaml" in pages[f"{scenario}.md"], scenario
    for example in (ROOT / "examples").glob("*.yaml"):
        if not example.name.endswith(".world.yaml") and example.name != "mixed.yaml":
            assert any(f"examples/{example.name}" in text for text in pages.values()), example.name


MakeCase = Callable[..., MachineCase]
OF_THEIR_TIME = (
    *(TARGET.supported_os or ()),
    SupportedOs(name="Windows Server 2012 R2", versions=("6.3",)),
    SupportedOs(name="Windows Server 2012", versions=("6.2",)),
)
SYSTEMS = {
    "Windows Server 2008 R2 SP1": OLD_WINDOWS,
    "Windows Server 2012": WINDOWS.replace(os_name="Microsoft Windows Server 2012 Standard", os_version="6.2.9200"),
    "Windows Server 2012 R2": WINDOWS.replace(
        os_name="Microsoft Windows Server 2012 R2 Standard", os_version="6.3.9600"
    ),
    "Red Hat Enterprise Linux 6.7": SOUND.replace(os_name="Red Hat Enterprise Linux Server", os_version="6.7"),
}


def stopped_by(case: MakeCase, source: SourceFacts, target: TargetFacts = TARGET) -> set[str]:  # noqa: F811 - the fixture's
    """Give the critical concerns about a machine."""
    return {each.id for each in judge_machine(case(source, target=target)) if each.blocks}


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_that_the_guides_name_may_go(case: MakeCase, system: str) -> None:  # noqa: F811 - the fixture
    assert stopped_by(case, SYSTEMS[system], TARGET.replace(supported_os=OF_THEIR_TIME)) == set()


@pytest.mark.parametrize(
    ("change", "concern"),
    [
        ({"os_family": "windows", "architecture": "i386"}, "not-64-bit"),
        ({"os_family": "linux", "architecture": "i386"}, "not-64-bit"),
        ({"virtualization_type": "paravirtual", "os_name": "RHEL", "os_version": "6.7"}, "linux-paravirtual"),
    ],
)
def test_what_the_guides_exclude_is_stopped(case: MakeCase, change: dict[str, Any], concern: str) -> None:  # noqa: F811
    assert concern in stopped_by(case, SOUND.replace(**change))


def test_between_regions_no_server_stands_and_the_failover_is_committed() -> None:
    (road,) = [each for each in ROADS if each.scenario == "azure-to-azure"]
    assert not {"register_appliance", "install_agent", "open_security_groups"} & set(road.phases)
    assert AzureToAzure.commits


def test_ec2_is_replicated_as_physical_servers_are() -> None:
    of = {(each.scenario, each.mode): each.provider for each in ROADS}
    for mode in ("appliance", "configurationServer"):
        assert of["aws-to-azure", mode] == of["physical-to-azure", mode]
        assert not PROVIDERS[of["aws-to-azure", mode]].commits


def test_the_advice_about_root_certificates_is_that_of_the_guide() -> None:
    advice = RULES["root-certificates"].advice
    assert "Windows: install the latest updates" in advice
    assert "Linux: follow the distributor" in advice


def test_the_examples_show_a_launch_and_a_protection_and_check_their_applications() -> None:
    plans = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "examples").glob("aws-to-azure*.yaml")}
    launched = [each for each in plans.values() if (each.get("replication") or {}).get("appliance", {}).get("launch")]
    assert launched
    classic = plans["aws-to-azure.configuration-server"]
    assert classic["finish"]["protectTarget"]
    assert all(machine.get("verify") or wave.get("verify") for wave in classic["waves"] for machine in wave["machines"])
