"""What the wheel holds: the command line, and whatever it imports of `shared`; nobody keeps a list of it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ImportedModules(BuildHookInterface):  # type: ignore[type-arg]  # of which configuration it is does not matter here
    """Adds the modules of `shared` that the command line imports."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name them to the builder; an editable install finds them where they are."""
        if version != "editable":
            root = Path(self.root)
            build_data["force_include"] |= {str(path): str(path.relative_to(root)) for path in _needed(root)}


def _needed(root: Path) -> set[Path]:
    """Give the files of `shared` that `cli` imports, directly or not, with the packages that they lie in."""
    found: set[Path] = set()
    waiting = sorted((root / "cli").rglob("*.py"))
    while waiting:
        more = {path for name in _imported(waiting.pop()) for path in _files(root, name)} - found
        found |= more
        waiting += sorted(more)
    return found


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(root: Path, name: str) -> Iterator[Path]:
    """Give the files of a dotted name, whose last part may be a name within a module."""
    parts = name.split(".")
    if parts[0] != "shared":
        return
    for length in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:length])
        yield from (each for each in (place / "__init__.py", place.with_suffix(".py")) if each.is_file())
