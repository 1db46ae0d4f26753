"""A simulator that is started again on its file has the world of the one before it, and goes on as that one would have."""

import json
import os
import re
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
    """Everything that is seen of a world, but for the places that two simulators which run at once cannot share."""
    own = str(client.base_url).rstrip("/")
    answers = {path: client.get(path, params=VERSION, headers=SIGNED) for path in SEEN}
    return {
        path: re.sub(r"\b127\.\d+\.\d+\.", "127.0.0.", answer.raise_for_status().text.replace(own, ""))
        for path, answer in answers.items()
    }


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
    assert ready.item("web1")["protectionState"].startswith("UnplannedFailoverCommitPending")


def test_a_request_that_was_torn_was_never_made_and_what_comes_next_is_kept(bare: Stage, kept: Path) -> None:
    bare.ask("PATCH", "/control/settings", {"retry_after": 7})
    bare.ask("PATCH", "/control/settings", {"page_size": 3})
    whole = kept.read_bytes()
    kept.write_bytes(whole[: -len(b'":3}"]}\n')])

    with another(kept) as second:
        settings = second.get("/control/settings").json()
        assert (settings["retry_after"], settings["page_size"]) == (7, 100)
        second.patch("/control/settings", json={"signed_urls": True}).raise_for_status()
    lines = [json.loads(line) for line in kept.with_name("copy").read_bytes().splitlines()]
    assert lines[-1]["request"][-1] == '{"signed_urls":true}'


def test_reads_are_kept_only_where_a_fault_may_be_used_up(bare: Stage, kept: Path) -> None:
    before = kept.stat().st_size
    bare.arm("GET", f"{VAULT_ID}/replicationJobs")
    assert kept.stat().st_size == before
    bare.ask("POST", "/control/faults", {"kind": "throttle"})
    ordered = kept.stat().st_size
    bare.arm("GET", f"{VAULT_ID}/replicationJobs")
    assert kept.stat().st_size > ordered
