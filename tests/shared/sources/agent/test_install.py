"""The agent scripts: the Linux one runs here against stub installers, the Windows one is only read (no PowerShell here)."""

import hashlib
import io
import os
import re
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.ssm.machines import registers_agent

AGENT = Path(__file__).parents[4] / "shared" / "sources" / "agent"
SCRIPT = AGENT / "install.sh"
CODES = {2, 10, 11, 12, 13, 14, 15, 16, 17, 18}

INSTALLER = """#!/usr/bin/env bash
echo "install $*" >>"$JOURNAL"
[[ ${INSTALLER_FAILS:-} ]] && exit 3
while [[ $1 != -d ]]; do shift; done
mkdir -p "$2/Vx/bin"
cp configurator "$2/Vx/bin/UnifiedAgentConfigurator.sh"
cp cli "$2/Vx/bin/AzureRcmCli"
"""
CONFIGURATOR = """#!/usr/bin/env bash
echo "configure $*" >>"$JOURNAL"
exit "${CONFIGURATOR_FAILS:-0}"
"""
CLI = """#!/usr/bin/env bash
echo "identity-of-this-machine"
"""


def archive(path: Path) -> None:
    with tarfile.open(path, "w:gz") as tar:
        for name, text in {"install": INSTALLER, "configurator": CONFIGURATOR, "cli": CLI}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text), 0o755
            tar.addfile(info, io.BytesIO(text.encode()))


@dataclass
class Machine:
    """A folder that is the machine's root, with commands of our own first in the path."""

    root: Path
    port: int

    def stub(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text(f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)

    def run(self, *more: str, **env: str) -> subprocess.CompletedProcess[str]:
        fixed = ["--appliance", "127.0.0.1", "--ports", str(self.port), "--min-free-mb", "1"]
        command = ["bash", str(SCRIPT), *fixed, "--installer", str(self.root / "agent.tar.gz"), *more]
        path = f"{self.root / 'bin'}:{os.environ['PATH']}"
        around = {"PATH": path, "AZFERRY_ROOT": str(self.root), "JOURNAL": str(self.root / "journal"), **env}
        return subprocess.run(command, env=around, capture_output=True, text=True, check=False, timeout=60)

    def configured(self, **env: str) -> subprocess.CompletedProcess[str]:
        return self.run("--config", str(self.root / "config.json"), **env)

    @property
    def journal(self) -> list[str]:
        path = self.root / "journal"
        return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    for folder in ("bin", "etc"):
        (tmp_path / folder).mkdir()
    (tmp_path / "etc" / "os-release").write_text('NAME="Red Hat"\nID="rhel"\nVERSION_ID="8.8"\n')
    (tmp_path / "config.json").write_text("{}")
    archive(tmp_path / "agent.tar.gz")
    with socket.create_server(("127.0.0.1", 0)) as appliance:
        made = Machine(tmp_path, appliance.getsockname()[1])
        made.stub("id", "echo 0")
        made.stub("uname", "echo x86_64")
        yield made


def test_the_agent_is_installed_and_registered(machine: Machine) -> None:
    ended = machine.configured()
    assert (ended.returncode, ended.stderr) == (0, "")
    assert machine.journal == ["install", "configure"]
    words = (machine.root / "journal").read_text()
    assert f"-q -d {machine.root}/usr/local/ASR -r MS -v VmWare -c CSPrime" in words
    assert "installed and registered" in ended.stdout


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    machine.configured()
    ended = machine.configured()
    assert ended.returncode == 0
    assert machine.journal == ["install", "configure"]
    assert machine.run().returncode == 0


def test_a_new_configuration_registers_again_without_installing(machine: Machine) -> None:
    machine.configured()
    (machine.root / "config.json").write_text('{"new": true}')
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure", "configure"]


def test_without_a_configuration_the_machine_names_itself(machine: Machine) -> None:
    ended = machine.run()
    assert ended.returncode == 17
    assert "identity-of-this-machine" in ended.stdout
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure"]


def test_a_registration_that_failed_is_tried_again(machine: Machine) -> None:
    ended = machine.configured(CONFIGURATOR_FAILS="5")
    assert (ended.returncode, "code 5" in ended.stderr) == (16, True)
    assert machine.configured().returncode == 0
    assert machine.journal == ["install", "configure", "configure"]


def test_a_failing_installer_says_so(machine: Machine) -> None:
    ended = machine.configured(INSTALLER_FAILS="yes")
    assert (ended.returncode, "code 3" in ended.stderr) == (15, True)


def test_an_appliance_that_does_not_answer_stops_before_anything_is_changed(machine: Machine) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        ended = machine.run("--ports", str(closed.getsockname()[1]))
    assert ended.returncode == 13
    assert "security groups" in ended.stderr
    assert machine.journal == []


def test_a_checksum_is_kept(machine: Machine) -> None:
    right = hashlib.sha256((machine.root / "agent.tar.gz").read_bytes()).hexdigest()
    assert machine.run("--sha256", "0" * 64).returncode == 18
    assert machine.run("--sha256", right.upper()).returncode == 17


def test_a_damaged_archive_is_refused(machine: Machine) -> None:
    (machine.root / "agent.tar.gz").write_text("no archive")
    assert machine.configured().returncode == 18


def test_the_archive_is_read_from_the_web_and_from_s3(machine: Machine) -> None:
    source = machine.root / "agent.tar.gz"
    machine.stub("curl", f'while [[ $1 != --output ]]; do shift; done; cp "{source}" "$2"')
    assert machine.run("--installer", "https://example.invalid/agent.tar.gz").returncode == 17
    (machine.root / "usr" / "local" / "ASR" / "Vx" / "bin" / "UnifiedAgentConfigurator.sh").unlink()
    machine.stub("aws", f'echo "$*" >>"{machine.root}/aws"; cp "{source}" "$5"')
    assert machine.run("--installer", "s3://bucket/agent.tar.gz").returncode == 17
    assert "s3 cp --only-show-errors s3://bucket/agent.tar.gz" in (machine.root / "aws").read_text()


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("id", "echo 1000", 11),
        ("uname", "echo aarch64", 10),
        ("df", "printf 'h\\nx 1 1 0 1%% /\\n'", 12),
    ],
)
def test_a_machine_that_does_not_fit_is_refused(machine: Machine, name: str, text: str, code: int) -> None:
    machine.stub(name, text)
    assert machine.configured().returncode == code
    assert machine.journal == []


def test_a_system_without_an_agent_is_refused(machine: Machine) -> None:
    (machine.root / "etc" / "os-release").write_text("ID=amzn\n")
    ended = machine.configured()
    assert (ended.returncode, "amzn" in ended.stderr) == (10, True)


@pytest.mark.parametrize("arguments", [[], ["--appliance"], ["--appliance", "a"], ["--colour", "red"]])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    ended = subprocess.run(["bash", str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 2


def test_a_missing_archive_is_told(machine: Machine) -> None:
    assert machine.run("--installer", "/nowhere/agent.tar.gz").returncode == 14


def test_the_linux_script_is_clean() -> None:
    assert subprocess.run(["bash", "-n", str(SCRIPT)], check=False).returncode == 0
    shellcheck = Path(sys.executable).with_name("shellcheck")
    ended = subprocess.run([str(shellcheck), str(SCRIPT)], capture_output=True, text=True, check=False)
    assert ended.stdout == ""


def test_both_scripts_know_the_same_exit_codes() -> None:
    for name in ("install.sh", "install.ps1"):
        text = (AGENT / name).read_text()
        described = re.search(r"Exit codes:(.*?)\n\s*(?:\n|set )", text.replace("\n# ", " "), re.DOTALL)
        assert described
        assert {int(code) for code in re.findall(r"(?:^|[; ])(\d+) (?=[a-z])", described[1])} - {0} == CODES
        assert registers_agent(text)


def test_the_windows_script_has_balanced_brackets_and_stops_with_known_codes_only() -> None:
    text = (AGENT / "install.ps1").read_text()
    code = re.sub(r"<#.*?#>", "", text, flags=re.DOTALL)
    for first, last in ("{}", "()", "[]"):
        assert code.count(first) == code.count(last)
    names = dict(re.findall(r"(?<!\])\$(\w+) = (\d+)(?=;|\n)", code))
    assert {int(value) for value in names.values()} == CODES
    assert set(re.findall(r"Stop-With \$(\w+)", code)) == set(names)
