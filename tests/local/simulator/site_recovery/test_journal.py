"""A simulator that is started again on its file has the world of the one before it, and goes on as that one would have."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.local.simulator.site_recovery.conftest import API, SUBSCRIPTION, VAULT_ID, Stage

SIGNED = {"Authorization": "Bearer x"}
VERSION = {"api-version": API}
SEEN = (
    f"{VAULT_ID}/replicationProtectedItems",
    f"{VAULT_ID}/replicationJobs",
    f"{VAULT_ID}/replicationFabrics",
    f"{VAULT_ID}/replicationPolicies",
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines",
    f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/networkInterfaces",
    "/control/machines",
    "/control/faults",
    "/control/settings",
)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "world"


@contextmanager
def another(file: Path) -> Iterator[httpx.Client]:
    """A simulator in a process of its own, with another order in its sets, on a copy of the file."""
    copy = shutil.copy(file, file.with_name("copy"))
    command = [sys.executable, "-m", "local.simulator", "--clock", "skipping", "--kept", copy]
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        with httpx.Client(base_url=process.stdout.readline().split()[-1], headers=SIGNED) as client:
            yield client
        process.stdout.close()
    finally:
        process.kill()
        process.wait()


def world(client: httpx.Client) -> dict[str, Any]:
    """Everything that is seen of a world; its own address stands for itself."""
    own = str(client.base_url).rstrip("/")
    answers = {path: client.get(path, params=VERSION, headers=SIGNED) for path in SEEN}
    return {path: answer.raise_for_status().text.replace(own, "") for path, answer in answers.items()}


def advance(client: httpx.Client, seconds: int) -> None:
    client.post("/control/clock", json={"advance": f"PT{seconds}S"}).raise_for_status()


def test_jobs_copies_faults_and_ids_go_on_in_another_process(ready: Stage, kept: Path) -> None:
    ready.protect("web1", "web2")
    ready.enable("db1", "10.0.2.60", disks=[{"name": "disk0", "sizeGb": 100, "usedGb": 60}])
    ready.ask("POST", "/control/faults", {"kind": "server-error", "operation": "*/replicationJobs/read", "times": 3})
    assert [ready.arm("GET", f"{VAULT_ID}/replicationJobs").status_code for _ in range(2)] == [503, 503]
    ready.ask("POST", "/control/faults", {"kind": "job-fails", "scenario": "TestFailover", "match": "web2"})
    details = {"providerSpecificDetails": {"instanceType": "InMageRcm", "performShutdown": "true"}}
    assert ready.act("unplannedFailover", "web1", details).status_code == 202
    ready.advance(30)

    with another(kept) as second:
        assert second.get("/control/clock").json()["now"] == ready.ask("GET", "/control/clock")["now"]
        for client in (ready.control, second):
            assert client.get(f"{VAULT_ID}/replicationJobs", params=VERSION, headers=SIGNED).status_code == 503
        for seconds in (0, 600, 7200):
            for client in (ready.control, second):
                advance(client, seconds)
            assert world(ready.control) == world(second)
    assert ready.item("web1")["protectionState"] == "UnplannedFailoverCommitPending"
