"""What our HTML files are made of: one style, definitions, tables, moments; everything that is told is escaped."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final

from shared.models import NEVER

LONG: Final = 24  # characters of a word that is no name any more
STYLE: Final = """
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
html{background:Canvas;color:CanvasText}body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}
h1{margin:0}h2{margin:2.2rem 0 .6rem;border-bottom:1px solid var(--line)}
table{border-collapse:collapse;width:100%;font-size:.92em}th,td{text-align:left;padding:.35rem .6rem;
border-bottom:1px solid var(--line);vertical-align:top}th{background:var(--soft);white-space:nowrap}
.whole{white-space:nowrap}.long{display:inline-block;max-width:16rem;overflow-wrap:anywhere}.scroll{overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{opacity:.75}dd{margin:0;overflow-wrap:anywhere;min-width:0}
details{margin:.4rem 0}summary{cursor:pointer}code{font-size:.95em}
@media print{details{display:block}body{max-width:none}}
"""


def document(title: str, body: str, style: str = "") -> str:
    """Give a whole file that needs nothing from outside; `style` comes behind the common one."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}{style}</style></head><body><main>{body}</main></body></html>'


def definitions(pairs: Mapping[str, str]) -> str:
    """Give pairs of a name and a text; what is empty is left out."""
    return (
        f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(text)}</dd>' for name, text in pairs.items() if text)}</dl>"
    )


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Give a table; where there are no lines it says so."""
    if not lines:
        return "<p>None.</p>"
    titles = "".join(f'<th scope="col">{escape(each)}</th>' for each in head)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in line)}</tr>" for line in lines)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cell(text: str) -> str:
    """Give a text in which names stay whole, and ids break within a width of their own and take none from other columns."""
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    kind = "long" if len(word) > LONG else "whole" if "-" in word else ""
    return f'<span class="{kind}">{escape(word)}</span>' if kind else escape(word)


def span(duration: timedelta) -> str:
    """Give a duration in whole seconds."""
    return str(duration - timedelta(microseconds=duration.microseconds))


def moment(at: datetime | None) -> str:
    """Give a moment in UTC; empty for none."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at and at > NEVER else ""
