"""Runs only where Microsoft's worker library is installed: `make test` makes such a place when it finds Python 3.13."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAMPLE = ROOT / "tests" / "local" / "host" / "sample_app"

# pytest fails when this leaves nothing to run, so that a broken installation cannot pass in silence.
collect_ignore_glob = [] if importlib.util.find_spec("azure_functions_runtime") else ["*"]


def ask(script: str, app: Path, given: str = "", **environment: str) -> Any:
    """Run one of the scripts of this folder on an app and give what it said."""
    completed = subprocess.run(
        [sys.executable, str(HERE / script), str(app)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT) if script == "indexed.py" else ""} | environment,
    )
    assert completed.returncode == 0, completed.stderr
    return json.loads(completed.stdout)


@pytest.fixture
def invoke(request: pytest.FixtureRequest) -> Callable[..., dict[str, Any]]:
    """Load an app with the worker library and run one of its functions."""

    def run(app: Path, function: str, inputs: Any, metadata: Any = None, **environment: str) -> dict[str, Any]:
        calls = [{"function": function, "inputs": inputs, "metadata": metadata or {}}]
        answer = ask("worker.py", app, json.dumps(calls), **environment)
        assert "failed" not in answer, answer
        return answer["answers"][0]

    return run
