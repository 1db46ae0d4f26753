"""Freezes the recorded histories as those of a release: `python -m tests.orchestrators.histories.released`.

Every later build replays them: a frozen history stands for the migrations that run while that release is replaced.
"""

import sys
from pathlib import Path

from shared.version import VERSION
from tests.orchestrators.histories.recording import HISTORIES, History, kept

RELEASED = HISTORIES / "released"


def frozen(root: Path = RELEASED) -> list[tuple[str, History]]:
    """Give what was frozen, with the release that it is of."""
    folders = sorted(path for path in root.glob("*") if path.is_dir())
    return [(folder.name, history) for folder in folders for history in kept(folder)]


def freeze(version: str = VERSION, root: Path = RELEASED) -> Path:
    """Copy today's histories; those of a release are never written over. Raises `FileExistsError`."""
    folder = root / version
    folder.mkdir(parents=True)
    for path in sorted(HISTORIES.glob("*.json")):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


if __name__ == "__main__":
    try:
        print(f"frozen: {freeze()}")  # noqa: T201
    except FileExistsError as already:
        sys.exit(f"{already.filename} is there: raise VERSION in shared/version.py first")
