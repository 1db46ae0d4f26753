"""The habits themselves: CI's script is sound, and every word of the Makefile explains itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CI = ROOT / ".ci" / "run"
WORDS = {"help", "setup", "check", "test", "run", "migrate", "bench", "soak", "histories", "wheel"}


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
    told = run("make", "-s", "test-worker", "PYTHON_3_13=", MAKEFLAGS="")

    assert (0, 1) == (told.returncode, len(told.stdout.splitlines()))
    assert "did not run" in told.stdout


def test_a_worker_library_that_cannot_be_installed_is_a_failure(tmp_path):
    """The rule that makes its place is run on a copy whose requirements cannot be met."""
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "tests" / "worker").mkdir(parents=True)
    (tmp_path / "tests" / "worker" / "requirements.txt").write_text("./nowhere\n")

    told = run(
        "make", "-C", str(tmp_path), ".venv313/requirements.stamp", f"PYTHON_3_13={sys.executable}", MAKEFLAGS=""
    )

    assert told.returncode != 0
    assert not (tmp_path / ".venv313" / "requirements.stamp").exists()
