"""The cells of a row taken apart: by one pattern for any plain cell, and once the sheet is known, by one for its rows.

The second is made of the cells that rows have had, each as it was written but for its value, and takes a third of the time.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

TEXT: Final = r"[^<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*"  # what XML takes as it stands, and `&`
ROW_NUMBER: Final = "[0-9]{1,7}"
FIELDS: Final = 6  # that a cell's pattern gives: what stands before it, column, style, kind, value, text
FIRST_ROWS: Final = 8  # before a pattern is made of them; twice as many before each next one
MOST_SHAPES: Final = 1_000  # of a sheet; one pattern for more takes longer to make than it saves
ENTITY: Final = re.compile(r"&([a-z]*;?)")
ENTITIES: Final = {"amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "apos;": "'"}


class CellShape(NamedTuple):
    """A cell but for its value: `holds` is `v` for a value, `t` for a text of its own, empty for a cell of nothing."""

    column: str
    style: str
    kind: str
    holds: str


class PlainCells(NamedTuple):
    """Cells that may be in a row, and what stands in them; None where the row does not have the cell."""

    shapes: tuple[CellShape, ...]
    values: Sequence[str | None]


class RowReader:
    """Reads the cells of one sheet's rows, whose elements have this prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._seen: dict[CellShape, None] = {}
        self._shapes: tuple[CellShape, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._unlike, self._patience = 0, FIRST_ROWS

    def read(self, xml: str) -> PlainCells | None:
        """Take a row apart; None where any of it is of another shape."""
        match = self._pattern.fullmatch(xml) if self._pattern else None
        found = PlainCells(self._shapes, match.groups()) if match else self._learned(xml)
        if found is None or "&" not in xml:
            return found
        try:
            return PlainCells(found.shapes, [_resolved(each) for each in found.values])
        except KeyError:
            return None

    def _learned(self, xml: str) -> PlainCells | None:
        parts = _cell(self._prefix).split(xml)
        if any(parts[::FIELDS]):
            return None
        found = PlainCells(*zip(*_cells(parts), strict=True)) if len(parts) > 1 else PlainCells((), ())
        self._seen |= dict.fromkeys(found.shapes)
        self._unlike += 1
        if self._unlike >= self._patience and len(self._seen) <= MOST_SHAPES:
            self._unlike, self._patience = 0, 2 * self._patience
            self._shapes = tuple(sorted(self._seen, key=lambda each: (len(each.column), each)))
            self._pattern = re.compile("".join(_optional(self._prefix, self._shapes)))
        return found


def _cells(parts: list[str]) -> Iterator[tuple[CellShape, str]]:
    for column, style, kind, value, text in zip(*(parts[each::FIELDS] for each in range(1, FIELDS)), strict=True):
        holds = "v" if value is not None else "t" if text is not None else ""
        yield CellShape(column, style or "", kind or "", holds), value or text or ""


@lru_cache(maxsize=16)
def _cell(prefix: str) -> re.Pattern[str]:
    """Give the pattern of any plain cell."""
    value, text = _value(prefix), _text(prefix)
    attributes = rf' r="([A-Z]{{1,3}}){ROW_NUMBER}"(?: s="([0-9]{{1,6}})")?(?: t="([A-Za-z]{{1,9}})")?'
    return re.compile(rf"<{prefix}c{attributes}(?: ?/>|>(?:{value}|{text})</{prefix}c>)")


def _value(prefix: str) -> str:
    return f"<{prefix}v>({TEXT})</{prefix}v>"


def _text(prefix: str) -> str:
    return f'<{prefix}is><{prefix}t(?: xml:space="preserve")?>({TEXT})</{prefix}t></{prefix}is>'


def _optional(prefix: str, shapes: tuple[CellShape, ...]) -> Iterator[str]:
    """Yield a pattern for each cell that a row may have, in the order of columns; it is never tried twice."""
    inner = {"v": f">{_value(prefix)}</{prefix}c>", "t": f">{_text(prefix)}</{prefix}c>", "": "() ?/>"}
    for each in shapes:
        style = f' s="{each.style}"' if each.style else ""
        kind = f' t="{each.kind}"' if each.kind else ""
        yield f'(?:<{prefix}c r="{each.column}{ROW_NUMBER}"{style}{kind}{inner[each.holds]})?+'


def _resolved(text: str | None) -> str | None:
    """Return a text with the five entities that XML knows by itself. Raise `KeyError` for another."""
    return ENTITY.sub(lambda found: ENTITIES[found[1]], text) if text and "&" in text else text
