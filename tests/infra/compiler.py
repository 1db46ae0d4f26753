"""The real Bicep compiler for the tests that have one: `bicep` on the path, or the one that AZFERRY_BICEP names."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

INFRA = Path(__file__).parents[2] / "infra"  # not from bicep.py: the worker's environment has no parser
LACKS = "no Bicep compiler here: put bicep on the path or name it in AZFERRY_BICEP"
HOME, OTHER = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"


def find() -> str:
    """Return the program, empty where there is none."""
    return shutil.which(os.environ.get("AZFERRY_BICEP", "") or "bicep") or ""


def not_run(stats: dict[str, list[pytest.TestReport]]) -> int:
    """Count the tests that were not run for want of a compiler."""
    return sum(LACKS in str(report.longrepr) for report in stats.get("skipped", ()))


def compiler(*arguments: str, folder: Path = INFRA) -> subprocess.CompletedProcess[str]:
    """Run the compiler; skip the test where there is none."""
    program = find() or pytest.skip(LACKS)
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def predicted(folder: Path, **parameters: Any) -> tuple[list[dict[str, Any]], str]:
    """Return the resources that a deployment with these parameters would make, and what the compiler says."""
    shutil.copytree(INFRA, folder, dirs_exist_ok=True)
    given = {"environmentName": "ferry", "location": "westeurope"} | parameters
    lines = [f"param {name} = {_literal(value)}" for name, value in given.items()]
    (folder / "some.bicepparam").write_text("\n".join(["using 'main.bicep'", *lines, ""]))
    where = ("--subscription-id", HOME, "--tenant-id", OTHER, "--location", "westeurope")
    ran = compiler("snapshot", "some.bicepparam", *where, folder=folder)
    kept = folder / "some.snapshot.json"
    return (json.loads(kept.read_text())["predictedResources"] if kept.is_file() else []), ran.stderr


def _literal(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)
