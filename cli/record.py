"""The command `verify-record`: whether what was decided stands as it was kept; which entry was changed, is missing, or out of order."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cli.arguments import check_new, to_write, usage
from cli.client import of
from cli.failing import Exit
from cli.session import Session
from cli.wording import moment
from shared.record.check import faults_against, faults_within
from shared.record.entries import Record, RecordKind
from shared.record.files import RecordFile, read_file

FILES: Final = (".zip", ".jsonl")
MOST_TOLD: Final = 50
Target = Annotated[
    str,
    typer.Argument(metavar="MIGRATION|FILE", help="id of the migration; or its evidence pack, or a copy of its record"),
]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", dir_okay=False, callback=to_write, help="keep a copy of the record"),
]
Noted = Annotated[
    str, typer.Option("--noted", metavar="HASH", help="that you noted earlier: the record has to hold it")
]


def verify_record(ctx: typer.Context, target: Target, noted: Noted = "", into: Into = None) -> None:
    """Check the record of decisions: a migration's against the app's ledger; a file by itself, no app is asked."""
    session = Session(ctx)
    is_file = Path(target).suffix in FILES or Path(target).is_file()
    found = _of_file(Path(target)) if is_file else _of_app(session, target)
    if into:
        _keep(into, found.content)
    record = Record.read(found.content)
    faults = tuple(_faults(record, found, noted))
    if session.as_data:
        session.write(_plain(record, faults))
    else:
        for line in _told(target, record, found, faults):
            session.say(line)
    if faults:
        raise typer.Exit(Exit.NO)


def _of_file(path: Path) -> RecordFile:
    if not path.is_file():
        raise usage(f"there is no file {path}", "MIGRATION|FILE")
    found = read_file(path)
    if isinstance(found, str):
        raise usage(found, "MIGRATION|FILE")
    return found


def _of_app(session: Session, migration: str) -> RecordFile:
    """Read the record first: what is decided meanwhile is told as what is not in it yet."""
    content = session.api.fetch(f"{of(migration)}/record")
    return RecordFile(content=content, events=tuple(session.api.values(f"{of(migration)}/events")))


def _keep(into: Path, content: bytes) -> None:
    check_new(into, "--into")
    into.write_bytes(content)


def _faults(record: Record, found: RecordFile, noted: str) -> Iterator[str]:
    yield from faults_within(record)
    if found.events is not None:
        yield from faults_against(record, found.events)
    if noted and noted.lower() not in {each.hash for each in record.entries}:
        yield f"no entry has the hash {noted} that was noted: entries were taken out at the end, or all were written anew"


def _plain(record: Record, faults: tuple[str, ...]) -> Mapping[str, Any]:
    return {
        "matches": not faults,
        "mismatches": faults,
        "entries": len(record.entries),
        "last": record.entries[-1].hash if record.entries else "",
        "evidence": {each.about: each.sha256 for each in record.entries if each.kind is RecordKind.EVIDENCE},
    }


def _told(target: str, record: Record, found: RecordFile, faults: tuple[str, ...]) -> Iterator[str]:
    """Say in words what came of it."""
    if faults:
        yield f"The record of {target} is not as it was kept:"
        yield from (f"  - {each}" for each in faults[:MOST_TOLD])
        if len(faults) > MOST_TOLD:
            yield f"  and {len(faults) - MOST_TOLD} more; -o json tells all"
    else:
        against = "by itself" if found.events is None else "and as the ledger tells it"
        yield f"The record of {target} is whole, {against}: {_number(record)}"
    for each in record.entries:
        if each.kind is RecordKind.EVIDENCE:
            yield f"Evidence kept {moment(each.kept)}: {each.about}, SHA-256 {each.sha256}"
    if record.entries:
        yield f"Last hash: {record.entries[-1].hash}"
        yield "Note it elsewhere: who writes a whole record anew cannot change your note (--noted HASH)."


def _number(record: Record) -> str:
    many = len(record.entries)
    return "1 entry" if many == 1 else f"{many:,} entries"
