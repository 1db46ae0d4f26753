"""Profiles on the command line: listed, shown, set with what differs, dropped; and found by what this machine reads itself."""

import json

import pytest
import yaml

from shared.plan.schema import EXAMPLE

SETTINGS = {"target": EXAMPLE["target"], "limits": {"cuttingOver": 5}}
CHANGES = [
    {"version": 2, "at": "2026-11-21T08:00:00Z", "by": "bob", "comment": "more", "changes": ["limits: 5 becomes 6"]},
    {"version": 1, "at": "2026-11-20T08:00:00Z", "by": "ann"},
]


@pytest.fixture
def kept(prepared):
    about = {"description": "Production", "at": "2026-11-21T08:00:00Z", "by": "bob"}
    shown = {"name": "prod-weu", "version": 2, "settings": SETTINGS, "versions": CHANGES} | about
    prepared.profiles["prod-weu"] = shown
    return prepared


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "prod-weu.yaml"
    file.write_text(json.dumps(SETTINGS | {"limits": {"cuttingOver": 6}}))
    return file


@pytest.fixture
def plan(tmp_path):
    folder = tmp_path / "plans"
    (folder / "profiles").mkdir(parents=True)
    file = folder / "plan.yaml"
    file.write_text(
        yaml.safe_dump({key: value for key, value in EXAMPLE.items() if key != "target"} | {"profile": "prod-weu"})
    )
    return file


def sent(prepared, method):
    return [each for each in prepared.requests if each[0] == method]


@pytest.mark.usefixtures("kept")
def test_profiles_are_listed_and_one_is_shown_as_a_file_with_its_changes_as_comments(ask):
    listed = ask("target-profiles").stdout
    shown = ask("target-profiles", "prod-weu").stdout

    assert "prod-weu" in listed
    assert "Production" in listed
    first, second, *settings_lines = shown.splitlines()
    assert ("# version 1, 2026-11-20, by ann", "# version 2, 2026-11-21, by bob (more): limits: 5 becomes 6") == (
        first,
        second,
    )
    assert SETTINGS == yaml.safe_load(shown)
    assert settings_lines


def test_no_profile_is_said_with_what_makes_one(ask):
    assert "azferry target-profiles NAME --set FILE" in ask("target-profiles").stdout


def test_what_differs_is_shown_and_set_once_somebody_says_yes(ask, kept, settings):
    assert 1 == ask("target-profiles", "prod-weu", "--set", settings, input="n\n").exit_code
    assert [] == sent(kept, "PUT")

    answer = ask("target-profiles", "prod-weu", "--set", settings, "--comment", "more", input="y\n")

    assert "limits/cuttingOver: 5 becomes 6" in answer.stdout
    assert "prod-weu is in version 3" in answer.stdout
    (put,) = sent(kept, "PUT")
    assert ('"profile-2"', "more") == (put[2]["if-match"], put[4]["comment"])


def test_the_first_version_is_set_only_where_there_is_none(ask, prepared, settings):
    assert 0 == ask("target-profiles", "prod-weu", "--set", settings, "--yes").exit_code

    assert "*" == sent(prepared, "PUT")[0][2]["if-none-match"]


def test_settings_that_are_not_valid_are_not_sent(ask, prepared, settings):
    settings.write_text("target: {region: West Europe}\nwaves: []\n")
    answer = ask("target-profiles", "prod-weu", "--set", settings, "--yes")

    assert (1, []) == (answer.exit_code, prepared.requests)
    assert "line 1, column 10, /target/region" in answer.stderr
    assert "line 2, column 1, /waves" in answer.stderr


def test_a_profile_is_dropped_once_somebody_says_yes(ask, kept):
    assert 1 == ask("target-profiles", "prod-weu", "--drop", input="n\n").exit_code
    assert 0 == ask("target-profiles", "prod-weu", "--drop", "--yes", "--comment", "old").exit_code

    (dropped,) = sent(kept, "DELETE")
    assert "old" == dropped[4]["comment"]


@pytest.mark.parametrize("line", [("--drop",), ("prod-weu", "--drop", "--set", __file__)])
def test_what_makes_no_sense_is_refused_before_anything_is_asked(ask, prepared, line):
    assert 2 == ask("target-profiles", *line).exit_code
    assert [] == prepared.requests


def test_a_plan_finds_its_profile_beside_it_without_any_app(run, plan, settings, unreachable):
    settings.rename(plan.parent / "profiles" / "prod-weu.yaml")

    checked = run("--url", unreachable, "validate", plan, "--local")
    proposed = run("--url", unreachable, "waves", plan, "-o", "json")

    assert (0, 0) == (checked.exit_code, proposed.exit_code)
    assert "it lies upon profile prod-weu as this machine finds it" in checked.stdout
    assert json.loads(proposed.stdout)["valid"]


@pytest.mark.usefixtures("kept")
def test_without_a_file_beside_it_the_apps_profile_is_taken_and_a_list_repeats_nothing_of_it(ask, plan, tmp_path):
    machines = tmp_path / "list.csv"
    machines.write_text("name,wave,instanceId\nshop-web2,shop,i-0aaa2222\n")

    imported = ask("import", machines, "--into", plan)

    assert "the plan is valid" in imported.stdout
    assert "target" not in yaml.safe_load(plan.read_text())


def test_a_profile_that_nobody_has_is_told_with_those_that_are_there_or_that_nobody_could_be_asked(
    ask, run, kept, plan, unreachable
):
    kept.profiles["dev"] = kept.profiles.pop("prod-weu") | {"name": "dev"}

    known = ask("validate", plan)
    alone = run("--url", unreachable, "validate", plan)
    here = run("validate", plan, "--local")

    assert "/profile: there is no profile 'prod-weu'; there are dev" in known.stderr
    assert "no profiles/prod-weu.yaml beside the plan, and no app answers" in alone.stderr
    assert "no profiles/prod-weu.yaml beside the plan" in here.stderr
    assert {1} == {each.exit_code for each in (known, alone, here)}


def test_a_fault_in_the_file_of_a_profile_names_that_file(run, plan, settings):
    settings.write_text(settings.read_text().replace('"region"', '"zone": "9", "region"'))
    settings.rename(plan.parent / "profiles" / "prod-weu.yaml")

    answer = run("validate", plan, "--local")

    assert 1 == answer.exit_code
    assert "1 error in profiles/prod-weu.yaml" in answer.stderr
    assert "/target/zone" in answer.stderr
