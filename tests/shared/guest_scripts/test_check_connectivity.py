"""Looking from a machine whether the appliance answers: each port that does not is named, on old Windows too."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.verification.connection_attempts import FOLDER as CONNECTIVITY
from shared.guest_scripts.wrapper import GuestScript
from tests.shared.guest_scripts.roads import Machine


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """One that answers, one that does not."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield server.getsockname()[1], closed.getsockname()[1]


def tried(folder: Path, shell: str, *ports: int, appliance: str = "127.0.0.1") -> str:
    file = CONNECTIVITY / f"check-connectivity.{'sh' if shell else 'ps1'}"
    arguments = {"places": ",".join(f"{appliance}:{port}" for port in ports)}
    script = GuestScript(name="check-connectivity", text=file.read_text(), arguments=arguments)
    return Machine(folder, shell).run("SSM", script).shown


@pytest.mark.parametrize("shell", ["/bin/sh", ""], ids=["Linux", "Windows"])
def test_a_closed_port_is_named_and_an_open_one_is_not(tmp_path: Path, ports: tuple[int, int], shell: str) -> None:
    opened, closed = ports
    message = f"Failed (exit code 13): port {closed} of 127.0.0.1 is not reachable"
    assert tried(tmp_path, shell, opened, closed) == message
    assert tried(tmp_path, shell, opened) == "Success (exit code 0): it printed nothing"


def test_an_address_is_never_program_text(tmp_path: Path) -> None:
    strange = "127.0.0.1; touch x\u2019; '$(touch x)"
    assert tried(tmp_path, "/bin/sh", 1, appliance=strange).startswith(
        "Failed (exit code 13): port 1 of 127.0.0.1; touch"
    )
    assert not list(tmp_path.rglob("x"))


def test_wrong_usage_is_told() -> None:
    command = ["bash", str(CONNECTIVITY / "check-connectivity.sh")]
    for arguments in ([], ["--colour", "red"], ["--places", ""], ["--places"]):
        ended = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        assert (ended.returncode, "usage:" in ended.stderr) == (2, True)


def test_the_script_for_windows_needs_no_cmdlet_that_old_ones_lack() -> None:
    text = (CONNECTIVITY / "check-connectivity.ps1").read_text().split("#>")[1]
    assert "Test-NetConnection" not in text
    assert "TcpClient" in text


def test_the_script_for_linux_is_clean() -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    command = [str(shellcheck), str(CONNECTIVITY / "check-connectivity.sh")]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""
