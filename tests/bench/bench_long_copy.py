"""Measures what a day of copying costs: a fleet whose first copies take days, beside one whose take hours.

`python -m tests.bench.bench_long_copy [COUNT]`. What both have in common falls out: what is left is divided by machines and days.
"""

# ruff: noqa: T201 - a bench prints its table
import logging
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_road import Figures, measured
from tests.bench.fleet import played

COUNT, SLOWER = 10, 40.0  # of copies that take two hours


def figures(count: int, slower: float) -> Figures:
    """Play one fleet on a stack of its own."""
    with tempfile.TemporaryDirectory() as folder, played(count, Path(folder), slower) as run:
        return measured(run, count)


def main(count: int) -> None:
    """Print what each day of copying adds, for the fleet and for one of its machines."""
    logging.disable(logging.WARNING)
    short, long = figures(count, 1.0), figures(count, SLOWER)
    days = (long.makespan - short.makespan) / 86_400
    print(f"{count} machines, copied for {days:.1f} days longer; each day adds")
    rows = (
        ("table requests", short.stored.of_tables, long.stored.of_tables),
        ("ARM calls", short.calls * count, long.calls * count),
        ("  of these, listings", short.listings, long.listings),
        ("turns of orchestrators", short.turns * count, long.turns * count),
        ("activities", short.activities * count, long.activities * count),
        ("history, kB", short.history * count / 1000, long.history * count / 1000),
        ("host CPU, s", short.cpu * count, long.cpu * count),
    )
    for name, few, many in rows:
        day = (many - few) / days
        print(f"  {name:26}{day:12,.1f} for all {day / count:12,.2f} a machine")
    for name, count_ in (long.stored.operations - short.stored.operations).most_common():
        print(f"    table {name:26}{count_ / days:12,.1f}")
    for process in long.processes:
        print(f"  {process.name + ', peak memory':26}{process.peak:12,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
