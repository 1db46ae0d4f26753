"""Durations from what an earlier migration measured: how long jobs took, how fast disks were copied, how long machines were down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any, Final

from shared.roads.table import row_of

from ..simulator.durations import Durations
from ..simulator.site_recovery.templates import SECONDS, TEMPLATES, template_of
from .reading import Events

GIB: Final = 1024**3
ENDED: Final = "job-ended-"
WELL: Final = " ended well"
SCRIPT: Final = "vm.script"  # the simulator's name for a script of the plan's own on a VM in Azure
RATE_OF: Final = {"A2A": "azure-vm"}  # others: machine


@dataclass(frozen=True)
class Measured:
    """What reports of earlier migrations tell of durations."""

    seconds: Mapping[str, float]
    rates: Mapping[str, float]
    downtimes: tuple[float, ...]
    basis: tuple[str, ...]


def measured(reports: Sequence[Mapping[str, Any]]) -> Measured:
    """Read the durations of some reports; the median of each job, by its provider."""
    seconds: dict[str, float] = {}
    rates: dict[str, float] = {}
    lines: list[str] = []
    for report in reports:
        provider = _provider(report)
        jobs = _jobs(Events(report))
        for friendly, times in jobs.items():
            seconds |= _shared_out(friendly, provider, median(times))
        if scripts := [took for each in Events(report).all if (took := (each.get("data") or {}).get("tookSeconds"))]:
            seconds[SCRIPT] = median(scripts)
        if speeds := list(_speeds(report)):
            rates[RATE_OF.get(provider, "machine")] = median(speeds)
        count = len(report["machines"])
        lines.append(f"durations measured by {report['migration']['id']}: {count} machines, {', '.join(sorted(jobs))}")
    downtimes = [
        float(row["downtimeSeconds"]) for each in reports for row in each["machines"] if row.get("downtimeSeconds")
    ]
    return Measured(seconds, rates, tuple(downtimes), tuple(lines))


def _provider(report: Mapping[str, Any]) -> str:
    migration = report["migration"]
    row = row_of(migration["scenario"], migration["mode"])
    return row.provider if row else ""


def _jobs(events: Events) -> dict[str, list[float]]:
    """Give how long jobs of machines took, by what the service calls them."""
    begun: dict[str, datetime] = {}
    found: dict[str, list[float]] = {}
    for event in events.all:
        job = (event.get("data") or {}).get("job")
        if job:
            begun.setdefault(job, event["moment"])
        if event["what"].startswith(ENDED) and (since := begun.get(event["what"].removeprefix(ENDED))):
            friendly = str(event.get("text") or "").removesuffix(WELL)
            found.setdefault(friendly, []).append((event["moment"] - since).total_seconds())
    return found


def _shared_out(friendly: str, provider: str, seconds: float) -> dict[str, float]:
    """Give the tasks of a job such that it takes so long; they keep their shares of it."""
    usual = Durations()
    for scenario in {each.scenario for each in TEMPLATES.values() if each.friendly == friendly}:
        template = template_of(scenario, provider)
        names = [SECONDS.get(scenario) or f"{scenario}.{row.id or row.key}" for row in template.tasks]
        known = {name: usual.of(own if (own := f"{provider}.{name}") in usual.seconds else name) for name in names}
        if whole := sum(known.values()):
            return {f"{provider}.{name}": each * seconds / whole for name, each in known.items()}
    return {}


def _speeds(report: Mapping[str, Any]) -> Iterator[float]:
    """Give how many bytes of its disks a second each machine was copied; the wait for its first recovery point is none of it."""
    events, waits = Events(report), Durations().seconds.get(f"{_provider(report)}.first-point", 0.0)
    for row in report["machines"]:
        own = events.of(row["name"])
        begun = next((each["moment"] for each in own if each["what"] == "initial-sync-began"), None)
        ended = next((each["moment"] for each in own if each["what"] == "in-step"), None)
        size = sum(float(each.get("sizeGib") or 0) for each in (row.get("source") or {}).get("disks") or ())
        took = (ended - begun).total_seconds() - waits if begun and ended else 0.0
        if size and took > 0:
            yield size * GIB / took
