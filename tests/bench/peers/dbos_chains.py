"""DBOS with its state in SQLite: prints the seconds for many chains of steps that do nothing. Run by the peers' own Python."""

# ruff: noqa: T201 - what it prints is read
import sys
import tempfile
import time
from pathlib import Path

from dbos import DBOS


@DBOS.step()
def nothing(value: int) -> int:
    """Do nothing."""
    return value


@DBOS.workflow()
def chain(length: int) -> int:
    """Do nothing many times, one after another."""
    value = 0
    for _ in range(length):
        value = nothing(value)
    return value


def main(count: int, length: int) -> None:
    """Run all chains at once, and wait for each."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'dbos.sqlite'}"
        DBOS(config={"name": "chains", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
        DBOS.launch()
        began = time.perf_counter()
        handles = [DBOS.start_workflow(chain, length) for _ in range(count)]
        if any(handle.get_result() != 0 for handle in handles):
            raise RuntimeError("a chain did not come to its end")
        print(time.perf_counter() - began)
        DBOS.destroy()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
