"""A real PowerShell for the tests that have one: `pwsh` on the path, or the one that AZFERRY_PWSH names."""

import os
import shutil

import pytest

LACKS = "no PowerShell here: put pwsh on the path or name it in AZFERRY_PWSH"


def find() -> str:
    """Return the program, empty where there is none."""
    named = os.environ.get("AZFERRY_PWSH", "")
    return shutil.which(named or "pwsh") or ""


def needed() -> str:
    """Return the program; skip the test where there is none. The summary of a run counts these."""
    return find() or pytest.skip(LACKS)


def not_run(stats: dict[str, list[pytest.TestReport]]) -> int:
    """Count the tests that were not run for want of a PowerShell."""
    return sum(LACKS in str(report.longrepr) for report in stats.get("skipped", ()))
