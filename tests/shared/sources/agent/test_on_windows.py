"""What only Windows has: wanted restarts, and an old PowerShell."""

import subprocess
from pathlib import Path

import pytest

from shared.guest_scripts.wrapper import RUN_COMMAND, GuestScript, wrap
from tests import powershell
from tests.shared.sources.agent.machines import AGENT, Machine
from tests.shared.sources.agent.test_install import output_of


@pytest.mark.parametrize("code", ["3010", "1641"])
def test_a_restart_that_windows_wants_is_told(windows: Machine, code: str) -> None:
    ended = windows.configured({"INSTALLER_ENDS": code[-2:]})
    assert ended.returncode == 15, "no such code"
    script = windows.root / "install.ps1"
    script.write_text(script.read_text().replace(f" {code}", f" {int(code[-2:])}"))
    ended = windows.configured({"INSTALLER_ENDS": code[-2:]})
    assert (ended.returncode, "restarted" in ended.stdout) == (0, True), output_of(ended)


PARSE = """
$found = $null; $tokens = $null
$tree = [Management.Automation.Language.Parser]::ParseFile($args[0], [ref]$tokens, [ref]$found)
foreach ($one in $found) { "line $($one.Extent.StartLineNumber): $($one.Message)" }
foreach ($one in $tokens) {
    if ('AndAnd', 'OrOr', 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionMark', 'QuestionDot', 'QuestionLBracket' -contains "$($one.Kind)") {
        "line $($one.Extent.StartLineNumber): $($one.Text) is not of Windows PowerShell 5.1"
    }
}
"""


def complaints(folder: Path, script: Path) -> list[str]:
    """What a parser finds, and what words Windows PowerShell 5.1 does not know."""
    (folder / "parse.ps1").write_text(PARSE)
    command = [powershell.needed(), "-NoProfile", "-NonInteractive", "-File", str(folder / "parse.ps1"), str(script)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return ended.stdout.splitlines()


SHARED = AGENT.parents[1]
GUESTS = SHARED / "guest_scripts"
TEMPLATE = GUESTS / "windows.ps1"  # becomes a script once a person's is put into it
SCRIPTS = [AGENT / "install.ps1", *sorted(set(GUESTS.glob("*.ps1")) - {TEMPLATE})]


@pytest.mark.parametrize("script", SCRIPTS, ids=[script.name for script in SCRIPTS])
def test_what_runs_on_windows_is_written_for_windows_powershell(tmp_path: Path, script: Path) -> None:
    assert script.read_bytes().isascii()
    assert complaints(tmp_path, script) == []


def test_what_wraps_a_script_of_a_plan_is_too(tmp_path: Path) -> None:
    script = GuestScript(name="stop", text="Stop-Service shop\n", files={"check-0.ps1": "exit 0"})
    wrapped = tmp_path / "wrapped.ps1"
    wrapped.write_text("\n".join(wrap(script, RUN_COMMAND, "0abc", windows=True)))
    assert complaints(tmp_path, wrapped) == []


def test_words_of_a_newer_powershell_are_found(tmp_path: Path) -> None:
    newer = tmp_path / "newer.ps1"
    newer.write_text("$a = $b ?? 1; $c = $a ? 1 : 2; a && b; ${d}?.e; if (")
    assert len(complaints(tmp_path, newer)) >= 4
