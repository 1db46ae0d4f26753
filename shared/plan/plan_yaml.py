"""Writing parts of a plan as YAML that the plan's reader takes for exactly what was meant."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

BLOCKS: Final = (
    "target",
    "replication",
    "source",
    "policy",
    "limits",
    "finish",
)  # of a plan; those of a machine fit on a line
ITEMS: Final = ("waves", "machines")

# Plain only where no reader, of YAML 1.1 or 1.2, could take it for anything but this text.
PLAIN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*|i-[0-9a-f]+|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
)
WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"})


def flow(value: Any, *, as_json: bool = False) -> str:
    """Return a value on one line, as YAML or as JSON."""
    if as_json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.casefold() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def block(document: Mapping[str, Any], indent: int) -> Iterator[str]:
    """Yield the lines of a plan's mapping: waves, machines and the parts of the plan as blocks, the rest on one line."""
    for key, value in document.items():
        start = f"{' ' * indent}{flow(key)}:"
        if key in BLOCKS and isinstance(value, Mapping) and value:
            yield start
            yield from block(value, indent + 2)
        elif key in ITEMS and isinstance(value, list) and value:
            yield start
            for each in value:
                yield from item(each, indent + 2)
        else:
            yield f"{start} {flow(value)}"


def item(document: Mapping[str, Any], indent: int) -> Iterator[str]:
    """Yield the lines of a wave or a machine in a list: what it holds stands on one line each, but for machines."""
    start = f"{' ' * indent}- "
    for key, value in document.items():
        if key in ITEMS:
            yield from block({key: value}, indent + 2)
        else:
            yield f"{start}{flow(key)}: {flow(value)}"
        start = " " * (indent + 2)


def plan_text(document: Mapping[str, Any]) -> str:
    """Return a whole plan as YAML."""
    return "".join(f"{line}\n" for line in block(document, 0))
