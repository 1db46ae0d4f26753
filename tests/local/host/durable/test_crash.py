"""A host killed at any step or moment goes on after a restart: nothing lost, nothing recorded twice."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
SCRIPT = Path(__file__).parent / "crash_runs.py"


def runs(folder: Path, *arguments: object) -> tuple[dict[str, Any], int, list[tuple[str, dict[str, Any], bool]]]:
    """Return the end state of an undisturbed run, how many steps it took, and those of the killed ones."""
    command = [sys.executable, str(SCRIPT), str(folder), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (_, whole, steps), *killed = map(json.loads, done.stdout.splitlines())
    assert all(state is not None for _, state, _ in killed), done.stderr[-3000:]
    return whole, steps, [tuple(each) for each in killed]


def test_the_scenario_completes_undisturbed(tmp_path):
    whole, steps, _ = runs(tmp_path, "steps", 1, 1, 1)

    assert {status for _, status, *_ in whole["instances"]} == {"Completed"}
    assert len(whole["instances"]) == 9
    assert whole["twice"] == whole["inbox"] == 0
    assert steps > 50


@pytest.mark.parametrize("first", [1, 4])
def test_a_host_killed_at_any_step_comes_to_the_same_end(tmp_path, first):
    whole, _, killed = runs(tmp_path, "steps", first, 140, 6)

    assert sum(was_killed for *_, was_killed in killed) > 10
    for name, state, _ in killed:
        assert state == whole, name


def test_a_host_killed_at_random_moments_comes_to_the_same_end(tmp_path):
    whole, _, killed = runs(tmp_path, "moments", 7, 12)

    assert killed
    for name, state, _ in killed:
        assert state == whole, name


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_host_killed_at_two_hundred_random_moments_comes_to_the_same_end(tmp_path):
    whole, _, killed = runs(tmp_path, "moments", 1, 200)

    assert len(killed) >= 200
    for name, state, _ in killed:
        assert state == whole, name
