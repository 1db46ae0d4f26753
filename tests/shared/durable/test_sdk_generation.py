"""An app on another generation of the Durable SDK does not start, and says why in a sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[3]
METADATA = "Metadata-Version: 2.1\nName: azure-functions-durable\nVersion: {}\n"


@pytest.fixture
def started_with(tmp_path):
    """Import the app in a process of its own, where this version of the SDK is what is installed."""

    def start(version):
        folder = tmp_path / f"azure_functions_durable-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(METADATA.format(version))
        path = {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(HOME)))}
        command = [sys.executable, "-c", "import function_app"]
        return subprocess.run(
            command, env=os.environ | path, cwd=HOME, capture_output=True, text=True, timeout=120, check=False
        )

    return start


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0b1", "10.0.0"])
def test_an_app_on_another_generation_is_refused_at_its_start(started_with, version):
    ended = started_with(version)

    assert 1 == ended.returncode
    assert ended.stderr.splitlines()[-1] == (
        f"RuntimeError: azferry needs azure-functions-durable 1.x, and {version} is installed, which speaks another "
        "protocol: install the packages of requirements.txt."
    )


def test_an_app_on_its_own_generation_starts(started_with):
    ended = started_with("1.99.0")

    assert (0, "") == (ended.returncode, ended.stderr)
