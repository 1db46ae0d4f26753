"""Starts the real host as a process of its own, on the sample app, for the tests of this folder."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[3]
SAMPLE = Path(__file__).parent / "sample_app"
WEBHOOK = "/runtime/webhooks/durabletask"
PATIENCE = 30.0


@dataclass
class HostProcess:
    """One run of the host."""

    process: subprocess.Popen[bytes]
    log: Path
    data: Path
    origin: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def wait_until_ready(self) -> None:
        found = wait_for(lambda: self._listening() or self.process.poll() is not None)
        assert isinstance(found, str), self.said()
        self.origin = found
        self.client.base_url = httpx.URL(found)

    def _listening(self) -> str | None:
        found = re.search(r"^listening on (http://127\.0\.0\.1:\d+)$", self.said(), re.MULTILINE)
        return found.group(1) if found else None

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def keys(self) -> dict[str, Any]:
        return json.loads((self.data / "keys.json").read_text())

    def durable(self, method: str, path: str, **more: Any) -> httpx.Response:
        more["headers"] = {"x-functions-key": self.keys["durable"]} | more.pop("headers", {})
        return self.client.request(method, f"{WEBHOOK}/{path}", **more)

    def start(self, name: str, given: object = None, instance_id: str | None = None) -> str:
        path = f"orchestrators/{name}" + (f"/{instance_id}" if instance_id else "")
        answer = self.durable("POST", path, json=given)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def status(self, instance_id: str, **parameters: str) -> dict[str, Any]:
        answer = self.durable("GET", f"instances/{instance_id}", params=parameters)
        return answer.json() if answer.content else {"runtimeStatus": None}

    def ended(self, instance_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            status = self.status(instance_id)
            return status if status["runtimeStatus"] in ("Completed", "Failed", "Terminated") else None

        return wait_for(look)

    def until_status(self, instance_id: str, wanted: str) -> None:
        wait_for(lambda: self.status(instance_id)["runtimeStatus"] == wanted)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=PATIENCE)

    def close(self) -> None:
        self.client.close()
        if self.process.poll() is None:
            self.kill()


def wait_for(look: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Give the first answer that is true; fails when none comes."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError("what was waited for did not come")


@pytest.fixture
def patiently() -> Callable[..., Any]:
    return wait_for


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., HostProcess]]:
    """Start a host on an app folder; every one still running is killed at the end."""
    started: list[HostProcess] = []

    def start(app: Path, *more: str, settings: dict[str, str] | None = None, ready: bool = True) -> HostProcess:
        data = tmp_path / "data"
        log = tmp_path / f"host-{len(started)}.log"
        command = [sys.executable, "-m", "local.host", "--app", str(app), "--port", "0", "--data", str(data), *more]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=os.environ | (settings or {}), stdout=output, stderr=subprocess.STDOUT
            )
        host = HostProcess(process, log, data)
        started.append(host)
        if ready:
            host.wait_until_ready()
        return host

    yield start
    for host in started:
        host.close()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder where the sample app's activities and timers leave their traces."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of the sample app with its local settings."""
    app = tmp_path / "app"
    shutil.copytree(SAMPLE, app, ignore=shutil.ignore_patterns("__pycache__"))
    (app / "local_settings.template.json").rename(app / "local.settings.json")
    return app


@pytest.fixture
def sample_settings(storage: str, unique: str, scratch: Path) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": storage,
        "SAMPLE_PREFIX": unique,
        "SAMPLE_SCRATCH": str(scratch),
        "SAMPLE_SCHEDULE": "0 0 0 1 1 *",
    }


@pytest.fixture
def host(launch: Callable[..., HostProcess], sample: Path, sample_settings: dict[str, str]) -> HostProcess:
    """The sample app, running."""
    return launch(sample, settings=sample_settings)


@pytest.fixture
def app_of(tmp_path: Path) -> Callable[..., Path]:
    """Write a one-file app."""

    def write(code: str, host_json: dict[str, Any] | None = None) -> Path:
        app = tmp_path / "own"
        app.mkdir()
        (app / "function_app.py").write_text(code)
        (app / "host.json").write_text(json.dumps({"version": "2.0"} | (host_json or {})))
        return app

    return write
