"""Writes docs/errors.md from the code: `python -m tests.errors_document`. A test sees that it was not forgotten."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.concerns.judge import CATALOGUE
from shared.concerns.registry import EVERYWHERE, Rule
from shared.problems import Problem

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "errors.md"
PACKAGES = ("shared", "activities", "orchestrators", "triggers")

HEAD = """# Errors and concerns

This page is written from the code (`python -m tests.errors_document`).

Every refusal of azferry is a problem document (RFC 9457): `type` ends in one of the ids below, `detail` says what
happened, `advice` what you can do, `errors` points at the places in your input. What Azure or AWS said is kept: `code`,
`causes` and the recommended action. The codes of Site Recovery itself are explained at
`https://aka.ms/ASRErrorCode-{code}`.
"""

CONCERNS = """## Concerns

What the assessment finds, and the verification of a migrated machine. A *critical* one stops the machine (or, about the plan,
the migration) before anything is changed, about the VM in Azure before the machine counts as moved; one that can be acknowledged goes on once somebody has said why:

```yaml
acknowledge:
  - {concern: replication-mode-retired, machine: "*", reason: "we still run a configuration server"}
```

or while it runs: `POST /api/migrations/{id}/acknowledge`. Who acknowledged, when and why is kept.
"""


def document() -> str:
    """Give the whole page."""
    parts = [HEAD, "## Problems\n", _table(("id", "status", "title"), _problems(Problem)), REFUSALS]
    parts += [_table(("id", "title"), sorted((_anchor(name), title) for name, title in refusals().items())), CONCERNS]
    for scope, title in (
        ("plan", "About the plan"),
        ("machine", "About a machine"),
        ("vm", "About the VM that a machine became"),
    ):
        rules = [rule for rule in CATALOGUE.values() if rule.scope == scope]
        parts += [f"### {title}\n", _table(("id", "category", "concern", "what to do", "roads"), map(_row, rules))]
    return "\n".join(parts)


REFUSALS = """### Refusals by name

Most refusals are of the kinds above and carry an id of their own:
"""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Give a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines) + "\n"


def _anchor(name: str) -> str:
    """Give an id that links can lead to."""
    return f'<a id="{name}"></a>`{name}`'


def _problems(kind: type[Problem]) -> Iterator[tuple[str, str, str]]:
    """Give the tree of problems in its own order."""
    yield _anchor(kind.id), str(kind.status), kind.title
    for child in kind.__subclasses__():
        if child.__module__.startswith("shared.problem_tree."):  # tests may make their own
            yield from _problems(child)


def _row(rule: Rule) -> tuple[str, ...]:
    """Give the row of a concern."""
    category = rule.category + (", can be acknowledged" if rule.category == "critical" and rule.acknowledgeable else "")
    roads = "all" if rule.roads == EVERYWHERE else ", ".join(rule.roads)
    return f'<a id="concern-{rule.id}"></a>`{rule.id}`', category, rule.title, rule.advice, roads


def refusals() -> dict[str, str]:
    """Give the title of every refusal that the code raises under an id of its own."""
    found: dict[str, str] = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _class_of(node) in _names(Problem):
                keywords = {word.arg: _text(word.value) for word in node.keywords}
                name, title = keywords.get("id", ""), keywords.get("title", "")
                if name:
                    found[name] = found.get(name) or title
    return found


def _class_of(call: ast.Call) -> str:
    """Give the name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _names(kind: type[Problem]) -> set[str]:
    """Give the names of all problems."""
    return {kind.__name__}.union(*(_names(child) for child in kind.__subclasses__()))


def _text(value: ast.expr) -> str:
    """Give a constant text; empty for anything that is worked out."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


if __name__ == "__main__":
    DOCUMENT.write_text(document())
