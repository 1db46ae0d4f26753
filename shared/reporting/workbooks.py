"""The report as a workbook (XLSX): moments are dates in UTC, spans are durations, and a text is never a formula."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from shared.models import NEVER
from shared.reporting.csv_lines import RISKY
from shared.reporting.report_model import Report
from shared.reporting.report_sheets import Cell, ReportSheet, sheets_of

if TYPE_CHECKING:  # openpyxl takes half a second to import: only who asks for a workbook waits for it
    from openpyxl import Workbook

MOMENT: Final = "yyyy-mm-dd hh:mm:ss"
SPAN: Final = "[h]:mm:ss"
LONGEST: Final = 32_767  # characters that a cell can hold
CUT: Final = " … (cut; the JSON report has all of it)"
WIDTH: Final = 22
NOT_PLAIN: Final = (*RISKY, "#")  # openpyxl takes `#N/A` and the like for errors of a formula
NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def workbook_of(report: Report) -> bytes:
    """Give the whole file."""
    from openpyxl import Workbook  # noqa: PLC0415 - see above

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = f"Migration {report.migration.id}", "azferry"
    for sheet in sheets_of(report):
        _write(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(book: "Workbook", sheet: ReportSheet) -> None:
    """Write a sheet row by row: a head that stays in view and filters, and the lines below it."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - see above
    from openpyxl.styles import Font  # noqa: PLC0415 - see above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - see above

    page = book.create_sheet(sheet.title)
    letters = [get_column_letter(number) for number in range(1, len(sheet.columns) + 1)]
    for letter in letters:
        page.column_dimensions[letter].width = WIDTH
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{letters[-1]}{len(sheet.lines) + 1}"
    head = [WriteOnlyCell(page, title) for title in sheet.columns]
    for cell in head:
        cell.font = Font(bold=True)
    page.append(head)
    for line in sheet.lines:
        page.append(_cells(page, line))


def _cells(page: Any, line: Iterable[Cell]) -> Iterator[Any]:
    """Give the cells of a line; what needs no style of its own is given as it is, which is much faster."""
    for value in line:
        if isinstance(value, str):
            yield _text(page, value)
        elif isinstance(value, datetime):
            yield _styled(page, value.astimezone(UTC).replace(tzinfo=None), MOMENT) if value > NEVER else None
        elif isinstance(value, timedelta):
            yield _styled(page, value, SPAN)
        else:
            yield value


def _styled(page: Any, value: datetime | timedelta, form: str) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - see above

    cell: Any = WriteOnlyCell(page)
    cell.number_format = form
    cell.value = value
    return cell


def _text(page: Any, value: str) -> Any:
    """Give a text that stays one: `=1+1` and `#N/A` too, also when somebody edits its cell later."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - see above

    kept = NOT_XML.sub("\ufffd", value)
    kept = kept if len(kept) <= LONGEST else kept[: LONGEST - len(CUT)] + CUT
    if not kept.startswith(NOT_PLAIN):
        return kept or None
    cell: Any = WriteOnlyCell(page, kept)
    cell.data_type = "s"
    cell.quotePrefix = kept.startswith(tuple(RISKY))
    return cell
