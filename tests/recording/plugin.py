"""A pytest plugin that notes what the app asks of AWS and Azure over a test run: `pytest -p tests.recording.plugin`.

Each run has a folder in `.local/recorded`; `python -m tests.recording.check` compares the newest with what is granted.
"""

import os
import shutil
import time
from pathlib import Path

import pytest

from tests.recording import hooks

RUNS = hooks.ROOT / ".local" / "recorded"
KEPT = 5
SITE = Path(__file__).parent / "site"


def runs() -> list[Path]:
    """Give the folders of the runs that are kept, the oldest first."""
    return sorted(RUNS.iterdir()) if RUNS.is_dir() else []


def pytest_configure(config: pytest.Config) -> None:
    """Listen here and in every process that is started from here; workers of xdist have been told by their parent."""
    if hasattr(config, "workerinput"):
        return
    for old in runs()[: -KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    os.environ[hooks.FOLDER] = str(RUNS / f"{time.time_ns()}-{os.getpid()}")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    hooks.install()
