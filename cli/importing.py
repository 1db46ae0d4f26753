"""The command `import`: lists of other tools become machines of a plan, or change them; nothing is started."""

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from cli import problem
from cli.arguments import usage
from cli.failing import Exit, Failing
from cli.list_options import with_list_options
from cli.profiles_beside import ProfilesBeside
from cli.session import Session
from cli.wording import count
from shared.lists.options import ListOptions
from shared.plan.error_messages import quoted
from shared.problems import Problem
from shared.reporting.name_lists import some_of

if TYPE_CHECKING:  # readers of workbooks are imported where lists are read only
    from shared.lists.records import Finding
    from shared.lists.results import ImportResult, PlanChange
    from shared.lists.sources import ListFile

READABLE = 0o644  # the mode of a new plan
MOST_PLACES = 20
MOST_LINES = 200  # of changes, and of findings; `-o json` has all of them
ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".json", ".zip")
SIGNS = {"added": "+", "changed": "~", "moved": ">"}

Lists = Annotated[list[Path], typer.Argument(metavar="FILE…", help="lists: CSV, XLSX, ZIP, JSON, or a folder of them")]
Into = Annotated[Path, typer.Option("--into", metavar="PLAN", help="the plan; it is made where it is not there")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="show the difference, write nothing")]


@with_list_options
def import_lists(ctx: typer.Context, files: Lists, into: Into, options: ListOptions, dry_run: DryRun = False) -> None:
    """Read lists of machines of other tools into a plan; nothing is started."""
    session = Session(ctx)
    into = into.resolve()  # a link stays one
    if into.is_dir() or not into.parent.is_dir():
        raise usage(f"{into} is no file of a folder that is there", "--into")
    before = into.read_bytes() if into.is_file() else b""
    result = _imported(files, before, into, options, ProfilesBeside(into, session))
    if result.changed and not dry_run:
        write_whole(into, result.plan)
    if session.as_data:
        session.write(result.model_dump(mode="json", by_alias=True) | {"written": result.changed and not dry_run})
    else:
        for line in _told(result, before.decode("utf-8-sig"), into, dry_run=dry_run):
            session.say(line)
    if not result.complete:
        raise typer.Exit(Exit.NO)


def _imported(
    files: Sequence[Path], before: bytes, into: Path, options: ListOptions, profiles: ProfilesBeside
) -> "ImportResult":
    from shared.lists.importing import import_lists as read_into  # noqa: PLC0415 - see above

    try:
        text = before.decode("utf-8-sig")
        return read_into(list(_files(files)), text, into.stem, options, profiles=profiles)
    except UnicodeDecodeError:
        raise usage(f"{into} is not UTF-8 text", "--into") from None
    except Problem as wrong:
        raise Failing(problem.of(wrong), Exit.NO) from None


def _files(paths: Sequence[Path]) -> Iterator["ListFile"]:
    """Read the files; of a folder those that may be lists. Raise `BadParameter` for what is not there."""
    from shared.lists.limits import check_size  # noqa: PLC0415 - see above
    from shared.lists.sources import ListFile  # noqa: PLC0415 - see above

    for path in paths:
        inside = sorted(each for each in path.iterdir() if each.suffix.lower() in ENDINGS) if path.is_dir() else [path]
        if not inside or not all(each.is_file() for each in inside):
            raise usage(f"there is no list in {path}" if path.is_dir() else f"there is no file {path}", "FILE")
        for each in inside:
            check_size(each.name, each.stat().st_size)
            yield ListFile(each.name, each.read_bytes())


def write_whole(into: Path, text: str) -> None:
    """Write the plan whole or not at all."""
    with NamedTemporaryFile(
        "w", dir=into.parent, prefix=f".{into.name}.", delete=False, encoding="utf-8", newline=""
    ) as new:
        new.write(text)
    made = Path(new.name)
    made.chmod(into.stat().st_mode if into.exists() else READABLE)
    made.replace(into)


def _told(result: "ImportResult", before: str, into: Path, *, dry_run: bool) -> Iterator[str]:
    """Yield what was read, what becomes otherwise, what was found, and what the plan lacks."""
    for each in result.lists:
        rows = count(each.rows, "row")
        yield f"{each.file}: {each.format}, {rows}, {count(each.machines, 'machine')}"
    yield from _some([change_line(each) for each in result.changes], "changes")
    yield from _some([line for each in _alike(result.findings) for line in _finding(each)], "lines of findings")
    if dry_run:
        yield from _difference(before, result.plan, into)
    written = "would be changed" if dry_run else "written" if before else "written, new"
    yield f"{into}: {written if result.changed else 'unchanged'}; {_counted(result)}"
    if result.valid:
        yield "the plan is valid"
    else:
        yield "the plan still lacks:"
        yield from _some([f"  {problem.fault_line(each)}" for each in result.errors], "errors")


def _counted(result: "ImportResult") -> str:
    kinds = [each.kind for each in result.changes]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in SIGNS if kind in kinds)
    faulty = len({(each.file, each.sheet, each.row) for each in result.findings if each.severity == "error"})
    return (counts or "nothing to change") + (f"; {count(faulty, 'row')} not taken over" if faulty else "")


def _some(lines: Sequence[str], what: str) -> Iterator[str]:
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES:,} more {what}; -o json shows all"


def change_line(change: "PlanChange") -> str:
    """Return what becomes otherwise, on a line."""
    if change.kind == "added":
        return f"+ {change.machine} in wave {change.wave}"
    before = "" if change.before is None else f"{change.before} → "
    return f"{SIGNS[change.kind]} {change.machine}: {change.field} {before}{change.after}"


def _alike(findings: Sequence["Finding"]) -> list[list["Finding"]]:
    """Put together what is said in the same words of a sheet: many rows, or many columns; errors stand alone."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for number, each in enumerate(findings):
        alone = number if each.severity == "error" else -1
        column = (
            each.column if each.severity == "warning" else ""
        )  # of what is left out by design many columns are alike
        key = (alone, each.severity, each.file, each.sheet, column, each.message)
        groups.setdefault(key, []).append(each)
    return list(groups.values())


def _finding(alike: list["Finding"]) -> Iterator[str]:
    """Yield the lines of findings that say the same."""
    first = alike[0]
    parts = (
        first.file,
        f"sheet {first.sheet}" if first.sheet else "",
        _listed("row", [str(each.row) for each in alike if each.row]),
        _listed("column", [each.column for each in alike if each.column]),
    )
    read = f" {quoted(first.read)}" if first.read and len(alike) == 1 else ""
    yield f"{first.severity.value} {', '.join(filter(None, parts))}:{read} {first.message}"
    if first.advice:
        yield f"  what to do: {first.advice}"


def _listed(noun: str, names: list[str]) -> str:
    """Return places of one kind, each once; of very many the first."""
    once = list(dict.fromkeys(names))
    return f"{noun}{'s' if len(once) > 1 else ''} {some_of(once, MOST_PLACES)}" if once else ""


def _difference(before: str, after: str, into: Path) -> Iterator[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), str(into), f"{into} (imported)", lineterm="")
    yield from lines
