"""Reads the Bicep files as trees, and the roles and the CloudFormation template beside them as data."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

import pycep
import yaml

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
FILES = tuple(sorted(INFRA.rglob("*.bicep")))
MAIN = INFRA / "main.bicep"
MODULE = re.compile(r"^module (\w+) '([^']+)'", re.MULTILINE)


@lru_cache
def tree(path: Path) -> dict[str, Any]:
    """Give what the parser makes of a file."""
    parsed: dict[str, Any] = pycep.BicepParser().parse(file_path=path)
    return parsed


def declared(path: Path, kind: str) -> set[str]:
    """Give the names that a file declares: parameters, variables, outputs, resources, modules."""
    return set(tree(path).get(kind, {}))


@lru_cache
def code(path: Path) -> str:
    """Give a file without comments and without the texts of its decorators."""
    lines = re.sub(r"^@description\('.*'\)$", "", path.read_text(), flags=re.MULTILINE)
    return re.sub(r"(?<!:)//.*$", "", lines, flags=re.MULTILINE)


def uses(path: Path, name: str) -> int:
    """Count where a name is used, its declaration left out: in code, and within `${…}` in texts."""
    without = re.sub(rf"^(param|var|resource|module|output) {name}\b", "", code(path), flags=re.MULTILINE)
    without = re.sub(r"\bin (\w+): ", r"in \1 ", without)
    inside = "".join(re.findall(r"\$\{[^}]*\}", without))
    return len(re.findall(rf"(?<![\w.']){name}\b(?!:)", re.sub(r"'[^']*'", "", without) + inside))


def modules(path: Path) -> Iterator[tuple[str, Path]]:
    """Give each module that a file calls: its symbol and its file."""
    for symbol, relative in MODULE.findall(code(path)):
        yield symbol, (path.parent / relative).resolve()


def arguments(path: Path, symbol: str) -> set[str]:
    """Give the names of the parameters that a call of a module passes."""
    start = code(path).index(f"module {symbol} ")
    body = code(path)[start:]
    params = re.search(r"params: \{(.*?)\}$|params: \{\n(.*?)\n  \}", body, re.MULTILINE | re.DOTALL)
    assert params, f"{symbol} has no params"
    return set(re.findall(r"(?:^\s*|, |\{ )(\w+): ", params.group(1) or params.group(2), re.MULTILINE))


def required(path: Path) -> set[str]:
    """Give the parameters that a file has no default for."""
    return set(re.findall(r"^param (\w+) \w+$", code(path), re.MULTILINE))


def object_keys(path: Path, symbol: str) -> dict[str, str]:
    """Give name and value of each app setting in a resource's `properties`."""
    body = code(path)[code(path).index(f"resource {symbol} ") :]
    properties = re.search(r"properties: (?:union\(\w+, )?\{\n(.*?)\n  \}\)?\n", body, re.DOTALL)
    return dict(re.findall(r"^    (\w+): (.+)$", properties[1] if properties else "", re.MULTILINE))


def roles() -> dict[str, dict[str, Any]]:
    """Give the custom roles by the names of their files."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((INFRA / "roles").glob("*.json"))}


def granted() -> set[str]:
    """Give every action or pattern of actions that some role grants, in lower case."""
    return {action.lower() for role in roles().values() for action in role["actions"]}


def allowed(action: str) -> bool:
    """Tell whether some role grants an action."""
    return any(
        _matches(action, role["actions"]) and not _matches(action, role["notActions"]) for role in roles().values()
    )


def _matches(action: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


class _Template(yaml.SafeLoader):
    """Reads CloudFormation's short forms as plain data."""


def _short(loader: yaml.SafeLoader, tag: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_mapping(node, deep=True)}


_Template.add_multi_constructor("!", _short)


@lru_cache
def template() -> dict[str, Any]:
    """Give the CloudFormation template of the role."""
    read: dict[str, Any] = yaml.load((INFRA / "aws" / "role.yaml").read_text(), _Template)
    return read


def statements() -> Iterator[dict[str, Any]]:
    """Give every statement of every policy of the role."""
    for resource in template()["Resources"].values():
        yield from resource["Properties"].get("PolicyDocument", {}).get("Statement", [])


def actions(statement: dict[str, Any]) -> list[str]:
    """Give the actions of a statement as a list."""
    listed = statement["Action"]
    return listed if isinstance(listed, list) else [listed]
