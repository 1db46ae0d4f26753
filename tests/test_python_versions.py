"""The app compiles on every Python it promises to run on, as far as this machine has them."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYENV = Path.home() / ".pyenv" / "versions"
COMPILED = (
    ROOT / ".local" / "compiled"
)  # only here, and only of files without any warning: those that stay are not compiled again
CODE = ["function_app.py", "triggers", "orchestrators", "activities", "shared", "cli", "local"]


def pythons():
    """Every Python 3.11 to 3.13 that is found and runs; at least the one that runs the tests."""
    found = {sys.version_info[:2]: sys.executable}
    for minor in (11, 12, 13):
        on_path = [path] if (path := shutil.which(f"python3.{minor}")) else []
        for candidate in [*on_path, *(str(path) for path in sorted(PYENV.glob(f"3.{minor}.*/bin/python")))]:
            if (3, minor) not in found and runs(candidate, minor):
                found[3, minor] = candidate
    return [pytest.param(path, id=f"{major}.{minor}") for (major, minor), path in sorted(found.items())]


def runs(python, minor):
    """A pyenv shim may stand on PATH and yet refuse."""
    ask = f"import sys; sys.exit(sys.version_info[:2] != (3, {minor}))"
    return subprocess.run([python, "-c", ask], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", pythons())
def test_the_code_compiles(python):
    compiled = subprocess.run(
        # Warnings are errors here too: an invalid escape is one today and a failure tomorrow.
        [
            python,
            "-W",
            "error",
            "-X",
            f"pycache_prefix={COMPILED}",
            "-m",
            "compileall",
            "-q",
            "-x",
            "node_modules",
            *CODE,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert compiled.returncode == 0, compiled.stdout + compiled.stderr
