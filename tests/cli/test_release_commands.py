"""Every command that the product tells people to type is one that the command line takes."""

import ast
import itertools
import re
import shlex

import pytest
import typer

from cli.app import COMMANDS as KNOWN
from cli.app import app
from shared.reporting.release_commands import CLI
from tests.architecture import PACKAGES, ROOT, modules

CALL = f"{CLI} "
# Where a command may begin: a line, a code span, behind a prompt, a colon or a setting. Prose that names the product goes on.
BEGINS = r"(?:^|[`$:(]|\w=\S+) *"
CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
# What stands for an expression within a command; anything else is a name such as any migration or machine has.
MEANINGS = {"asked.purpose": ("rollback", "cancel"), "purpose": ("rollback", "cancel")}
# How the module of these commands puts what they begin with, and the parts that may be missing.
MEANINGS |= {"CLI": (CLI,), "_of(machine)": ("", " --machine web1"), "_in(wave)": ("", " --wave shop")}


def texts(node):
    """Every text that an expression can come to, as far as it can be read off the source."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return together(node.values)
    if isinstance(node, ast.FormattedValue):
        return list(MEANINGS.get(ast.unparse(node.value), ("some-name.1",)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return together([node.left, node.right])
    if isinstance(node, ast.IfExp):
        return texts(node.body) + texts(node.orelse)
    return ["some-name"]


def together(parts):
    return ["".join(chosen) for chosen in itertools.product(*(texts(part) for part in parts))]


def names_the_command_line(node):
    if not any(CLI in str(getattr(each, "value", "")) or getattr(each, "id", "") == "CLI" for each in ast.walk(node)):
        return False  # most nodes, and to write them out takes longer
    return CALL in ast.unparse(node) or "{CLI} " in ast.unparse(node)


def expressions(tree):
    """The outermost expressions that name the command line; docstrings explain the code."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.BinOp | ast.JoinedStr | ast.Constant | ast.IfExp) and names_the_command_line(node):
            yield node
        else:
            yield from expressions(node)


def commands():
    found = set()
    for name, source in modules().items():
        if name.split(".")[0] in PACKAGES and ("CLI" in source or CLI in source):
            for node in expressions(ast.parse(source)):
                spoken = [(text, call) for text in texts(node) for call in calls(text) if not call.startswith("--")]
                found |= {(name, call) for text, call in spoken if not is_sentence(node, text, call)}
    return sorted(found)


def is_sentence(node, text, call):
    """Whether a text begins with the product's name and goes on about it."""
    begins = text.startswith(f"{CALL}{call}") and "{CLI}" not in ast.unparse(node)
    return begins and call.split()[0] not in KNOWN


def calls(text):
    """The command lines within a text: each ends with the line, a back-tick, a comma, a colon or a sentence out of quotes."""
    part = r'(?:"[^"\n]*"|[^`\n,;:"])'
    found = re.findall(rf"{BEGINS}{re.escape(CALL)}({part}+?)(?=[`\n,;:]|\.?$|\. )", text, re.MULTILINE)
    return [part.strip() for part in found]


def code_of(page):
    """The code of a document; a span that only names something (a role, an alert) begins with no command."""
    for code in CODE.findall(page):
        if "\n" in code or " --" in code or any(code.startswith(f"`{CALL}{name}") for name in KNOWN):
            yield code


def documented():
    """The commands of the documents; comments behind them, and where their output goes, are left out."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [(page.name, call) for page in pages for code in code_of(page.read_text()) for call in calls(code)]
    return [(page, re.split(" [#>]", call)[0].strip()) for page, call in found if not call.startswith("--")]


def parse(line):
    name, *arguments = shlex.split(line.replace("PLAN", str(ROOT / "examples" / "aws-to-azure.yaml")))
    group = typer.main.get_command(app)
    own, command, left = group.resolve_command(group.make_context("azferry", [name, *arguments]), [name, *arguments])
    return command.make_context(own, left)


COMMANDS = commands()


@pytest.mark.parametrize(("where", "line"), [*COMMANDS, *documented()])
def test_a_command_that_is_told_to_people_is_taken(where, line):
    assert parse(line).command.name == shlex.split(line)[0]


def test_the_commands_of_the_gates_are_among_them():
    verbs = {line.split()[0] for _, line in COMMANDS}

    assert {"approve", "confirm", "retry", "resume", "rollback", "cancel", "cutover", "acknowledge"} <= verbs


@pytest.mark.parametrize(
    ("line", "why"),
    [("approve x", "gate"), ("approve x --gate cutover --nonsense 1", "nonsense"), ("pause", "migration")],
)
def test_a_command_that_lacks_something_or_has_too_much_is_not_taken(line, why):
    with pytest.raises(Exception, match=why):
        parse(line)
