"""What a person should know first of a migration: who serves nowhere, and whose copy no cutover could be made from."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import Serving
from shared.reporting.name_lists import some_of
from shared.states import GIVEN_UP, MOVED, MachineState

MOST_NAMES: Final = 6
PAST_ITS_COPY: Final = MOVED | GIVEN_UP | {MachineState.CUTTING_OVER}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def attention(rows: Sequence[MachineRow], now: datetime) -> tuple[str, ...]:
    """Give sentences, the most urgent first; none where all is well."""
    return (*_outages(rows, now), *_copies(rows))


def serves_nowhere(row: MachineRow) -> bool:
    """Tell whether a machine was taken down and serves neither on its source nor in Azure."""
    return row.service.at == Serving.NOWHERE


def _outages(rows: Sequence[MachineRow], now: datetime) -> Iterator[str]:
    down = [(row, row.service.outage) for row in rows if serves_nowhere(row)]
    if down:
        longest = sorted(down, key=lambda pair: pair[1].began if pair[1] else now)
        names = [f"{row.name} for {lasting(now - outage.began)}" if outage else row.name for row, outage in longest]
        yield f"{_count(len(down), 'machine serves', 'machines serve')} nowhere: {some_of(names, MOST_NAMES)}"
    lost = [row.name for row in rows if row.service.at == Serving.UNKNOWN and row.service.outage is not None]
    if lost:
        yield f"nobody can tell whether {_count(len(lost), 'machine serves', 'machines serve')} again: {some_of(lost, MOST_NAMES)}"


def _copies(rows: Sequence[MachineRow]) -> Iterator[str]:
    """Put machines of one trouble into one sentence: of their copies, or of what was found when facts were read again."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        if row.unfit and row.state not in PAST_ITS_COPY:
            groups.setdefault(row.unfit.text, []).append(row.name)
        for each in row.concerns if row.state == MachineState.READY_FOR_CUTOVER else ():
            if each.blocks:
                groups.setdefault(f"{each.title}: {each.evidence}", []).append(row.name)
    for trouble, names in groups.items():
        yield f"{some_of(names, MOST_NAMES)} could not be cut over now: {trouble}"


def _count(number: int, each: str, many: str) -> str:
    return f"{number} {each if number == 1 else many}"


def lasting(span: timedelta) -> str:
    """Give a span in words: 45 s, 12 min, 3 h 20 min, 2 d 4 h."""
    if span < MINUTE:
        return f"{span.total_seconds():.0f} s"
    if span < HOUR:
        return f"{span // MINUTE} min"
    if span < DAY:
        return f"{span // HOUR} h {span % HOUR // MINUTE} min"
    return f"{span // DAY} d {span % DAY // HOUR} h"
