"""The wrapper: what it takes along into a machine arrives as it was, and nothing of it becomes program text."""

import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest

from shared.guest_scripts.powershell import as_literal
from shared.guest_scripts.wrapper import RUN_COMMAND, SYSTEMS_MANAGER, TIMED_OUT, GuestScript, end_of, wrap
from tests.shared.guest_scripts.roads import NONCE, Machine

VALUE = "it's \u2018\u2019\u201a\u201b; exit 3 # $(exit 3) `exit 3` \\u0041 \U0001f600"
DATA = '{"a": "\'@"}\nAZFERRY\n'


def test_on_linux_arguments_and_files_arrive_as_they_are(tmp_path: Path) -> None:
    text = '#!/usr/bin/env bash\nprintf "%s|" "$@"; cat "$AZFERRY_FILES/c.json"; stat -c %a "$AZFERRY_FILES/.."'
    script = GuestScript(name="install-agent", text=text, arguments={"a-b": VALUE}, files={"c.json": DATA})
    ended = Machine(tmp_path, "/bin/sh").run("SSM", script)
    assert ended.result.stdout == f"--a-b|{VALUE}|{DATA}700"
    assert ended.left == ()


def test_on_windows_arguments_and_files_arrive_as_they_are(tmp_path: Path) -> None:
    text = 'param($AB)\n[Console]::Write("$AB|" + [IO.File]::ReadAllText("$env:AZFERRY_FILES/c.json") + "|")'
    script = GuestScript(name="install-agent", text=text, arguments={"a-b": VALUE}, files={"c.json": DATA})
    ended = Machine(tmp_path).run("run command", script)
    assert ended.result.stdout == f"{VALUE}|{DATA}|"


@pytest.mark.parametrize("text", ["it's", VALUE, "\x00\x0b\x1c\x85", "\ud800", "\t"])
def test_a_powershell_literal_is_ascii_and_one_string(text: str) -> None:
    literal = as_literal(text)
    assert literal.isascii()
    assert literal.isprintable() or text == "\t"
    assert literal.strip("()").removeprefix("[Regex]::Unescape(").replace("''", "").count("'") == 2


def test_all_that_is_sent_to_windows_is_ascii() -> None:
    script = GuestScript(name="stop-services", text=VALUE, arguments={"a": VALUE}, files={"c": VALUE})
    assert "\n".join(wrap(script, RUN_COMMAND, NONCE, windows=True)).isascii()


def test_the_last_mark_of_the_right_nonce_counts() -> None:
    assert end_of("a\nazferry-end 0 0\nazferry-end 1 7\r\n", "1").code == 7
    assert end_of("azferry-end 1 7\nazferry-end 1 0\n", "1").code == 0
    assert end_of("azferry-end 1 7\n", "0").code is None
    assert end_of("echo azferry-end 1 0\n", "1").code is None, "a line of its own"
    assert not end_of("\nazferry-end 1 not-started\n", "1").started


@pytest.mark.parametrize("shell", ["/bin/sh", ""], ids=["linux", "windows"])
def test_what_it_is_to_know_stands_in_its_environment(tmp_path: Path, shell: str) -> None:
    text = 'printf "%s" "$AZFERRY_RUN"' if shell else "[Console]::Write($env:AZFERRY_RUN)"
    script = GuestScript(name="target-dns", text=text, environment={"AZFERRY_RUN": VALUE})
    assert Machine(tmp_path, shell).run("run command", script).result.stdout == VALUE


@pytest.mark.parametrize(
    ("shell", "seconds"), [("/bin/sh", 1), ("", 8)], ids=["linux", "windows"]
)  # PowerShell starts slowly
def test_a_script_whose_time_is_up_is_ended_with_all_that_it_started(tmp_path: Path, shell: str, seconds: int) -> None:
    text = f"echo begun; sh -c 'echo $$ >{tmp_path}/pid; exec sleep 600'; echo ended"
    if not shell:
        text = f"'begun'; sh -c 'echo $$ >{tmp_path}/pid; exec sleep 600'; 'ended'"
    ended = Machine(tmp_path, shell).run("run command", GuestScript(name="target-dns", text=text, timeout=seconds))
    assert (ended.result.exit_code, "begun" in ended.shown, "ended" in ended.shown) == (TIMED_OUT, True, False)
    assert not [name for name in ended.left if name.startswith("azferry")]
    place = Path("/proc", (tmp_path / "pid").read_text().strip(), "status")
    for _ in range(100):  # it was told to end; the system may take a moment
        if not place.exists() or "State:\tZ" in place.read_text():
            return
        sleep(0.05)
    raise AssertionError("what it started goes on")


def test_the_wrapper_itself_is_clean_shell() -> None:
    script = GuestScript(
        name="stop-services",
        text="exit 0",
        files={"c": "text"},
        arguments={"a": "b c"},
        environment={"A": "b c"},
        timeout=9,
    )
    shellcheck = Path(sys.executable).with_name("shellcheck")
    text = "\n".join(wrap(script, SYSTEMS_MANAGER, NONCE, windows=False))
    ended = subprocess.run([str(shellcheck), "-"], input=text, capture_output=True, text=True, check=False)
    assert ended.stdout == ""
