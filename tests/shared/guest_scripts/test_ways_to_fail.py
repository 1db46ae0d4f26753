"""Road by system by way to fail: the rendered text runs for real, and what the product then shows is what happened."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from activities.source_scripts.command_results import described, settle
from shared.guest_scripts.wrapper import GuestScript
from shared.sources.aws.ssm import CommandResult
from tests.shared.guest_scripts.roads import NONCE, Machine, read

ROADS = ("SSM", "run command")
NO_END = r"Failed \(it did not come to its end: the machine restarted, or the script or its agent was ended\): "


@dataclass(frozen=True)
class Way:
    """One way of a script to end: its text, what is shown of it, and whether something stays behind in spite of us."""

    name: str
    text: str
    shown: str
    stays: bool = False
    env: dict[str, str] = field(default_factory=dict)


LINUX = (
    Way("open quote", "systemctl stop 'shop", r"Failed \(exit code 2\): .*([Uu]nterminated quoted|unexpected EOF)"),
    Way("no fi", "echo stopping\nif true; then\n  exit 0", r"Failed \(exit code 2\): .*[Ss]yntax error"),
    Way("no last newline", "printf 'stopping...'; exit 7", r"Failed \(exit code 7\): stopping\.\.\.$"),
    Way("error told before", "echo 'shop is busy' >&2; exit 3", r"Failed \(exit code 3\): shop is busy$"),
    Way("killed", "echo begun\nkill -9 $$", r"Failed \(exit code 137, as after SIGKILL\): (.*\| )?begun$"),
    Way(
        "killed with all around it",
        "echo begun\nkill -9 $PPID $$",
        rf"{NO_END}(it printed nothing|failed to run commands: signal: killed)$",
        stays=True,
    ),
    Way("python", "#!/usr/bin/env python3\nimport sys\nsys.exit(4)", r"Failed \(exit code 4\): it printed nothing$"),
    Way("python that does not parse", "#!/usr/bin/env python3\nif:", r"Failed \(exit code 1\): .*SyntaxError"),
    Way("bash", "#!/bin/bash\nset -o pipefail\na=(1 5)\nfalse | true || exit ${a[1]}", r"Failed \(exit code 5\): "),
    Way("bash with carriage returns", "#!/bin/bash\r\n[[ 1 == 2 ]]\r\nexit 6\r\n", r"Failed \(exit code 6\): "),
    Way("a first line with options", "#!/bin/bash -eu\nfalse\nexit 0", r"Failed \(exit code 1\): it printed nothing$"),
    Way(
        "a mark and blank lines before the first line",
        "\ufeff\n#!/bin/bash\n[[ a ]] && exit 8",
        r"Failed \(exit code 8\)",
    ),
    Way(
        "a shell that is not there", "#!/no/such/shell\nexit 0", r"Failed \(exit code 127\): .*(not found|No such file)"
    ),
    Way("bash said to be sh", "shopt -s nullglob && exit 9\nexit 9", r"Failed \(exit code 9\): "),
    Way("a mark of its own", f"echo azferry-end {NONCE} 0; exit 9", r"Failed \(exit code 9\): "),
    Way("a code that restarts the machine", "exit 194", r"Failed \(exit code 194\): it printed nothing$"),
    Way("another such code", "exit 3010", r"Failed \(exit code 194\): "),
    Way("a code above 255", "exit 300", r"Failed \(exit code 44\): "),
    Way("a negative code", "exit -1", r"Failed \(exit code (2|255)\): "),
    Way(
        "much output",
        "head -c 100000 /dev/zero | tr '\\0' x; echo; echo busy; exit 11",
        r"Failed \(exit code 11\): x+\nbusy$",
    ),
    Way("much on stderr", "head -c 90000 /dev/zero | tr '\\0' y >&2; exit 12", r"Failed \(exit code 12\): y+$"),
    Way("waits for an answer", "read answer || exit 13", r"Failed \(exit code 13\): it printed nothing$"),
    Way("leaves a child behind", "sleep 20 & echo on; exit 14", r"Failed \(exit code 14\): on$"),
    Way("removes its own file", 'rm -f "$0"; exit 15', r"Failed \(exit code 15\): it printed nothing$"),
    Way(
        "the word that ends it",
        f"cat <<'AZFERRY-{NONCE}'\nin\nAZFERRY-{NONCE}\nexit 16",
        r"Failed \(exit code 16\): in$",
    ),
    Way("an odd line feed", "echo 'a\u2028exit 1\x0bb'; exit 17", "Failed \\(exit code 17\\): a\u2028exit 1\x0bb$"),
    Way("headings of the agent", "printf '[stderr]\\n[stdout]\\n'; exit 18", r"Failed \(exit code 18\): "),
    Way("no room", "exit 0", r"Failed \(it could not be put on the machine\): .*mktemp", env={"TMPDIR": "/nowhere"}),
    Way("well", "echo stopped", r"Success \(exit code 0\): stopped$"),
    Way("well in spite of a failure midway", "false\necho stopped", r"Success \(exit code 0\): stopped$"),
)
WINDOWS = (
    Way("a cmdlet that fails", "Stop-Process -Name nope\n'on'", r"Failed \(exit code 1\): .*Cannot find a process"),
    Way("a program that fails last", "'stopping'; sh -c 'exit 5'", r"Failed \(exit code 5\): stopping$"),
    Way("a code of its own", "exit 5", r"Failed \(exit code 5\): it printed nothing$"),
    Way(
        "no last newline", "[Console]::Write('stopping...'); sh -c 'exit 7'", r"Failed \(exit code 7\): stopping\.\.\.$"
    ),
    Way("does not parse", "'begun'\nif (", r"Failed \(exit code 1\): .*Missing condition"),
    Way("throws", "throw 'shop is busy'", r"Failed \(exit code 1\): .*shop is busy"),
    Way(
        "killed",
        "'begun'; Stop-Process -Id $PID -Force",
        r"Failed \(exit code 137, as after SIGKILL\): (begun|it printed)",
    ),
    Way("ends its process", "[Environment]::Exit(6)", r"Failed \(exit code 6\): it printed nothing$"),
    Way("a code that restarts the machine", "exit 3010", r"Failed \(exit code 194\): "),
    Way("a mark of its own", f"'azferry-end {NONCE} 0'; exit 9", r"Failed \(exit code 9\): "),
    Way("much output", "'x' * 100000; 'busy'; exit 11", r"Failed \(exit code 11\): x+\s+busy$"),
    Way("waits for an answer", "Read-Host 'sure?'; exit 0", r"Failed \(exit code 1\): .*NonInteractive"),
    Way(
        "quotes of all kinds",
        "'it''s'; \"\u2019\u201a\"; exit 12\r\n'@\r\n",
        r"Failed \(exit code 1\): .*(terminator|string)",
    ),
    Way("removes its own file", "Remove-Item $PSCommandPath; exit 15", r"Failed \(exit code 15\): it printed nothing$"),
    Way(
        "well, with a namespace",
        "using namespace System.IO\n[Path]::GetFileName('a/\u20ac')",
        "Success \\(exit code 0\\): \u20ac$",
    ),
)


@pytest.fixture(params=["dash", "bash"])
def linux(request: pytest.FixtureRequest, tmp_path: Path) -> Machine:
    shell = tmp_path / "sh"
    shell.symlink_to(shutil.which(request.param) or pytest.fail(f"there is no {request.param} on this machine"))
    return Machine(tmp_path, str(shell))


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("way", LINUX, ids=lambda way: way.name)
def test_on_linux_a_script_ends_as_what_it_was(linux: Machine, road: str, way: Way) -> None:
    ended = linux.run(road, GuestScript(name="stop-services", text=way.text), **way.env)
    seen(ended.shown, way)
    assert bool(ended.left) == way.stays


@pytest.mark.parametrize(("road", "way"), [(ROADS[at % 2], way) for at, way in enumerate(WINDOWS)], ids=str)
def test_on_windows_a_script_ends_as_what_it_was(tmp_path: Path, road: str, way: Way) -> None:
    ended = Machine(tmp_path).run(road, GuestScript(name="stop-services", text=way.text))
    seen(ended.shown, way)
    assert [each for each in ended.left if each.startswith("azferry")] == []


def seen(shown: str, way: Way) -> None:
    assert re.match(way.shown, shown, re.DOTALL), shown


RESTARTED = {
    "run command on Linux": read(
        {
            "value": [
                {
                    "code": "ProvisioningState/succeeded",
                    "message": "Enable succeeded: Last script execution didn't finish.",
                }
            ]
        }
    ),
    "SSM": CommandResult(status="Failed", exit_code=0, stdout="document process failed unexpectedly"),
    "SSM, a success without a mark": CommandResult(status="Success", exit_code=0, stdout="stopping"),
}


@pytest.mark.parametrize("way", RESTARTED)
def test_a_machine_that_restarted_midway_never_counts_as_done(way: str) -> None:
    shown = described(settle(RESTARTED[way], NONCE))
    assert shown.startswith("Failed (it did not come to its end: the machine restarted")
    assert shown.endswith(("finish.", "unexpectedly", "stopping"))


def test_a_time_out_keeps_the_clouds_own_word() -> None:
    assert described(settle(CommandResult(status="TimedOut"), NONCE)).startswith("TimedOut (it did not come to its end")
