"""The top of the report, for who has a minute: figures, downtime as a picture, windows kept, what rehearsals saved."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from html import escape
from typing import Final

from shared.reporting.html_parts import moment, span, table
from shared.reporting.name_lists import some_of
from shared.reporting.summary import DowntimeBand, FoundEarly, ReportSummary

MOST_NAMES: Final = 12
MOST_FOUND: Final = 50
LEFT, BAR, LINE = 110, 420, 24  # of the picture, in its own units
STYLE: Final = """
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.6rem;margin:1rem 0;padding:0;list-style:none}
.figures li{border:1px solid var(--line);border-radius:8px;padding:.4rem .8rem}.figures strong{display:block;font-size:1.5rem}
svg{max-width:38rem;width:100%;height:auto;display:block}svg text{font:12px system-ui,sans-serif;fill:currentColor}svg rect{fill:#2f6fb3}
"""


def summary_html(summary: ReportSummary) -> str:
    """Give the section."""
    return "".join(
        ("<h2>In short</h2>", _figures(summary), *_downtime(summary), *_windows(summary), *_rehearsals(summary))
    )


def _figures(summary: ReportSummary) -> str:
    figures = (
        ("machines", summary.machines),
        ("moved", summary.moved),
        ("under way", summary.under_way),
        ("stopped or waiting for a person", summary.stopped),
        ("given up", summary.given_up),
        ("left out by their strategy", summary.left_out),
    )
    shown = [(name, number) for name, number in figures if number or name in ("machines", "moved")]
    return (
        f'<ul class="figures">{"".join(f"<li><strong>{number:,}</strong>{name}</li>" for name, number in shown)}</ul>'
    )


def _downtime(summary: ReportSummary) -> Iterator[str]:
    yield "<h3>Downtime</h3>"
    if not summary.measured:
        yield "<p>No machine has been down.</p>"
        return
    of = f" of {summary.measured:,} machines" if summary.measured > 1 else " of one machine"
    yield (
        f"<p>Half{of} were down for {_span(summary.median_downtime_seconds)} at most, nine in ten for "
        f"{_span(summary.ninth_downtime_seconds)}, the longest for {_span(summary.longest_downtime_seconds)}; "
        f"all of them together for {_span(summary.total_downtime_seconds)}.</p>"
        if summary.measured > 1
        else f"<p>One machine was down, for {_span(summary.longest_downtime_seconds)}.</p>"
    )
    yield _picture(summary.bands)


def _picture(bands: Sequence[DowntimeBand]) -> str:
    """Draw a bar for each band; the same is told to who does not see it."""
    most = max((each.machines for each in bands), default=0) or 1
    text = "Machines by their downtime: " + ", ".join(f"{each.text}: {each.machines}" for each in bands)
    lines = "".join(
        f'<text x="0" y="{row * LINE + 16}">{escape(each.text)}</text>'
        f'<rect x="{LEFT}" y="{row * LINE + 4}" width="{each.machines / most * BAR:.1f}" height="{LINE - 8}" rx="2"/>'
        f'<text x="{LEFT + each.machines / most * BAR + 6:.1f}" y="{row * LINE + 16}">{each.machines:,}</text>'
        for row, each in enumerate(bands)
    )
    return (
        f'<svg viewBox="0 0 {LEFT + BAR + 60} {len(bands) * LINE}" role="img" aria-label="{escape(text)}">{lines}</svg>'
    )


def _windows(summary: ReportSummary) -> Iterator[str]:
    kept = summary.windows
    yield "<h3>Windows</h3>"
    if not kept.of:
        yield "<p>No machine that has cut over had a window.</p>"
        return
    yield f"<p>{kept.kept:,} of {kept.of:,} cutovers kept to their windows.</p>"
    if kept.overrun:
        yield f"<p>Served again only after their window had closed: {escape(some_of(kept.overrun, MOST_NAMES))}.</p>"
    if kept.outside:
        yield f"<p>Cut over outside of their windows, by a decision: {escape(some_of(kept.outside, MOST_NAMES))}.</p>"


def _rehearsals(summary: ReportSummary) -> Iterator[str]:
    yield "<h3>What rehearsals saved</h3>"
    found = summary.found_early
    if not (summary.rehearsed or found):
        yield "<p>No machine was rehearsed.</p>"
        return
    machines = len({each.machine for each in found})
    mended = sum(each.mended_seconds or 0 for each in found)
    yield (
        f"<p>{summary.rehearsed:,} machines passed a rehearsal. Rehearsals failed {len(found):,} times, of {machines:,} machines, while the sources served"
        + (
            f"; it took {_span(mended)} in all until they passed: in a cutover that would have been downtime, or a way back"
            if mended
            else ""
        )
        + f". {summary.failed_in_cutover:,} machines failed while they cut over.</p>"
    )
    if found:
        yield f"<details><summary>What they found</summary>{_found(found)}</details>"


def _found(found: Sequence[FoundEarly]) -> str:
    lines = [(moment(each.at), each.machine, each.text, _mended(each)) for each in found[:MOST_FOUND]]
    more = f"<p>And {len(found) - MOST_FOUND} more.</p>" if len(found) > MOST_FOUND else ""
    return table(("When", "Machine", "What", "Passed after"), lines) + more


def _mended(found: FoundEarly) -> str:
    return _span(found.mended_seconds) if found.mended_seconds is not None else "not yet"


def _span(seconds: int | None) -> str:
    return span(timedelta(seconds=seconds or 0))
