"""Finds where code asks which road a plan goes, although the road's own object could answer (shared/roads).

What is looked for: a scenario, a provider or a mode of replication that is compared, looked up or matched, also by another
name; one of their names written out; a kind of source that is looked into; and asking an object for its class.
"""

import ast
from collections.abc import Iterable, Iterator

from shared.roads.table import ROADS
from tests.architecture import nodes_of

# Who may ask: the roads, what judges a plan or a machine before anything happens, and who speaks a provider's own language.
MAY_ASK = ("shared.roads", "shared.plan", "shared.concerns", "shared.site_recovery")
PACKAGES = ("function_app", "triggers", "orchestrators", "activities", "shared", "cli")
TELLING = {"scenario", "provider", "instance_type"}
SOURCES = {"aws", "azure", "physical", "vmware", "hyperv"}
# The default mode is left out: an appliance is also a thing, and comparing a mode with it is seen by the mode.
WRITTEN = {each for row in ROADS for each in (row.scenario, row.provider, row.mode)} - {"appliance"}


def questions(name: str, source: str) -> Iterator[str]:
    """Say where a module asks which road it is."""
    if name.split(".", maxsplit=1)[0] not in PACKAGES or any(
        name == each or name.startswith(f"{each}.") for each in MAY_ASK
    ):
        return
    nodes = nodes_of(source)
    known = TELLING | _other_names(nodes)
    for node in nodes:
        if what := _question(name, node, known):
            yield f"{name}:{getattr(node, 'lineno', 0)} {what}: let the road answer (shared/roads/road.py)"


def _question(name: str, node: ast.AST, known: set[str]) -> str:
    if any(_tells(each, known) for each in _decided_by(node)):
        return "decides by a scenario, mode or provider"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in WRITTEN:
        return f"writes {node.value!r}"
    if isinstance(node, ast.Attribute) and node.attr in SOURCES and _last(node.value) == "source":
        return "" if name.startswith("shared.sources.") else f"looks into a source of {node.attr}"
    if isinstance(node, ast.FunctionDef) and node.name == "applies_to":
        return "tells for which roads it is"
    if isinstance(node, ast.Call) and _last(node.func) == "isinstance" and _last(node.args[1]).endswith("Road"):
        return "asks for the class of a road"
    return ""


def _decided_by(node: ast.AST) -> list[ast.expr]:
    """Give the expressions whose value a piece of code decides by."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Subscript():
            return [node.slice]
        case ast.Match():
            return [node.subject]
        case ast.Call(func=ast.Attribute(attr="get" | "startswith" | "endswith", value=value)):
            return [value, *node.args]
        case ast.If() | ast.IfExp():
            return [node.test]
    return []


def _tells(node: ast.expr, known: set[str]) -> bool:
    """Tell whether an expression is a scenario, mode or provider, or holds one."""
    match node:
        case ast.Attribute(attr="mode", value=value):
            return _last(value) == "replication"
        case ast.Attribute(attr="name", value=value):
            return _last(value) == "provider"
        case ast.Attribute() | ast.Name():
            return _last(node) in known
        case ast.Call(func=ast.Attribute(attr="lower" | "upper" | "casefold" | "strip", value=value)):
            return _tells(value, known)
        case ast.Tuple() | ast.List() | ast.Set():
            return any(_tells(each, known) for each in node.elts)
    return False


def _other_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Give the variables that hold a scenario, mode or provider."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs += zip(names, values, strict=False)
            case ast.Assign(targets=[target], value=value) | ast.NamedExpr(target=target, value=value):
                pairs.append((target, value))
    return {target.id for target, value in pairs if isinstance(target, ast.Name) and _tells(value, TELLING)}


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
