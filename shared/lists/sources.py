"""Files as lists: what a file holds is told by its first bytes, never by its name."""

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from shared.lists.csv_sheets import csv_sheet, decoded
from shared.lists.limits import check_archive, check_size
from shared.lists.records import CellPlace, Finding, Severity
from shared.lists.tables import Sheet
from shared.lists.workbooks import workbook_sheets
from shared.plan.error_messages import quoted
from shared.problems import UnreadableList

ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
JSON: Final = re.compile(r"\s*(?:\{|\[\s*[\[{\"\]])")  # not `[wave]wave_name,…`, which is a header
TEXTS: Final = (".csv", ".txt", ".tsv", ".json")
RVTOOLS: Final = "_tabv"  # RVTools writes one CSV for each sheet: together they are one list


@dataclass(frozen=True)
class ListFile:
    """A file as it came."""

    name: str
    body: bytes


@dataclass(frozen=True)
class ListSource:
    """What one file holds, or several that belong together: sheets and JSON documents."""

    name: str
    sheets: tuple[Sheet, ...] = ()
    documents: tuple[tuple[str, Any], ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def sources_of(files: Sequence[ListFile], encoding: str = "") -> list[ListSource]:
    """Return what each file holds; CSV files of one RVTools export are one. Raise `UnreadableList` and `TooLarge`."""
    found: list[ListSource] = []
    export: ListSource | None = None
    for each in files:
        source = source_of(each, encoding)
        if RVTOOLS in each.name.lower() and source.sheets and not source.sheets[0].name:
            named = _merged(export, source, each.name)
            found = [candidate for candidate in found if candidate is not export] + [named]
            export = named
        else:
            found.append(source)
    return found


def _merged(export: ListSource | None, source: ListSource, name: str) -> ListSource:
    before = export or ListSource(name)
    return ListSource(before.name, before.sheets + source.sheets, (), before.findings + source.findings)


def source_of(file: ListFile, encoding: str = "") -> ListSource:
    """Return what a file holds. Raise `UnreadableList` and `TooLarge`."""
    check_size(file.name, len(file.body))
    if not file.body.strip():
        raise UnreadableList(f"{quoted(file.name)} is empty")
    if file.body.startswith(OLD_EXCEL):
        raise UnreadableList(
            f"{quoted(file.name)} is an old XLS workbook, or one with a password",
            advice="Save it as XLSX, without a password.",
        )
    if file.body.startswith((ZIP, EMPTY_ZIP)):
        return _unpacked(file, encoding)
    return _text(file, encoding)


def _text(file: ListFile, encoding: str) -> ListSource:
    text, findings = decoded(file.name, file.body, encoding)
    if JSON.match(text):
        return ListSource(file.name, documents=((file.name, _json(file.name, text)),), findings=findings)
    sheet = csv_sheet(file.name, file.body, encoding)
    return ListSource(file.name, sheets=(sheet,), findings=sheet.findings)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise UnreadableList(f"{quoted(name)} begins like JSON and is none{where}") from None


def _unpacked(file: ListFile, encoding: str) -> ListSource:
    """Read a workbook, or the members of an archive."""
    try:
        with ZipFile(io.BytesIO(file.body)) as archive:
            members = check_archive(file.name, archive)
            names = {each.filename for each in members}
            if "[Content_Types].xml" in names or any(each.startswith("xl/") for each in names):
                sheets = workbook_sheets(file.name, file.body, archive)
                return ListSource(file.name, sheets=sheets, findings=sheets[0].findings)
            return _archive(file, archive, encoding)
    except BadZipFile:
        raise UnreadableList(f"{quoted(file.name)} is a broken archive", advice="Download or save it again.") from None


def _archive(file: ListFile, archive: ZipFile, encoding: str) -> ListSource:
    sheets, documents, findings = list[Sheet](), list[tuple[str, Any]](), list[Finding]()
    for name in sorted(each.filename for each in archive.infolist() if not each.is_dir()):
        inner = f"{file.name}/{PurePath(name).name}"
        if not name.lower().endswith(TEXTS):
            message = "is neither CSV nor JSON and was not read"
            findings.append(CellPlace(inner).finding(Severity.INFORMATION, message))
            continue
        body = archive.read(name)
        if body.strip():
            source = _text(ListFile(inner, body), encoding)
            sheets += source.sheets
            documents += source.documents
            findings += source.findings
    return ListSource(file.name, tuple(sheets), tuple(documents), tuple(findings))


def findings_of(sources: Sequence[ListSource]) -> Iterator[Finding]:
    """Yield what was found while the files were opened."""
    for each in sources:
        yield from each.findings
