"""How much downtime varies: what earlier migrations measured, else an assumption that is told as such."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

ASSUMED: Final = 1.3  # nobody has recorded how failovers of one machine vary; see docs/forecast.md
ENOUGH: Final = 5  # machines that were measured


@dataclass(frozen=True)
class Spread:
    """How much longer than the median nine of ten cutovers take at most, and where that comes from."""

    ratio: float
    basis: str


def spread_of(downtimes: Sequence[float]) -> Spread:
    """Give the spread of measured downtimes; too few of them tell nothing."""
    known = [each for each in downtimes if each > 0]
    if len(known) < ENOUGH:
        return Spread(ASSUMED, f"spread of downtime: assumed, nine of ten take at most {ASSUMED:g} times the median")
    ninety = quantiles(known, n=10, method="inclusive")[-1]
    ratio = max(1.0, ninety / median(known))
    return Spread(
        ratio, f"spread of downtime: {ratio:.2f} times the median, of {len(known)} machines that were measured"
    )


def at_ninety(downtimes: Sequence[float]) -> float | None:
    """Give what nine of ten of some downtimes do not exceed."""
    if not downtimes:
        return None
    return downtimes[0] if len(downtimes) == 1 else quantiles(downtimes, n=10, method="inclusive")[-1]
