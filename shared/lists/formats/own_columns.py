"""Lists with the plan's own names as headers: what people write who know where they want to end."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar, Final, get_origin

from shared.lists.cells import is_true, whole_of
from shared.lists.formats.list_format import TableFormat
from shared.lists.formats.words import formula, strategies, tag_values
from shared.lists.options import ListOptions
from shared.lists.records import Finding, ListedValue, Severity
from shared.lists.tables import Table, TableRow
from shared.plan.machines import SELECTORS, SEVERAL, Machine
from shared.plan.target import MachineTarget
from shared.roads.scenarios import FROM_AWS

NAME: Final = ("name", "machine", "machine name")
TAG: Final = re.compile(r"^(?:tags?[:.]|target\.tags\.)(?=.)")
SHORT: Final = {  # what would be two things: the address at the source, and the one in Azure
    "instanceid": "source.instanceId",
    "privateip": "source.privateIp",
    "vmid": "source.vmId",
    "sourcename": "source.name",
    "targetname": "target.name",
    "targetprivateip": "target.privateIp",
}


class OwnColumns(TableFormat):
    """Rows are machines; headers are fields of a plan's machine, whole (`target.size`) or their last word (`size`)."""

    name: ClassVar[str] = "azferry"
    title: ClassVar[str] = "list with the plan's own names"
    wave_headers: ClassVar[tuple[str, ...]] = ("wave",)

    def missing(self, headers: frozenset[str]) -> str:
        """See that there are names, and one more field."""
        if "wave name" in headers:
            return "the column wave name, which this format calls wave"
        wanted = [] if headers & set(NAME) else ["name"]
        known = [each for each in headers if _path(each) or each == "wave"]
        wanted += [] if known else ["one more field of a machine, such as wave, privateIp or size"]
        return f"no column {' and '.join(wanted)}" if wanted else ""

    def key(self, row: TableRow) -> tuple[str, str]:
        """Return the machine's name."""
        return row.text(*NAME), ""

    def takes(self, header: str) -> bool:
        """Take every field of a machine that one cell can hold."""
        return header in (*NAME, "tags", "target.tags", "scenario") or bool(_path(header) or TAG.match(header))

    def values(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue | Finding]:  # noqa: ARG002
        """Yield what each column says, as its field wants it."""
        for header, raw in zip(row.table.keys, row.table.headers, strict=True):
            path = _path(header)
            if header in ("tags", "target.tags"):
                yield from tag_values(_listed(row, header, "tags"), ";", "=")
            elif found := TAG.match(header):
                name = raw.lstrip("*").strip()[found.end() :]
                yield from _plain(_listed(row, header, "target.tags"), ("target", "tags", name))
            elif path == "strategy":
                yield from strategies(_listed(row, header, path))
            elif path and not path.startswith("source."):
                yield from _plain(_listed(row, header, path), tuple(path.split(".")))

    def selectors(self, row: TableRow, options: ListOptions) -> Iterator[ListedValue]:  # noqa: ARG002
        """Yield how the source is found, then the name itself."""
        for header in row.table.keys:
            path = _path(header)
            if path.startswith("source.") and (listed := _listed(row, header, path)):
                yield ListedValue(listed.path[1:], listed.value, listed.place)
        if listed := _listed(row, next((each for each in NAME if row.text(each)), NAME[0]), "name"):
            yield listed

    def road(self, table: Table) -> str:
        """Speak of the road that a column names, or of EC2 where instances are named."""
        rows = table.rows() if "scenario" in table.positions else iter(())
        first = next((found for row in rows if (found := row.text("scenario"))), "")
        return first or (FROM_AWS if {"instanceid", "source.instanceid"} & set(table.keys) else "")


def _listed(row: TableRow, header: str, path: str) -> ListedValue | None:
    read = row.text(header)
    return ListedValue(tuple(path.split(".")), read, row.place(header)) if read else None


def _plain(listed: ListedValue | None, path: tuple[str, ...]) -> Iterator[ListedValue | Finding]:
    """Yield the value as its field's kind wants it: texts, whole numbers, yes and no."""
    if listed is None:
        return
    if wrong := formula(listed):
        yield wrong
        return
    read, kind = str(listed.value), _kinds().get(".".join(path), str)
    value: Any = whole_of(read) if kind is int else is_true(read) if kind is bool else read
    if value is None:
        message = "must be a whole number" if kind is int else "must be yes or no"
        yield listed.place.finding(Severity.WARNING, f"{message}; it is not taken over", "Correct it.")
    else:
        yield ListedValue(path, value, listed.place)


@lru_cache(maxsize=1_000)
def _path(header: str) -> str:
    """Return the field that a header names, as a path; empty for none."""
    if header in NAME:
        return ""
    word = re.sub(r"[\s_-]+", "", header)
    paths = {path.casefold(): path for path in _kinds()} | {
        f"source.{each}".casefold(): f"source.{each}" for each in SELECTORS if each not in SEVERAL
    }
    last = {path.rpartition(".")[2].casefold(): path for path in _kinds()}
    return paths.get(word) or SHORT.get(word) or last.get(word, "")


@lru_cache(maxsize=1)
def _kinds() -> dict[str, type]:
    """Give the fields of a machine that one cell can hold, with their kind; made from the models."""
    found: dict[str, type] = {}
    for above, model in (("target.", MachineTarget), ("", Machine)):
        for name, field in model.model_fields.items():
            kind = next((each for each in (bool, int, str) if _is(field.annotation, each)), None)
            if kind and name != "name":
                found[f"{above}{field.alias or name}"] = kind
    return found | {"target.name": str}


def _is(annotation: Any, kind: type) -> bool:
    """Whether a field holds values of a kind, perhaps as a choice of some, or nothing."""
    if annotation is kind:
        return True
    if get_origin(annotation) in (dict, tuple):
        return False
    parts = getattr(annotation, "__args__", ())
    values = [each for each in parts if each is not type(None)]
    return bool(values) and all(type(each) is kind or _is(each, kind) for each in values)
