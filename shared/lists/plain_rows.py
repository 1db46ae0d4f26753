"""Rows of a worksheet that are written as nearly all are; whatever else there is goes to the XML parser.

A workbook of 20,000 machines has 1.8 million cells, and a tree of them costs more than all that is done with it. A row counts as plain
only where each byte of it is of the shape that is known, and where the parser itself has read a row that begins in the same way. The
parser gets everything but plain rows, in its order, so whatever is broken or forbidden around them is found as ever.
"""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple, TypeVar

from shared.lists.row_patterns import PlainCells, RowReader

PART: Final = 1024 * 1024
LONGEST_ROW: Final = 256 * 1024  # characters, which are far fewer elements than a row may have
DECLARED: Final = b"<?xml"
DECLARATION: Final = re.compile(  # of what is UTF-8, which it also is without one
    rb"""(?:\xef\xbb\xbf)?<\?xml version="1.0"(?: encoding="utf-8")?(?: standalone="(?:yes|no)")? ?\?>""", re.IGNORECASE
)
FIRST_ROW: Final = re.compile(rb"<((?:[A-Za-z][A-Za-z0-9]*:)?)row[ >/]")
BLANKS: Final = " \n\t"


class PlainRow(NamedTuple):
    """A row that no parser has to read."""

    number: int
    cells: PlainCells


class ParserPart(NamedTuple):
    """What the parser has to read; `head` is how its only row begins, if it is one row."""

    xml: bytes
    head: str | None = None


Left = TypeVar("Left")
Parts = Generator[PlainRow | ParserPart, None, Left]


@dataclass
class KnownHeads:
    """How rows begin that the parser has read."""

    heads: set[str] = field(default_factory=set)
    lost: bool = False  # the parser found something else in a part that looks like a row: from there on it has to read everything

    def judge(self, part: ParserPart, *, is_row: bool) -> None:
        """Note whether the parser found one row in a part, and nothing beside it."""
        if part.head is not None:
            self.heads.add(part.head)
            self.lost = self.lost or not is_row


class _RowShape:
    """How rows are written in a sheet whose elements have this prefix."""

    def __init__(self, prefix: str, known: KnownHeads) -> None:
        self.known = known
        self.begin, self.end = f"<{prefix}row", f"</{prefix}row>"
        attributes = r' r="([0-9]{1,7})"((?: [A-Za-z0-9:]+="[^"<>&\r]*")* ?/?)'
        self.head = re.compile(f"{self.begin}{attributes}>")
        self.reader = RowReader(prefix)


def parts_of(stream: IO[bytes], known: KnownHeads) -> Iterator[PlainRow | ParserPart]:
    """Yield a worksheet in its order: plain rows, and between them what the parser has to read."""
    buffer = stream.read(PART)
    first = FIRST_ROW.search(buffer)
    if first and (DECLARATION.match(buffer) or DECLARED not in buffer[: first.start()]):
        yield ParserPart(buffer[: first.start()])
        buffer = yield from _rows(buffer[first.start() :], stream, _RowShape(first[1].decode(), known))
    while buffer:
        yield ParserPart(buffer)
        buffer = stream.read(PART)


def _rows(buffer: bytes, stream: IO[bytes], shape: _RowShape) -> Parts[bytes]:
    """Yield rows as long as nothing else comes; return what was read and not yielded."""
    end = shape.end.encode()
    while (cut := buffer.rfind(end) + len(end)) >= len(end):
        try:
            block = buffer[:cut].decode()
        except UnicodeDecodeError:
            break
        at = yield from _block(block, shape)
        if at < len(block):
            return block[at:].encode() + buffer[cut:]
        buffer = buffer[cut:] + stream.read(PART)
    return buffer


def _block(text: str, shape: _RowShape) -> Parts[int]:
    """Yield rows of a text that ends with one; return where something else stands."""
    at, heads = 0, shape.known.heads
    while at < len(text) and not shape.known.lost:
        start = text.find(shape.begin, at)
        head = shape.head.match(text, start) if start >= 0 and not text[at:start].strip(BLANKS) else None
        if head is None:
            break
        empty = head[2].endswith("/")
        end = head.end() if empty else text.index(shape.end, start)
        at = end if empty else end + len(shape.end)
        is_known = head[2] in heads and not empty and end - head.end() < LONGEST_ROW
        cells = shape.reader.read(text[head.end() : end]) if is_known else None
        yield PlainRow(int(head[1]), cells) if cells else ParserPart(text[start:at].encode(), head[2])
    return at
