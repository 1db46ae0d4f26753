"""The timeline of a forecast as SVG: a lane for each wave, its machines as lines in it; windows behind, blackouts hatched."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Final

from shared.itinerary import STEPS

from .model import Forecast, MachineForecast, WaveForecast
from .reading import AWAITED, WAITS_FOR_PLACE

WIDTH, LEFT, LINE, HEAD, GAP = 1100, 150, 9, 22, 14
FEW: Final = 40  # machines of a wave that have a line each; of more, each line is thinner
THIN: Final = 3
KINDS: Final = {
    "Replicate": "copy",
    "Rehearse": "test",
    "CutOver": "cut",
    "Finish": "done",
    "Assess": "copy",
    "Prepare": "copy",
}
STEPS_OF_TIME: Final = (1, 2, 4, 6, 12, 24, 48, 168, 336, 720)  # hours between the lines of the grid
MOST_LINES: Final = 14


class Scale:
    """From moments to places on the line of time."""

    def __init__(self, forecast: Forecast) -> None:
        """Span the whole play."""
        self.begin, self.end = forecast.begin, max(forecast.end, forecast.begin + timedelta(hours=1))

    def x(self, at: datetime) -> float:
        """Give the place of a moment; what lies outside stands at the edge."""
        share = (at - self.begin) / (self.end - self.begin)
        return round(LEFT + (WIDTH - LEFT - 10) * min(max(share, 0.0), 1.0), 1)

    def hours(self) -> int:
        """Give how many hours lie between two lines of the grid."""
        whole = (self.end - self.begin).total_seconds() / 3600
        return next((each for each in STEPS_OF_TIME if whole / each <= MOST_LINES), STEPS_OF_TIME[-1])


def picture(forecast: Forecast) -> str:
    """Give a forecast as an SVG: waves below each other, a line for each machine, windows and blackouts behind."""
    scale, parts, top = Scale(forecast), list[str](), 26
    for wave in forecast.waves:
        own = [each for each in forecast.machines if each.wave == wave.name]
        line = LINE if len(own) <= FEW else THIN
        height = HEAD + line * max(len(own), 1)
        parts += _wave(scale, wave, own, (top, height, line))
        top += height + GAP
    grid = "".join(_grid(scale, top))
    words = f"Waves of {forecast.plan} in time"
    head = (
        f'<svg viewBox="0 0 {WIDTH} {top}" role="img" aria-label="{escape(words)}" xmlns="http://www.w3.org/2000/svg">'
    )
    hatch = (
        '<defs><pattern id="black" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0V6" class="hatch"/></pattern></defs>'
    )
    return f"{head}{hatch}{grid}{''.join(parts)}</svg>"


def _grid(scale: Scale, bottom: int) -> Iterator[str]:
    step = timedelta(hours=scale.hours())
    at = scale.begin.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    while at < scale.end:
        x = scale.x(at)
        words = f"{at:%H:%M}" if step < timedelta(days=1) and at.hour else f"{at:%d %b}"
        yield f'<path d="M{x} 18V{bottom}" class="grid"/><text x="{x + 2}" y="14" class="time">{words}</text>'
        at += step


def _wave(scale: Scale, wave: WaveForecast, own: list[MachineForecast], place: tuple[int, int, int]) -> Iterator[str]:
    top, height, line = place
    yield f'<text x="4" y="{top + 14}" class="wave">{escape(wave.name)}</text>'
    yield f'<text x="4" y="{top + 27}" class="time">{len(own)} machine{"" if len(own) == 1 else "s"}</text>'
    for opening in wave.openings:
        title = (
            f"window: {opening.opens:%d %b %H:%M} to {opening.closes:%H:%M}Z, {len(opening.machines)} machines begin"
        )
        yield _box(scale, (opening.opens, opening.closes), (top, height), ("window", title))
    for black in wave.blackouts:
        yield _box(scale, (black.begin, black.end), (top, height), ("blackout", f"blackout: {black.reason}"))
    for number, machine in enumerate(own):
        y = top + HEAD + number * line
        for stretch in machine.stretches:
            title = f"{machine.name}: {stretch.name}, {stretch.begin:%d %b %H:%M} to {stretch.end:%d %b %H:%M}Z"
            yield _box(scale, (stretch.begin, stretch.end), (y, line - 1), (_kind(stretch.name), title))


def _kind(name: str) -> str:
    if name in (AWAITED, WAITS_FOR_PLACE):
        return "wait"
    return KINDS.get(STEPS[name].stage, "wait") if name in STEPS else "wait"


def _box(scale: Scale, span: tuple[datetime, datetime], rows: tuple[int, int], label: tuple[str, str]) -> str:
    """Draw a box, unless it lies outside of the picture."""
    if span[1] <= scale.begin or span[0] >= scale.end:
        return ""
    begin, end = scale.x(span[0]), scale.x(span[1])
    size = f'x="{begin}" y="{rows[0]}" width="{max(end - begin, 0.6):.1f}" height="{rows[1]}"'
    return f'<rect {size} class="{label[0]}"><title>{escape(label[1])}</title></rect>'
