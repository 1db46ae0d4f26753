"""Writes anew what is kept of the templates, after a change that was meant: `python -m tests.infra.snapshots`."""

import json
import sys
from pathlib import Path

from tests.infra import kept
from tests.infra.compiler import PLACE, compiler


def main() -> int:
    """Return 0 where every snapshot and the order could be written."""
    for case in kept.CASES:
        done = compiler("snapshot", f"{case}.bicepparam", *PLACE, folder=kept.FOLDER)
        if done.returncode or done.stderr:
            sys.stderr.write(done.stderr)
            return 1
        _settle(kept.FOLDER / f"{case}.snapshot.json")
    kept.ORDER.write_text(json.dumps(kept.order(kept.compiled()), indent=2) + "\n")
    return 0


def _settle(snapshot: Path) -> None:
    """Put the outputs in order: the compiler writes them in another one each time."""
    predicted = json.loads(snapshot.read_text())
    snapshot.write_text(
        json.dumps(predicted | {"outputs": dict(sorted(predicted["outputs"].items()))}, indent=2) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
