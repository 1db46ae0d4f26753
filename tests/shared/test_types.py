"""mypy --strict is the first test of an orchestrator: it catches a wrong reply, a wrong request, a forbidden deed.

All snippets go through one run of mypy, each as a module of its own.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".mypy_cache"
CRASHED = 2

HEAD = '''"""A snippet."""

from datetime import timedelta

from shared.contracts.contracts import POLL_JOB, STOP_SOURCE, STOP_SOURCE_MACHINE
from shared.contracts.requests import Poll, scoped_as
from shared.durable.seam import Activity, Context, Phase, Waits, call, run
from shared.models import Done, Model, Request, Scope


def body(context: Context, scope: Scope) -> Waits[Done]:
    """Do it."""
'''

GOOD = """
    seen = yield from call(context, STOP_SOURCE_MACHINE, scoped_as(scope, Poll))
    if not seen.settled:
        yield context.create_timer(context.current_utc_datetime + timedelta(seconds=seen.patience))
    return (yield from run(context, STOP_SOURCE, scope, "an-id"))
"""

# What is wrong, the snippet, mypy's code of it and a part of what mypy says.
WRONG = {
    "wrong_reply_attribute": (
        "    seen = yield from call(context, STOP_SOURCE_MACHINE, scoped_as(scope, Poll))\n    print(seen.setled)\n    return Done()\n",
        "attr-defined",
        '"PollResult" has no attribute "setled"',
    ),
    "wrong_reply_type": (
        "    return (yield from call(context, POLL_JOB, scoped_as(scope, Poll)))\n",
        "return-value",
        'expected "Done"',
    ),
    "wrong_request_type": (
        "    yield from call(context, POLL_JOB, scope)\n    return Done()\n",
        "misc",
        'Cannot infer value of type parameter "Input"',
    ),
    "no_request_at_all": (
        "    yield from call(context, POLL_JOB, Done())\n    return Done()\n",
        "type-var|misc",
        '"Input" of "call"',
    ),
    "forbidden_context_method": (
        '    yield context.call_http("GET", "http://127.0.0.1")\n    return Done()\n',
        "attr-defined",
        '"Context" has no attribute "call_http"',
    ),
    "unretried_activity": (
        '    yield context.call_activity("stop_source_machine", {})\n    return Done()\n',
        "attr-defined",
        '"Context" has no attribute "call_activity"',
    ),
    "activity_instead_of_phase": (
        '    return (yield from run(context, POLL_JOB, scoped_as(scope, Poll), "an-id"))\n',
        "arg-type",
        'expected "Phase',
    ),
}


def run_mypy(cache: Path, files: list[str]) -> subprocess.CompletedProcess[str]:
    """Look at the files as `make check` does."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(ROOT / "pyproject.toml")]
    command += ["--cache-dir", str(cache), "--no-error-summary", "--hide-error-context", *files]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def messages(tmp_path_factory) -> dict[str, list[str]]:
    """What one run of mypy says of each snippet."""
    folder = tmp_path_factory.mktemp("snippets")
    snippets = {"good": GOOD} | {name: snippet for name, (snippet, _, _) in WRONG.items()}
    for name, snippet in snippets.items():
        (folder / f"{name}.py").write_text(HEAD + snippet)
    cache, files = folder / "cache", [str(folder / f"{name}.py") for name in snippets]
    if KEPT.is_dir():
        shutil.copytree(
            KEPT, cache
        )  # what `make check` found out of the app; without it a look takes ten times as long
    ran = run_mypy(cache, files)
    if ran.returncode == CRASHED:  # copied while another mypy wrote it
        shutil.rmtree(cache)
        ran = run_mypy(cache, files)
    assert ran.returncode != CRASHED, ran.stderr
    lines = ran.stdout.splitlines()
    return {name: [line for line in lines if f"{name}.py:" in line and ": error:" in line] for name in snippets}


def test_the_right_use_of_the_seam_is_accepted(messages):
    assert [] == messages["good"]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_use_of_the_seam_is_caught(messages, name):
    _, codes, part = WRONG[name]

    assert any(re.search(rf"\[({codes})\]$", line) and part in line for line in messages[name]), messages[name]
