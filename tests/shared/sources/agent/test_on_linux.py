"""What only Linux has: other shells, other downloaders, lists of processes."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared.sources.agent.conftest import Web
from tests.shared.sources.agent.machines import AGENT, Machine
from tests.shared.sources.agent.test_install import SECRET, output_of


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("id", "echo 1000", 11), ("uname", "echo aarch64", 10), ("df", "printf 'h\\nx 1 1 0 1%% /\\n'", 12)],
)
def test_a_linux_that_does_not_fit_is_refused(linux: Machine, name: str, text: str, code: int) -> None:
    linux.stub(name, text)
    assert linux.configured().returncode == code
    assert linux.journal == []


def test_a_system_without_an_agent_is_refused(linux: Machine) -> None:
    (linux.root / "etc" / "os-release").write_text("ID=amzn\n")
    ended = linux.configured()
    assert (ended.returncode, "amzn" in ended.stderr) == (10, True)


def test_bash_is_asked_for_and_help_is_given() -> None:
    by_sh = subprocess.run(["dash", str(AGENT / "install.sh")], capture_output=True, text=True, check=False)
    assert (by_sh.returncode, "run this by bash" in by_sh.stderr) == (2, True)
    helped = subprocess.run(["bash", str(AGENT / "install.sh"), "--help"], capture_output=True, text=True, check=False)
    assert (helped.returncode, "--config-sha256" in helped.stdout) == (0, True)
    lone = subprocess.run(
        ["bash", str(AGENT / "install.sh"), "--installer"], capture_output=True, text=True, check=False
    )
    assert (lone.returncode, "needs a value" in lone.stderr) == (2, True)


def test_an_older_linux_has_wget_only(linux: Machine, web: Web, certificate: Path) -> None:
    for name in (
        "bash",
        "sed",
        "tar",
        "df",
        "awk",
        "dirname",
        "timeout",
        "mkdir",
        "chmod",
        "flock",
        "rm",
        "mktemp",
        "wget",
        "head",
    ):
        (linux.root / "bin" / name).symlink_to(shutil.which(name) or "")
    for name in ("sha256sum", "mv", "cp", "tr", "touch", "gzip", "cat"):
        (linux.root / "bin" / name).symlink_to(shutil.which(name) or "")
    (linux.root / "wgetrc").write_text(f"ca_certificate = {certificate}.crt\n")
    env = {"WGETRC": str(linux.root / "wgetrc"), "PATH": str(linux.root / "bin")}
    assert linux.run(env, installer=f"{web.url}/agent?{SECRET}").returncode == 17
    linux.installed.unlink()
    for path, words in (("gone", "404"), ("to-http", "redirect")):
        ended = linux.run(env, installer=f"{web.url}/{path}?{SECRET}")
        assert (ended.returncode, words in ended.stderr) == (14, True)
        assert "s3cr3t" not in output_of(ended)


def test_no_list_of_processes_shows_the_address(linux: Machine) -> None:
    linux.stub("curl", f'printf "%s\\n" "$@" >>"{linux.root}/words"; exit 22')
    assert linux.run(installer=f"https://127.0.0.1/agent?{SECRET}").returncode == 14
    assert "s3cr3t" not in (linux.root / "words").read_text()


def test_the_linux_script_is_clean() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    ended = subprocess.run([str(shellcheck), str(AGENT / "install.sh")], capture_output=True, text=True, check=False)
    assert ended.stdout == ""
