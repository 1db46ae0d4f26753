"""A forked part is what the stack expects of a process: it leads its group, ends when it is killed, and tells how."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.prefork import Forked, launch


@pytest.fixture
def simulator(tmp_path: Path) -> Forked:
    log = tmp_path / "simulator.log"
    forked = launch(["local.simulator", "--clock", "skipping"], log, os.environ | {"MARK": "ours"})
    while "listening on" not in log.read_text():
        assert forked.poll() is None, log.read_text()
    return forked


def test_it_leads_a_group_of_its_own_and_ends_when_it_is_killed(simulator: Forked) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        simulator.wait(0)
    assert os.getpgid(simulator.pid) == simulator.pid
    os.killpg(simulator.pid, signal.SIGKILL)
    assert simulator.wait(30) == -signal.SIGKILL


def test_it_ends_when_it_is_asked_to(simulator: Forked) -> None:
    simulator.send_signal(signal.SIGTERM)
    assert simulator.wait(30) == -signal.SIGTERM
