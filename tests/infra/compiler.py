"""The real Bicep compiler for the tests that have one: `bicep` on the path, or the one that AZFERRY_BICEP names."""

import json
import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

INFRA = Path(__file__).parents[2] / "infra"  # not from bicep.py: the worker's environment has no parser
LACKS = "no Bicep compiler here: put bicep on the path or name it in AZFERRY_BICEP"
HOME, OTHER = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
PLACE = ("--subscription-id", HOME, "--tenant-id", OTHER, "--location", "westeurope", "--deployment-name", "ferry")


def find() -> str:
    """Return the program, empty where there is none."""
    return shutil.which(os.environ.get("AZFERRY_BICEP", "") or "bicep") or ""


def not_run(stats: dict[str, list[pytest.TestReport]]) -> int:
    """Count the tests that were not run for want of a compiler."""
    return sum(LACKS in str(report.longrepr) for report in stats.get("skipped", ()))


@lru_cache
def compiler(*arguments: str, folder: Path = INFRA) -> subprocess.CompletedProcess[str]:
    """Run the compiler, once for each question; skip the test where there is none."""
    program = find() or pytest.skip(LACKS)
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def refusal(**parameters: Any) -> str:
    """Return what the compiler says of a deployment with these parameters; empty where it would go through."""
    given = {"environmentName": "ferry", "location": "westeurope"} | parameters
    lines = [f"param {name} = {_literal(value)}" for name, value in given.items()]
    with TemporaryDirectory() as folder:
        some = Path(folder) / "some.bicepparam"
        (Path(folder) / "main.json").write_text(compiler("build", "main.bicep", "--stdout").stdout)
        some.write_text("\n".join(["using 'main.json'", *lines, ""]))  # the template is compiled once for all
        return compiler("snapshot", "some.bicepparam", *PLACE, folder=Path(folder)).stderr


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)
