"""Where in the text of a plan the faults stand: the line and column of each, beside its pointer."""

from collections.abc import Iterable
from typing import Any, Final

import yaml

from shared.problems import Fault

LONGEST: Final = 4 * 1024 * 1024  # characters: of a longer text the pointers have to do
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Node = Any  # of yaml: what they hold has no types


def located(text: str, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults with their lines and columns; what is missing is shown where it is missing from."""
    root = _root(text)
    return tuple(faults) if root is None else tuple(_at(root, each) for each in faults)


def _root(text: str) -> Node:
    """Return the parsed text; None where it is too long, or no YAML though it is JSON."""
    try:
        return yaml.compose(text, Loader=_LOADER) if len(text) <= LONGEST else None
    except (yaml.YAMLError, RecursionError):
        return None


def _at(root: Node, fault: Fault) -> Fault:
    mark, node = root.start_mark, root
    for step in fault.pointer.split("/")[1:]:
        found = _step(node, step.replace("~1", "/").replace("~0", "~"))
        if found is None:
            break
        mark, node = found
    return fault.model_copy(update={"line": mark.line + 1, "column": mark.column + 1})


def _step(node: Node, step: str) -> tuple[Any, Node] | None:
    """Return where a field or an entry begins, and its value."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
        value = node.value[int(step)]
        return value.start_mark, value
    return None
