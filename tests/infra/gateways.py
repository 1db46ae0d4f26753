"""The operations that the gateways say they use, in the tables of their docstrings."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "shared" / "azure", ROOT / "shared" / "site_recovery", ROOT / "shared" / "sources" / "azure")
AZURE = tuple(path for folder in FOLDERS for path in sorted(folder.glob("*.py")))
AWS = tuple(sorted((ROOT / "shared" / "sources" / "aws").glob("*.py")))
FULL = re.compile(r"Microsoft\.\w+/[\w/]+")
TAIL = re.compile(r"…?(/[\w/]+)")


def tables(paths: Iterable[Path]) -> Iterator[tuple[Path, str, list[str]]]:
    """Give the heading and the right-hand cells of each module's table."""
    for path in paths:
        rows = [line for line in (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines() if line[:1] == "|"]
        cells = [row.strip("|").split("|")[1].strip() for row in rows]
        if cells:
            yield path, cells[0], cells[2:]


def aws_actions() -> set[str]:
    """Give the IAM actions that the gateways to AWS name."""
    return {each for _, _, cells in tables(AWS) for cell in cells for each in re.findall(r"\w+:\w+", cell)}


def azure_actions(known: Iterable[str]) -> dict[str, str]:
    """Give each role action that the gateways to Azure name, as they write it, with the known action that it means.

    A table abbreviates: `…/write` is what ends so and shares most with what was named before. "" = nothing known ends so.
    """
    catalogue = {each.lower(): each for each in known}
    found: dict[str, str] = {}
    for path, heading, cells in tables(AZURE):
        before = heading.partition("…")[2].strip("/ ").lower()
        for word in (part.strip() for cell in cells for part in re.sub(r"\(.*?\)", "", cell).split(",")):
            full = FULL.fullmatch(word)
            tail = TAIL.fullmatch(word)
            assert full or tail, f"{path.name}: cannot read {word!r}"
            meant = word.lower() if full else _ending(catalogue, str(tail and tail.group(1)).lower(), before)
            found[f"{path.name}: {word}"] = catalogue.get(meant, "")
            before = meant or before
    return found


def _ending(catalogue: Iterable[str], tail: str, before: str) -> str:
    """Give the known action that ends in `tail` and shares most with `before`."""
    words = set(before.split("/"))
    ending = [each for each in catalogue if each.endswith(tail)]
    return max(ending, key=lambda each: (len(words & set(each.split("/"))), -len(each)), default="")
