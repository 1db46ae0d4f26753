"""Commands that are imported when they are called."""

import inspect
import json
import subprocess
import sys

import pytest

from cli.app import COMMANDS

OTHERS = ["list", "show", "approve", "pause", "login", "mcp"]
# Each line in a fork of a process that has imported what every line does, which takes a third of a second.
IMPORTED = """
import json, os, sys
from cli.app import app
for line in json.loads(sys.argv[1]):
    if os.fork() == 0:
        app(line, standalone_mode=False)
        print(json.dumps([line, list(sys.modules)]), file=sys.stderr)
        os._exit(0)
    os.wait()
"""


@pytest.fixture(scope="module")
def imported_by():
    """Give what a line of the command line imports."""
    lines = json.dumps([["--help"], *([command, "--help"] for command in OTHERS)])
    run = subprocess.run([sys.executable, "-c", IMPORTED, lines], capture_output=True, text=True, check=True)
    brought = {tuple(line): set(modules) for line, modules in map(json.loads, run.stderr.splitlines())}
    return lambda *line: brought[line]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_list_says_of_a_command_what_the_command_says_of_itself(command):
    own = inspect.getdoc(COMMANDS[command].load()).partition("\n\n")[0]
    assert COMMANDS[command].summary == " ".join(own.split())


def test_to_list_commands_none_of_their_modules_is_imported(imported_by):
    theirs = {entry.function.partition(":")[0] for entry in COMMANDS.values()}
    assert imported_by("--help") & (theirs | {"shared.plan.model"}) == set()


def test_to_run_a_command_the_modules_of_others_are_not_imported(imported_by):
    assert "cli.starting" not in imported_by("pause", "--help")


@pytest.mark.parametrize("command", OTHERS)
def test_no_command_but_those_of_plans_brings_in_their_rules_or_the_libraries_of_clouds(imported_by, command):
    brought = imported_by(command, "--help")

    assert COMMANDS[command].function.partition(":")[0] in brought
    assert brought & {"shared.plan.model", "azure.identity", "msal", "mcp", "jmespath", "yaml"} == set()


def test_a_name_that_is_nearly_a_command_is_answered_with_that_command(run):
    ended = run("retyr", "m.1")
    assert ended.exit_code == 2
    assert "Did you mean 'retry'" in " ".join(ended.output.split())
