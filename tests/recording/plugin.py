"""A pytest plugin that notes what the app asks of AWS and Azure over a test run: `pytest -p tests.recording.plugin`.

The notes go to `.local/recorded/operations` (or where AZFERRY_TEST_RECORDING says); `python -m tests.recording.check`
compares them with what is granted.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.recording import hooks

NOTES = hooks.ROOT / ".local" / "recorded" / "operations"
SITE = Path(__file__).parent / "site"


def pytest_configure(config: pytest.Config) -> None:
    """Listen here and in every process that is started from here."""
    if os.environ.get(hooks.FOLDER):
        # a worker of xdist: its own start has installed the listener
        if "recording_hooks" not in sys.modules and not hasattr(config, "workerinput"):
            hooks.install()
        return
    shutil.rmtree(NOTES, ignore_errors=True)
    NOTES.mkdir(parents=True)
    os.environ[hooks.FOLDER] = str(NOTES)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SITE), os.environ.get("PYTHONPATH")]))
    hooks.install()
