"""A forecast as one HTML file that needs nothing from outside: the picture, then what one has to know, then everything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Final

from shared.reporting.html_parts import definitions, document, moment, span, table
from shared.reporting.name_lists import some_of

from .model import Forecast, MachineForecast, WaitCost
from .picture import picture

STYLE: Final = """
svg{width:100%;height:auto;font:11px system-ui,sans-serif}svg text{fill:currentColor}.time{opacity:.7;font-size:10px}
.wave{font-weight:600;font-size:13px}.grid{stroke:#8883;fill:none}.hatch{stroke:#c33;stroke-width:2}
.window{fill:#4a90d922;stroke:#4a90d9;stroke-width:.6}.blackout{fill:url(#black);opacity:.5}
.copy{fill:#6b9bd1}.test{fill:#b48ad6}.cut{fill:#e0603a}.done{fill:#5ba35b}.wait{fill:#8886}
.key span{display:inline-block;margin-right:1.2rem}.key i{display:inline-block;width:1em;height:.8em;margin-right:.4em}
.key .w{border:1px solid #4a90d9;background:#4a90d922}.no{color:#c33}.yes{color:#2a7d2a}
"""
KEY: Final = (
    ("background:#6b9bd1", "first copy"),
    ("background:#b48ad6", "rehearsal"),
    ("background:#8886", "waiting"),
    ("background:#e0603a", "cutover: down"),
    ("background:#5ba35b", "finished"),
    ("border:1px solid #4a90d9", "window open"),
    ("background:repeating-linear-gradient(45deg,#c33 0 2px,transparent 2px 6px)", "blackout"),
)
MOST: Final = 8
REASONS: Final = {
    "gate": "a person's decision",
    "dependency": "a wave that goes first",
    "window": "a window that is closed",
    "blackout": "a blackout",
    "places": "a free place to cut over",
    "replication places": "a free place to replicate",
}


def page(forecast: Forecast) -> str:
    """Give the whole file."""
    parts = (
        f"<h1>Forecast of {escape(forecast.plan)}</h1>{_verdict(forecast)}{_summary(forecast)}",
        picture(forecast),
        f'<p class="key">{"".join(_key(*each) for each in KEY)}</p>',
        "<h2>Waves and openings</h2>",
        _waves(forecast),
        "<h2>Who must be there when</h2>",
        _duties(forecast),
        "<h2>What holds machines back, and what waiting costs</h2>",
        _costs(forecast),
        "<h2>The critical path</h2>",
        _path(forecast),
        *_troubles(forecast),
        "<h2>Machines</h2>",
        _machines(forecast.machines),
        "<h2>What this is made from</h2>",
        f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in forecast.basis)}</ul>",
    )
    return document(f"Forecast of {forecast.plan}", "".join(parts), STYLE)


def _verdict(forecast: Forecast) -> str:
    if forecast.verdict is None or forecast.verdict.borne:
        return '<p class="yes"><strong>Every machine arrives within the plan\'s windows.</strong></p>'
    return f'<ul class="no">{"".join(f"<li>{escape(each)}</li>" for each in forecast.verdict.reasons)}</ul>'


def _summary(forecast: Forecast) -> str:
    pairs = {
        "From, to": f"{moment(forecast.begin)} to {moment(forecast.end)}",
        "Takes": span(forecast.end - forecast.begin),
        "Machines": str(len(forecast.machines)),
        "Downtime of a machine": f"{_seconds(forecast.downtime_median_seconds)} (median), "
        f"{_seconds(forecast.downtime90_seconds)} (nine of ten take no longer)",
        "Outcome": forecast.outcome,
    }
    return definitions(pairs)


def _key(style: str, words: str) -> str:
    return f'<span><i style="{style}"></i>{escape(words)}</span>'


def _waves(forecast: Forecast) -> str:
    lines: list[tuple[str, ...]] = []
    for wave in forecast.waves:
        counts = ", ".join(f"{count} {state}" for state, count in wave.counts.items())
        lines.append((wave.name, "", moment(wave.begin), moment(wave.end), counts))
        for opening in wave.openings:
            places = f" of {opening.capacity} places" if opening.capacity else ""
            names = some_of(list(opening.machines), MOST) if opening.machines else "nobody"
            words = f"{len(opening.machines)}{places}: {names}"
            lines.append(("", f"opening ({opening.time_zone})", moment(opening.opens), moment(opening.closes), words))
        lines += [("", "blackout", moment(each.begin), moment(each.end), each.reason) for each in wave.blackouts]
    return table(("Wave", "", "Begin", "End", "Machines"), lines)


def _duties(forecast: Forecast) -> str:
    lines = [
        (
            moment(each.opens),
            moment(each.decided) or "nobody comes",
            each.gate,
            each.wave,
            some_of(list(each.machines), MOST),
            ", ".join(each.who) or "an approver",
        )
        for each in sorted(forecast.duties, key=lambda each: each.opens)
    ]
    return table(("Gate opens", "Decided, in the play", "Gate", "Wave", "Machines", "Who"), lines)


def _costs(forecast: Forecast) -> str:
    heads = ("Held back by", "Machines", "Hours of machines", "The longest", "Replica disks kept meanwhile (GB-days)")
    note = "<p>Multiply by your prices: replica disks by the GB, protected machines after their first 31 days.</p>"
    return table(heads, [_cost(each) for each in forecast.costs]) + note


def _cost(cost: WaitCost) -> tuple[str, ...]:
    longest = _seconds(cost.longest_seconds)
    return (REASONS[cost.reason], str(cost.machines), f"{cost.machine_hours:g}", longest, f"{cost.replica_gb_days:g}")


def _path(forecast: Forecast) -> str:
    lines = [
        (each.wave, each.machine, each.name, moment(each.begin), _seconds(each.seconds))
        for each in forecast.critical_path
    ]
    return table(("Wave", "Machine", "What", "From", "Takes"), lines)


def _troubles(forecast: Forecast) -> Iterator[str]:
    if forecast.troubles:
        lines = [
            (each.what, moment(each.at), moment(each.until), "met" if each.hits else "not met")
            for each in forecast.troubles
        ]
        yield "<h2>What went wrong on purpose</h2>" + table(("What", "From", "Until", ""), lines)


def _machines(machines: tuple[MachineForecast, ...]) -> str:
    heads = ("Wave", "Machine", "Ready", "Opening", "Cutover", "Downtime", "Nine of ten", "State", "")
    lines = [
        (
            each.wave,
            each.name,
            _short(each.ready),
            _short(each.opening),
            _short(each.cutover),
            _seconds(each.downtime_seconds),
            _seconds(each.downtime90_seconds),
            each.state,
            each.problem,
        )
        for each in machines
    ]
    return table(heads, lines)


def _short(at: datetime | None) -> str:
    return f"{at:%m-%d %H:%M}Z" if at else ""


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else span(timedelta(seconds=round(seconds)))
