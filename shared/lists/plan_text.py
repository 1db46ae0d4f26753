"""Changing the text of a plan where it has to change, and nowhere else: comments, order and style stay as they are.

The parser tells where each value stands; what is new is put beside it. What comes out is read again by whoever asked, so that
a text of an unforeseen shape is refused, never damaged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from shared.plan.plan_yaml import flow, item

Marked = Any  # a node of yaml: their values have no types
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EMPTY: Final = ("", "~", "null")


@dataclass(frozen=True)
class Splice:
    """A piece of text that takes the place of another."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Piece:
    """A machine that goes into a list: from data, or with the lines that it had in another list."""

    document: Mapping[str, Any]
    lines: str = ""
    indent: int = 0

    def at(self, indent: int) -> str:
        """Return its lines for a list of this indentation."""
        if not self.lines:
            return "".join(f"{line}\n" for line in item(self.document, indent))
        return "".join(_shifted(line, indent - self.indent) for line in self.lines.splitlines(keepends=True))


@dataclass(frozen=True)
class NewWave:
    """A wave that the plan does not have yet."""

    name: str
    machines: tuple[Piece, ...]
    road: Mapping[str, Any] = field(default_factory=dict)  # what it has of its own

    @property
    def document(self) -> dict[str, Any]:
        """Give it as a plan's document."""
        return {"name": self.name, **self.road, "machines": [dict(each.document) for each in self.machines]}

    def at(self, indent: int) -> str:
        """Return its lines for a list of this indentation."""
        lines = [*item({"name": self.name, **self.road}, indent), f"{' ' * (indent + 2)}machines:"]
        return "".join(f"{line}\n" for line in lines) + "".join(each.at(indent + 4) for each in self.machines)


class PlanText:
    """The text of a plan, and where in it everything stands."""

    def __init__(self, text: str) -> None:
        """Find out where everything stands; the text is known to be a readable plan."""
        self.text = text if text.endswith("\n") else f"{text}\n"
        self._as_json = text.lstrip().startswith("{")
        self._root: Marked = yaml.compose(self.text, Loader=_LOADER)
        self._splices = list[Splice]()
        self._cuts: dict[int, list[tuple[int, int]]] = {}  # of the machines of a wave

    def result(self) -> str:
        """Return the text with every change."""
        parts, at = list[str](), 0
        for each in sorted(self._splices, key=lambda splice: (splice.start, splice.end)):
            parts += [self.text[at : each.start], each.text]
            at = each.end
        return "".join([*parts, self.text[at:]])

    def machine(self, wave: int, machine: int) -> Marked:
        """Return where a machine stands."""
        return self._machines(wave).value[machine]

    def wave(self, wave: int) -> Marked:
        """Return where a wave stands."""
        return _child(self._root, "waves").value[wave]

    def _machines(self, wave: int) -> Marked:
        return _child(self.wave(wave), "machines")

    def set_in_plan(self, changes: Mapping[str, Any]) -> None:
        """Set fields of the plan, in whatever depth."""
        self.set_in(self._root, changes)

    def set_in(self, node: Marked, changes: Mapping[str, Any]) -> None:
        """Set fields of a mapping: those that are there in their place, the others behind the last."""
        new: dict[str, Any] = {}
        for key, value in changes.items():
            child = _child(node, key)
            if child is None:
                new[key] = value
            elif isinstance(value, Mapping) and isinstance(child, yaml.MappingNode):
                self.set_in(child, value)
            else:
                self._replace(child, value)
        if new:
            self._add(node, new)

    def _replace(self, node: Marked, value: Any) -> None:
        start, end = node.start_mark.index, self._end(node)
        blank = " " if start == end else ""  # an empty value stands right behind its colon
        self._splices.append(Splice(start, end, blank + self._flow(value)))

    def _add(self, node: Marked, new: Mapping[str, Any]) -> None:
        """Add fields to a mapping."""
        if node.flow_style:
            pairs = self._flow(new)[1:-1]
            at = self._end(node.value[-1][1]) if node.value else node.start_mark.index + 1
            self._splices.append(Splice(at, at, f", {pairs}" if node.value else pairs))
            return
        indent = " " * node.start_mark.column
        at = self._line_end(self._end(node))
        lines = "".join(f"{indent}{self._flow(key)}: {self._flow(value)}\n" for key, value in new.items())
        self._splices.append(Splice(at, at, lines))

    def append_waves(self, waves: Sequence[NewWave]) -> None:
        """Add waves behind the last."""
        node = _child(self._root, "waves")
        lines = "".join(each.at(2) for each in waves)
        if node is not None and not node.value and not self._root.flow_style:
            self._splices.append(Splice(node.start_mark.index, self._end(node), "\n" + lines.rstrip("\n")))
        elif node is not None:
            self._append(node, waves)
        elif self._root.flow_style:
            self._add(self._root, {"waves": [each.document for each in waves]})
        else:
            self._splices.append(Splice(len(self.text), len(self.text), f"waves:\n{lines}"))

    def append_machines(self, wave: int, machines: Sequence[Piece]) -> None:
        """Add machines behind the last of a wave."""
        self._append(self._machines(wave), machines)

    def _append(self, node: Marked, pieces: Sequence[Piece] | Sequence[NewWave]) -> None:
        documents = [dict(each.document) for each in pieces]
        if isinstance(node, yaml.ScalarNode) or not node.value:
            self._replace(node, documents)
        elif node.flow_style:
            at = self._end(node.value[-1])
            self._splices.append(Splice(at, at, "".join(f", {self._flow(each)}" for each in documents)))
        else:
            at = self._line_end(self._end(node))
            self._splices.append(Splice(at, at, "".join(each.at(node.start_mark.column) for each in pieces)))

    def piece(self, wave: int, number: int, document: Mapping[str, Any]) -> Piece:
        """Return a machine as it stands here, to be put into another list with the comments above it."""
        node = self._machines(wave)
        if node.flow_style:
            return Piece(document)
        if wave not in self._cuts:
            self._cuts[wave] = list(self._chunks(node))
        start, end = self._cuts[wave][number]
        return Piece(document, self.text[start:end], node.start_mark.column)

    def remove_machines(self, wave: int, numbers: Sequence[int]) -> None:
        """Take machines out of a wave, each with the comments above it."""
        self._remove(self._machines(wave), set(numbers))

    def remove_waves(self, numbers: Sequence[int]) -> None:
        """Take waves out of the plan, each with the comments above it."""
        self._remove(_child(self._root, "waves"), set(numbers))

    def _remove(self, node: Marked, gone: set[int]) -> None:
        left = [each for number, each in enumerate(node.value) if number not in gone]
        if node.flow_style or not left:
            start = node.start_mark.index
            end = self._end(node)
            kept = ", ".join(self.text[each.start_mark.index : self._end(each)] for each in left)
            self._splices.append(Splice(start, end, f"[{kept}]"))
            return
        chunks = list(self._chunks(node))
        self._splices += [Splice(*chunks[number], "") for number in sorted(gone)]

    def _chunks(self, node: Marked) -> Iterator[tuple[int, int]]:
        """Yield where each item of a block list begins and ends, in whole lines."""
        start = self._with_comments(self.text.rfind("\n", 0, node.start_mark.index) + 1, node.start_mark.column)
        for each in node.value:
            end = self._line_end(self._end(each))
            yield start, end
            start = end

    def _with_comments(self, at: int, column: int) -> int:
        """Return where the comments begin that stand right above a line, as far in as it does."""
        while at and (line := self.text[self.text.rfind("\n", 0, at - 1) + 1 : at]).startswith(f"{' ' * column}#"):
            at -= len(line)
        return at

    def _end(self, node: Marked) -> int:
        """Return where a value ends, without what follows it."""
        if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
            start, end = int(node.start_mark.index), int(node.end_mark.index)
            return start + len(self.text[start:end].rstrip()) if getattr(node, "style", "") in ("|", ">") else end
        last = node.value[-1]
        return self._end(last[1] if isinstance(last, tuple) else last)

    def _line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1

    def _flow(self, value: Any) -> str:
        return flow(value, as_json=self._as_json)


def _child(node: Marked, key: str) -> Marked:
    """Return a field of a mapping; None where it has none."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def _shifted(line: str, by: int) -> str:
    """Return a line with more blanks before it, or fewer."""
    if by >= 0:
        return f"{' ' * by}{line}" if line.strip() else line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]
