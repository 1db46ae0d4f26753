"""The habits themselves: CI's script is sound, and every word of the Makefile explains itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pip
import pytest
import yaml

ROOT = Path(__file__).parents[1]
CI = ROOT / ".ci" / "run"
WORDS = {"help", "setup", "check", "test", "run", "migrate", "bench", "soak", "histories", "wheel", "release"}


def run(*command, **environment):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | environment)


def test_the_script_of_ci_can_be_run():
    assert os.access(CI, os.X_OK)


def test_shellcheck_finds_nothing_in_the_script_of_ci():
    checked = run(str(Path(sys.executable).parent / "shellcheck"), str(CI))

    assert (0, "") == (checked.returncode, checked.stdout)


def test_make_alone_lists_every_word_with_its_meaning():
    shown = run("make", MAKEFLAGS="").stdout

    assert set(re.findall(r"^  make ([a-z]+) +\S", shown, re.MULTILINE)) == WORDS


def test_a_machine_without_python_3_13_is_told_what_did_not_run():
    output = run("make", "-s", "test-worker", "PYTHON_3_13=", MAKEFLAGS="")

    assert (0, 1) == (output.returncode, len(output.stdout.splitlines()))
    assert "did not run" in output.stdout


def test_a_worker_library_that_cannot_be_installed_is_a_failure(tmp_path):
    """The rule that makes its place is run on a copy whose requirements cannot be met.

    Its place borrows pip of this one, as unpacking another takes four seconds.
    """
    python = tmp_path / "python3.13"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@" --without-pip\n')
    python.chmod(0o755)
    (tmp_path / "borrowed").mkdir()
    (tmp_path / "borrowed" / "pip").symlink_to(Path(pip.__file__).parent)
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "tests" / "worker").mkdir(parents=True)
    (tmp_path / "tests" / "worker" / "requirements.txt").write_text("./nowhere\n")

    rule = ("make", "-C", str(tmp_path), ".venv313/requirements.stamp", f"PYTHON_3_13={python}")
    output = run(*rule, MAKEFLAGS="", PYTHONPATH=str(tmp_path / "borrowed"))

    assert output.returncode != 0
    assert "./nowhere" in output.stderr
    assert not (tmp_path / ".venv313" / "requirements.stamp").exists()


WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / ".github" / "workflows").glob("*.yml")}


def steps(name):
    (job,) = WORKFLOWS[name]["jobs"].values()
    return job, job["steps"]


def test_whoever_forks_has_all_tests_run_with_a_compiler_of_the_templates():
    job, done = steps("test")
    lines = [each.get("run", "") for each in done]

    assert lines[-1] == ".ci/run"
    assert any("AZFERRY_BICEP=" in line and "$BICEP" in line for line in lines[:-1])
    assert re.fullmatch(r"v\d+\.\d+\.\d+", WORKFLOWS["test"]["env"]["BICEP"]), "kept snapshots are those of one version"
    assert {"3.11", "3.13"} <= set(job["strategy"]["matrix"]["python"])
    assert WORKFLOWS["test"][True].keys() >= {"push", "pull_request"}, "YAML reads `on` as true"


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_may_no_more_than_it_needs_and_names_what_it_uses_by_version(name):
    used = [each["uses"] for each in steps(name)[1] if "uses" in each]

    assert {"contents": "read"}.items() <= WORKFLOWS[name]["permissions"].items()
    assert WORKFLOWS[name]["permissions"].keys() <= {"contents", "id-token"}
    assert [] == [each for each in used if not re.search(r"@v\d+$", each)]
    assert "secrets." not in (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()


def test_the_pipeline_of_azd_hands_on_every_variable_that_the_templates_take():
    taken = set(re.findall(r"\$\{(\w+)", (ROOT / "infra" / "main.parameters.json").read_text()))
    handed = set(yaml.safe_load((ROOT / "azure.yaml").read_text())["pipeline"]["variables"])
    of_azd = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_SUBSCRIPTION_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_ID"}

    assert taken <= handed | of_azd
    assert handed | of_azd == steps("azure-dev")[0]["env"].keys()


def test_the_pipeline_of_azd_provisions_before_it_publishes_and_only_when_asked():
    lines = [each["run"] for each in steps("azure-dev")[1] if "run" in each]

    assert ["azd provision --no-prompt", "azd deploy --no-prompt"] == lines[-2:]
    assert WORKFLOWS["azure-dev"][True].keys() == {"workflow_dispatch"}
