"""Run folders: `.local/runs/<stamp>/`, one for each start of the stack; the latest few are kept."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from .part import HOME

RUNS = HOME / ".local" / "runs"
KEPT = 10


def new_folder(runs: Path = RUNS) -> Path:
    """Make a fresh run folder; older ones beyond the latest few go."""
    runs.mkdir(parents=True, exist_ok=True)
    for old in sorted(runs.iterdir())[: -KEPT + 1]:
        if old.is_dir() and not (old / "running").exists():
            shutil.rmtree(old, ignore_errors=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    for number in range(1000):
        folder = runs / (stamp if number == 0 else f"{stamp}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(runs / stamp)
