"""Which machines make the critical path: from the end back to the beginning, always to what was waited for last."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count

from .model import CriticalStep, Hold, MachineForecast, WaveForecast

PREPARATION = "preparation of the plan"


def critical_path(
    begin: datetime, machines: Sequence[MachineForecast], waves: Sequence[WaveForecast], holds: Sequence[Hold]
) -> tuple[CriticalStep, ...]:
    """Give the stretches that the end hangs on, from the beginning on."""
    steps: list[CriticalStep] = []
    last = max((each for each in machines if each.end), key=lambda each: each.end or begin, default=None)
    by_wave = {wave.name: wave for wave in waves}
    until: datetime | None = None
    for _ in count():
        if last is None:
            break
        dependency = _dependency(last, holds, until)
        since = dependency.end if dependency else None
        steps = [*_own(last, since, until), *steps]
        if dependency is None:
            first = last.begin or begin
            if first > begin:
                steps.insert(0, CriticalStep(name=PREPARATION, begin=begin, end=first))
            break
        until = dependency.end
        last = _last_of(by_wave.get(dependency.what), machines, until)
    return tuple(steps)


def _dependency(machine: MachineForecast, holds: Sequence[Hold], until: datetime | None) -> Hold | None:
    """Give the last wait of a machine for another wave, if it waited for one."""
    found = [each for each in holds if each.machine == machine.name and each.reason == "dependency"]
    fits = [each for each in found if until is None or each.end < until]
    return max(fits, key=lambda each: each.end, default=None)


def _last_of(wave: WaveForecast | None, machines: Sequence[MachineForecast], until: datetime) -> MachineForecast | None:
    """Give the machine of a wave that was through last."""
    own = [each for each in machines if wave and each.wave == wave.name and each.end and each.end <= until]
    return max(own, key=lambda each: each.end or until, default=None)


def _own(machine: MachineForecast, since: datetime | None, until: datetime | None) -> Iterator[CriticalStep]:
    """Give a machine's stretches between two moments."""
    for stretch in machine.stretches:
        begin = max(stretch.begin, since) if since else stretch.begin
        end = min(stretch.end, until) if until else stretch.end
        if end > begin:
            yield CriticalStep(name=stretch.name, begin=begin, end=end, machine=machine.name, wave=machine.wave)
