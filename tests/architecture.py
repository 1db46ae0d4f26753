"""Reads the source of the app as trees and says where it breaks the rules of its architecture."""

import ast
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

ROOT = Path(__file__).parents[1]
PACKAGES = ("triggers", "orchestrators", "activities", "shared", "cli", "local")

# Which of our packages a package may import; `local` may import everything and nothing imports it.
MAY_IMPORT = {
    "function_app": {"triggers", "orchestrators", "activities", "shared"},
    "triggers": {"triggers", "shared"},
    "orchestrators": {"orchestrators", "shared"},
    "activities": {"activities", "shared"},
    "shared": {"shared"},
    "cli": {"cli", "shared"},
    "local": {*PACKAGES},
}
# An orchestrator is replayed: what it does must come out the same each time, so none of this may be in its sight.
UNREPEATABLE = frozenset(
    [
        "os",
        "sys",
        "time",
        "random",
        "uuid",
        "secrets",
        "requests",
        "httpx",
        "urllib",
        "socket",
        "asyncio",
        "threading",
        "subprocess",
        "boto3",
        "botocore",
    ]
)
CLOUDS = ("azure.mgmt", "azure.identity", "azure.core", "azure.data", "azure.storage", "azure.functions", "boto3")
# Of `shared`, what reads the environment, a clock, storage or a cloud; an orchestrator sees none of it.
IMPURE = (
    "shared.settings",
    "shared.clock",
    "shared.storage.tables",
    "shared.storage.rows",
    "shared.durable.durable_client",
    "shared.ledger",
    "shared.coordination.waits",
    "shared.coordination.slots",
    "shared.azure.arm",
    "shared.azure",
    "shared.site_recovery",
    "shared.sources",
)
# These stand in for services of others: they know no more of the app than those do, and run beside apps that have
# packages of our names, so they import themselves relatively.
STAND_INS = ("local.host", "local.simulator", "local.ssm")
# Durable Functions as such; everyone else goes through what stands beside it.
DURABLE, SEAM = "azure.durable_functions", "shared.durable.sdk"
ENVIRONMENT, SETTINGS = {"environ", "getenv", "environb", "putenv"}, "shared.settings"
DRAWERS = frozenset(["util", "utils", "helper", "helpers", "common", "misc", "base", "manager", "managers"])
LONGEST_MODULE, LONG_FUNCTION, SHARE_OF_LONG = 300, 20, 0.1
LONGEST_FUNCTION, LONGEST_IN_STAND_INS = 40, 60  # what a stand-in says on the wire stands in one place
SMALL_MODULE, SHARE_OF_LARGE, FEW, SHARE_OF_MANY = 150, 0.2, 4, 0.03  # lines; parameters
# Words that name nothing: whoever reads them cannot tell what is in them.
NO_NOUNS = frozenset(["said", "told", "asked", "mine", "there", "woken", "one", "rest", "thing", "stuff", "them"])
BINDING = frozenset(
    [
        ast.Name,
        ast.Attribute,
        ast.arg,
        ast.alias,
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.ExceptHandler,
        ast.MatchAs,
        ast.MatchStar,
    ]
)
WALL_CLOCK = {"now", "utcnow", "today"}


def shapeless(kind: type[BaseModel]) -> Iterator[str]:
    """Give the fields of a model that may hold anything, or hold things that may be anything."""
    return (name for name, field in kind.model_fields.items() if _is_loose(field.annotation))


def _is_loose(annotation: object) -> bool:
    return annotation in (Any, object) or any(map(_is_loose, get_args(annotation)))


def modules() -> dict[str, str]:
    """Give the source of every module of the app by its dotted name."""
    paths = [ROOT / "function_app.py", *(path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")))]
    return {_name(path): path.read_text() for path in paths if "node_modules" not in path.parts}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@lru_cache(maxsize=4)  # the rules look at one module after the other, and trees are large
def tree_of(source: str) -> ast.Module:
    """Read a source; nobody changes the tree."""
    return ast.parse(source)


@lru_cache(maxsize=4)
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Give every node of a source's tree: each rule looks at all of them, and walking takes as long as reading."""
    nodes: list[ast.AST] = [tree_of(source)]
    for node in nodes:  # as `ast.walk`, in a third of its time
        for value in vars(node).values():
            if type(value) is list:
                nodes += (each for each in value if isinstance(each, ast.AST))
            elif isinstance(value, ast.AST):
                nodes.append(value)
    return tuple(nodes)


@cache
def imported(name: str, source: str) -> frozenset[str]:
    """Give what a module imports, as dotted names; relative imports are made absolute."""
    found: set[str] = set()
    for node in nodes_of(source):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            whence = _absolute(name, node)
            found |= {whence} | {f"{whence}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _absolute(name: str, node: ast.ImportFrom) -> str:
    package = name.split(".")[: -node.level] if node.level else []
    return ".".join([*package, *([node.module] if node.module else [])])


def within(imports: Collection[str], *roots: str) -> set[str]:
    """Give those imports that are one of the roots or below it."""
    return {each for each in imports if any(each == root or each.startswith(f"{root}.") for root in roots)}


def breaches(name: str, source: str) -> Iterator[str]:
    """Say every rule that this module breaks, by itself."""
    imports = imported(name, source)
    yield from _import_breaches(name, imports)
    yield from _purity_breaches(name, source, imports)
    yield from _form_breaches(name, source)


def _import_breaches(name: str, imports: Collection[str]) -> Iterator[str]:
    package = name.split(".", maxsplit=1)[0]
    theirs = {each.split(".")[0] for each in within(imports, *PACKAGES)}
    for other in sorted(theirs - MAY_IMPORT[package]):
        yield f"{name}: {package} may not import {other}"
    if any(name.startswith(f"{stand_in}.") for stand_in in STAND_INS):
        for each in sorted(within(imports, *PACKAGES) - within(imports, "local")):
            yield f"{name}: a stand-in may not import {each} of the app"
    if name != SEAM and package != "local" and within(imports, DURABLE):
        yield f"{name}: only {SEAM} may import {DURABLE}"


def _purity_breaches(name: str, source: str, imports: Collection[str]) -> Iterator[str]:
    package = name.split(".", maxsplit=1)[0]
    if package not in ("local", "cli") and name != SETTINGS and reads_environment(source):
        yield f"{name}: only {SETTINGS} may read the environment"
    if package == "orchestrators":
        for each in sorted(within(imports, *UNREPEATABLE, *CLOUDS, *IMPURE)):
            yield f"{name}: an orchestrator may not import {each}"
    if package in ("orchestrators", "activities") and reads_wall_clock(source):
        yield f"{name}: {package} may not read the wall clock"


def reads_environment(source: str) -> bool:
    """Tell whether it touches `os.environ` or its like, by whatever way it was imported."""
    nodes = nodes_of(source)
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_name(node.value, "os")}
    names = {
        alias.name for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "os" for alias in node.names
    }
    return bool((attributes | names) & ENVIRONMENT)


def reads_wall_clock(source: str) -> bool:
    """Tell whether it asks `datetime` or `date` for the present, or `time` for anything but a pause."""
    nodes = nodes_of(source)
    clock_reads = [node for node in nodes if isinstance(node, ast.Attribute) and node.attr in WALL_CLOCK]
    modules_named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    from_modules = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    by_datetime = any(_last_name(node.value) in ("datetime", "date") for node in clock_reads)
    return by_datetime or "time" in modules_named or "time" in from_modules or "shared.clock" in from_modules


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def imports_itself_absolutely(source: str) -> bool:
    """Tell whether a module of `local` names its own package instead of importing relatively."""
    nodes = nodes_of(source)
    named = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    named += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    return bool(within(set(named), "local"))


def _form_breaches(name: str, source: str) -> Iterator[str]:
    parts = name.split(".")
    if parts[0] == "local" and imports_itself_absolutely(source):
        yield f"{name}: imports local by its name, not relatively"
    for drawer in sorted(DRAWERS & set(parts)):
        yield f"{name}: {drawer} is a drawer, not a name"
    if parts[-1] == "__init__":
        if source:
            yield f"{name}: __init__.py holds something"
        return
    if not ast.get_docstring(tree_of(source)):
        yield f"{name}: has no docstring that says its one job"
    if (lines := len(source.splitlines())) > LONGEST_MODULE:
        yield f"{name}: {lines} lines, more than {LONGEST_MODULE}"
    longest = LONGEST_IN_STAND_INS if parts[0] == "local" else LONGEST_FUNCTION
    for function, length in lengths(source):
        if length > longest:
            yield f"{name}.{function}: {length} lines, more than {longest}"


@cache
def lengths(source: str) -> list[tuple[str, int]]:
    """Give the length in lines of each function, decorators left out."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in nodes_of(source) if isinstance(node, kinds)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


@cache
def classes(source: str) -> list[str]:
    """Give the names of the classes of a module."""
    return [node.name for node in nodes_of(source) if isinstance(node, ast.ClassDef)]


def bindings(source: str) -> set[str]:
    """Give every name that a module binds."""
    return {name for node in nodes_of(source) for name in _bound(node)}


def _bound(node: ast.AST) -> list[str]:
    if type(node) not in BINDING:
        return []
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
            return [name]
        case ast.arg(arg=name) | ast.alias(asname=str(name)) | ast.alias(name=name):
            return [name]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
    return []


@cache
def signatures(source: str) -> list[tuple[str, list[str]]]:
    """Give each function with the names of its parameters; keywords count, `self` does not."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in nodes_of(source) if isinstance(node, kinds)]
    return [
        (node.name, [each.arg for each in _arguments(node.args) if each.arg not in ("self", "cls")]) for node in found
    ]


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def reached(start: str, sources: dict[str, str]) -> set[str]:
    """Give every module of ours that importing `start` brings in, and what those import of others."""
    seen: set[str] = set()
    todo = {start}
    while todo:
        name = todo.pop()
        seen.add(name)
        if name in sources:
            todo |= imported(name, sources[name]) - seen
    return seen


def phase_collections(source: str, phases: set[str]) -> Iterator[str]:
    """Give each collection of phases by name: of two or more anywhere, of a single one where it is a constant or asked."""
    tree = tree_of(source)
    telling = {id(node.value) for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and node.value}
    telling |= {id(each) for node in nodes_of(source) if isinstance(node, ast.Compare) for each in node.comparators}
    for node in nodes_of(source):
        parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
        named = {each.value for each in parts if isinstance(each, ast.Constant) and each.value in phases}
        if len(named) > 1 or (named and len(parts) == 1 and id(node) in telling):
            yield f"line {node.lineno}: {', '.join(sorted(named))}"


def guarded(source: str, call: str) -> set[str]:
    """Give the functions of a module that call another by its bare name."""
    functions = (node for node in nodes_of(source) if isinstance(node, ast.FunctionDef))
    return {
        each.name
        for each in functions
        for node in ast.walk(each)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call
    }
