"""CSV as Excel and PowerShell write it: Unicode with or without a mark, comma, semicolon or tab."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from shared.lists.limits import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS
from shared.lists.records import CellPlace, Finding, Severity
from shared.lists.tables import CANDIDATES, NumberedRows, Sheet
from shared.plan.error_messages import quoted
from shared.problems import TooLarge, UnreadableList

MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
SEPARATORS: Final = (",", ";", "\t")
FALL_BACK: Final = "cp1252"
_SAID: Final = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)  # what Excel itself obeys in a first line
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


def csv_sheet(file: str, body: bytes, encoding: str = "") -> Sheet:
    """Return the only sheet of a CSV file. Raise `UnreadableList` where it is no text."""
    text, findings = decoded(file, body, encoding)
    separator, skipped = _separator(text)
    return Sheet(file, "", _walker(file, text, separator, skipped), findings)


def decoded(file: str, body: bytes, encoding: str = "") -> tuple[str, tuple[Finding, ...]]:
    """Return the text of a file; the mark at its beginning tells its encoding, else it is UTF-8.

    What is none is read as cp1252, or as the caller says, and a finding says so. Raise `UnreadableList` for no text.
    """
    marked = next((name for mark, name in MARKS if body.startswith(mark)), "")
    try:
        return _checked(file, body.decode(marked or "utf-8")), ()
    except UnicodeDecodeError as error:
        if marked:
            raise UnreadableList(f"{quoted(file)} is broken at byte {error.start}: not {marked}") from None
        at = body[error.start]
    used = encoding if encoding not in ("", "utf-8") else FALL_BACK
    try:
        text = _checked(file, body.decode(used))
    except UnicodeDecodeError as error:
        raise UnreadableList(
            f"{quoted(file)} is neither Unicode nor {used} (byte {error.start})",
            advice="Save it in Excel as `CSV UTF-8`, or name its encoding.",
        ) from None
    message = f"is not UTF-8 (byte {at:#04x}) and was read as {used}"
    where = CellPlace(file, read=_strange(text))
    advice = "Look whether this reads well; if not, save it as `CSV UTF-8`, or name the encoding: cp1252, cp850."
    return text, () if encoding else (where.finding(Severity.WARNING, message, advice),)


def _strange(text: str) -> str:
    """Give the first word that is not plain ASCII."""
    return next((word for word in re.findall(r"[^\s,;\"]+", text) if not word.isascii()), "")[:64]


def _checked(file: str, text: str) -> str:
    if "\0" in text:
        raise UnreadableList(f"{quoted(file)} is no text", advice="Give a CSV, XLSX, ZIP or JSON file.")
    return text


def _separator(text: str) -> tuple[str, int]:
    """Tell what parts the cells, by the first lines; values may hold others. Also how many first rows say nothing else."""
    if declared := _SAID.match(text):
        return declared[1], 1
    lines = list(islice(io.StringIO(text), CANDIDATES))
    counted = {each: max((_QUOTED.sub("", line).count(each) for line in lines), default=0) for each in SEPARATORS}
    first = next((line for line in lines if any(each in line for each in SEPARATORS)), "")
    header = {each: _QUOTED.sub("", first).count(each) for each in SEPARATORS}
    chosen = max(SEPARATORS, key=lambda each: (header[each], counted[each]))
    return chosen, 0


def _walker(file: str, text: str, separator: str, skipped: int) -> Callable[[], NumberedRows]:
    def walk() -> NumberedRows:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for number, cells in enumerate(_read(file, reader), start=1):
            if number > MOST_ROWS:
                raise TooLarge(f"{quoted(file)} has more than {MOST_ROWS:,} rows", advice="Split it.")
            if number > skipped:
                yield number, cells[:MOST_COLUMNS]

    return walk


def _read(file: str, reader: Iterator[list[str]]) -> Iterator[list[str]]:
    """Yield rows; a quote that nothing closes swallows the rest of the file, which the longest cell tells."""
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(len(each) > LONGEST_CELL for each in cells):
                raise _unclosed(file, number)
            yield cells
    except csv.Error:
        raise _unclosed(file, number + 1) from None


def _unclosed(file: str, row: int) -> UnreadableList:
    return UnreadableList(
        f"{quoted(file)} cannot be read from row {row} on: a quote is opened there and never closed",
        advice="Close the quote, or double quotes that belong to a value.",
    )
