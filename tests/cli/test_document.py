"""docs/command-line.md tells what the command line can do."""

import re

import pytest

from cli.app import COMMANDS
from cli.failing import Exit
from tests.architecture import ROOT

PAGE = (ROOT / "docs" / "command-line.md").read_text()
TABLED = [line for line in PAGE.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_described(command):
    assert any(re.search(rf"`{command}\b", line) for line in TABLED)


def test_each_exit_code_is_described():
    assert [str(int(code)) for code in Exit] == re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
