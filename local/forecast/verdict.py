"""Whether a plan bears what was played: its windows, its tolerance, its end."""

from collections.abc import Iterator
from typing import Final

from .model import Forecast, MachineForecast, Verdict, WaveForecast
from .openings import own_openings

THROUGH: Final = ("Finalized", "Decommissioned", "CutOver")
MOST: Final = 5


def verdict_of(forecast: Forecast) -> Verdict:
    """Say whether every machine arrived, and began its cutover in the first opening that its wave's machines were ready for."""
    reasons = tuple(_reasons(forecast))
    return Verdict(borne=not reasons, reasons=reasons)


def _reasons(forecast: Forecast) -> Iterator[str]:
    for wave in forecast.waves:
        own = [each for each in forecast.machines if each.wave == wave.name]
        left = [each.name for each in own if each.state not in THROUGH]
        if left:
            yield f"wave {wave.name}: {len(left)} of {len(own)} machines do not arrive ({_some(left)})"
        late = [each.name for each in own if each.cutover and own_openings(wave, each) and each.opening is None]
        if late:
            yield f"wave {wave.name}: {len(late)} machines cut over outside of every opening ({_some(late)})"
        overrun = [each.name for each in own if _overruns(wave, each)]
        if overrun:
            yield f"wave {wave.name}: {len(overrun)} machines are still down when their window closes ({_some(overrun)})"
    if forecast.outcome and forecast.outcome != "Succeeded":
        yield f"the migration ends {forecast.outcome}"


def _overruns(wave: WaveForecast, machine: MachineForecast) -> bool:
    """Tell whether a machine is still being cut over when its opening closes."""
    opening = next((each for each in own_openings(wave, machine) if each.opens == machine.opening), None)
    up = next((each.end for each in machine.stretches if each.name == "verify"), None)
    return bool(opening and up and up > opening.closes)


def _some(names: list[str]) -> str:
    return ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
