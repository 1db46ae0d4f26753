"""Measures fleets on the whole AWS road, beside plain SDK scripts: `python -m tests.bench.bench_road [COUNT…]`."""

# ruff: noqa: T201 - a bench prints its table
import json
import logging
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from shared.plan.reader import read_plan
from tests.bench.counting import Process, Requests, processes, requests, turns
from tests.bench.critical_path import bound, steps
from tests.bench.estimate import estimate
from tests.bench.fleet import AN_APPLIANCE, Run, fleet_plan, played
from tests.bench.sdk_script import scripted

COUNTS = (10, 100, 300)
THREADS = 10
LARGE = 10_000
ESTIMATED = (100, 1_000, 10_000)


@dataclass(frozen=True)
class Figures:
    """What one fleet came to; the costs are per machine."""

    count: int
    makespan: float
    shortest: float
    calls: float
    asked_of_arm: Counter[str]
    ticks: int
    listings: int
    cpu: float
    history: float
    activities: float
    turns: float
    stored: Requests
    processes: list[Process]
    downtime: float
    worst_downtime: float
    wall: float
    accepted_within: float
    commands: float
    command_calls: float
    run_commands: float


def measured(run: Run, count: int) -> Figures:
    """Read the figures of a fleet that has arrived."""
    seen, machines = run.picture.migration, steps(run)
    if seen.started_at is None or seen.ended_at is None:
        raise RuntimeError("the migration has no beginning or no end")
    activities, turned = turns(run.stack.folder / "host")
    stored = requests(run.stack.folder / "azurite" / "azurite.log")
    ratios = [each.downtime / each.least_downtime for each in machines.values()]
    listings = [_matched(run, path) for path in ("*/replicationJobs", "*/vaults/*/replicationProtectedItems")]
    return Figures(
        count=count,
        makespan=(seen.ended_at - seen.started_at).total_seconds(),
        shortest=bound(run, machines),
        calls=_matched(run, "*") / count,
        asked_of_arm=Counter(run.control("log/summary")),
        ticks=_ticks(run),
        listings=sum(listings),
        cpu=run.host_cpu / count,
        history=_history(run.stack.folder / "host") / count,
        activities=activities / count,
        turns=turned / count,
        stored=stored,
        processes=processes(run.stack),
        downtime=mean(ratios),
        worst_downtime=max(ratios),
        wall=run.wall,
        accepted_within=run.accepted_within,
        commands=run.systems_manager()["SendCommand"] / count,
        command_calls=sum(run.systems_manager().values()) / count,
        run_commands=_posted(run, "*/runCommand") / count,
    )


def _matched(run: Run, path: str) -> int:
    """Count requests; the path of one item's listing lies under its vault, not under a container."""
    answer = run.control("log", path=path, method="GET" if path != "*" else "*", limit="0")
    return int(answer["matched"])


def _posted(run: Run, path: str) -> int:
    return int(run.control("log", path=path, method="POST", limit="0")["matched"])


def _ticks(run: Run) -> int:
    """Count the moments at which the watcher listed anything."""
    paths = ("*/replicationJobs", "*/vaults/*/replicationProtectedItems")
    return len({row["at"] for path in paths for row in run.control("log", path=path, limit="1000000")["entries"]})


def _history(folder: Path) -> int:
    """Give the bytes of all histories; a watcher keeps only its last ticks."""
    with closing(sqlite3.connect(f"file:{folder / 'durable.sqlite'}?mode=ro", uri=True)) as store:
        size = store.execute("SELECT sum(length(text) + length(coalesce(input, ''))) FROM history").fetchone()[0]
    return int(size)


def fleets(counts: tuple[int, ...]) -> list[Figures]:
    """Play each fleet on a stack of its own."""
    found = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder, played(count, Path(folder)) as run:
            found.append(measured(run, count))
        print(f"   {count} machines: {found[-1].wall:.0f} s of computing", file=sys.stderr)
    return found


Row = tuple[str, Callable[[Figures], str], str]
ROWS: tuple[Row, ...] = (
    ("makespan, hours", lambda result: f"{result.makespan / 3600:.2f}", ""),
    ("shortest possible, hours", lambda result: f"{result.shortest / 3600:.2f}", ""),
    ("  ratio", lambda result: f"{result.makespan / result.shortest:.3f}", "target 1.05"),
    ("ARM calls a machine", lambda result: f"{result.calls:.1f}", "target 30"),
    ("  of these, the watcher's listings", lambda result: f"{result.listings / result.count:.1f}", "shared by all"),
    (
        "ARM listings a tick of the watcher",
        lambda result: f"{result.listings / max(result.ticks, 1):.2f}",
        "pages of the vault",
    ),
    ("commands sent by SSM a machine", lambda result: f"{result.commands:.1f}", "target 3"),
    ("  SSM calls in all", lambda result: f"{result.command_calls:.1f}", "target 20"),
    ("run commands a machine", lambda result: f"{result.run_commands:.1f}", "this plan checks nothing"),
    ("downtime / (proof, stop, job, boot), mean", lambda result: f"{result.downtime:.3f}", "target 1.05"),
    ("  worst", lambda result: f"{result.worst_downtime:.3f}", ""),
    ("host CPU a machine, s", lambda result: f"{result.cpu:.2f}", ""),
    ("history a machine, kB", lambda result: f"{result.history / 1000:.1f}", ""),
    ("activities a machine", lambda result: f"{result.activities:.1f}", ""),
    ("turns of orchestrators a machine", lambda result: f"{result.turns:.1f}", ""),
    ("table requests a machine", lambda result: f"{result.stored.of_tables / result.count:.1f}", ""),
    ("  blobs, in all", lambda result: f"{result.stored.blobs}", ""),
    ("  queues, in all", lambda result: f"{result.stored.queues}", ""),
    ("202 for the start, s", lambda result: f"{result.accepted_within:.2f}", "target 1"),
    ("wall, s", lambda result: f"{result.wall:.0f}", ""),
)


def show(figures: list[Figures]) -> None:
    """Print the fleets side by side, and how the costs of a machine grow between the smallest and the largest."""
    print(f"{'machines':40}" + "".join(f"{each.count:>12,}" for each in figures))
    for name, tell, target in ROWS:
        print(f"{name:40}" + "".join(f"{tell(each):>12}" for each in figures) + f"   {target}")
    _show_counts(figures, "table requests a machine, by operation", lambda result: result.stored.operations)
    _show_counts(figures, "table requests a machine, by table", lambda result: result.stored.tables)
    _show_counts(figures, "ARM calls a machine, by operation", lambda result: result.asked_of_arm)
    for number, process in enumerate(figures[0].processes):
        took = [each.processes[number] for each in figures]
        columns = "".join(f"{f'{each.cpu:.0f} s, {each.peak:.0f} MB':>16}" for each in took)
        print(f"{f'{process.name}: CPU, peak memory':40}{columns}")
    first, last = figures[0], figures[-1]
    for name in ("cpu", "history", "activities", "turns"):
        growth = getattr(last, name) / getattr(first, name)
        print(f"growth of {name} a machine, {first.count} to {last.count}: {growth:.2f}   target 1.2")


def _show_counts(figures: list[Figures], title: str, count: Callable[[Figures], Counter[str]]) -> None:
    """Print counters side by side, the largest of the last fleet first."""
    print(title)
    for name, _ in count(figures[-1]).most_common():
        columns = "".join(f"{count(each)[name] / each.count:12.2f}" for each in figures)
        print(f"  {name:38}{columns}")


def show_estimates(largest: Figures) -> None:
    """Print what fleets would be billed for in Azure, from the counts of the largest one."""
    ledger = largest.stored.of_tables / largest.count
    print(f"\n{f'in Azure, from {largest.count} machines':40}" + "".join(f"{count:>14,}" for count in ESTIMATED))
    for name, each in estimate(largest.activities, largest.turns, ledger, largest.cpu):
        print(f"{name:40}" + "".join(f"{each * count:14,.0f}" for count in ESTIMATED))


def show_scripts(figures: list[Figures]) -> None:
    """Print what plain SDK scripts take for fleets of one appliance; they verify, approve, quiesce and survive nothing, and find their agents there."""
    print(f"\n{'plain SDK script':40}{'machines':>12}{'hours':>12}{'azferry':>12}{'calls each':>12}{'azferry':>12}")
    for each in (each for each in figures if each.count <= AN_APPLIANCE):
        for threads in (1, THREADS):
            outcome = scripted(each.count, threads)
            hours, ours = outcome.makespan / 3600, each.makespan / 3600
            name = f"{threads} threads" if threads > 1 else "one after another"
            print(
                f"{name:40}{each.count:12,}{hours:12.2f}{ours:12.2f}{outcome.calls / each.count:12.1f}{each.calls:12.1f}"
            )


def validation() -> float:
    """Return the seconds that it takes to read and validate a large plan."""
    body = json.dumps(fleet_plan(LARGE)).encode()
    begun = time.perf_counter()
    found = read_plan(body, "application/json")
    spent = time.perf_counter() - begun
    if sum(len(wave.machines) for wave in found.waves) != LARGE:
        raise RuntimeError("machines of the plan were lost")
    return spent


def main(counts: tuple[int, ...]) -> None:
    """Print the tables."""
    logging.disable(logging.WARNING)
    print(f"a plan of {LARGE:,} machines validated, s {validation():.1f}   target 10", flush=True)
    figures = fleets(counts)
    show(figures)
    show_estimates(figures[-1])
    show_scripts(figures)


if __name__ == "__main__":
    main(tuple(int(count) for count in sys.argv[1:]) or COUNTS)
