"""Starts the real host as a process of its own, on the sample app, for the tests of this folder."""

import json
import os
import re
import shutil
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import prefork
from tests.prefork import Forked

SAMPLE = Path(__file__).parent / "sample_app"
WEBHOOK = "/runtime/webhooks/durabletask"
PATIENCE = 60.0  # the machine may be busy with other tests


@dataclass
class HostProcess:
    """One run of the host."""

    process: Forked
    log: Path
    data: Path
    origin: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def wait_until_ready(self) -> None:
        found = wait_for(lambda: self._listening() or self.process.poll() is not None)
        assert isinstance(found, str), self.printed()
        self.origin = found
        self.client.base_url = httpx.URL(found)

    def _listening(self) -> str | None:
        found = re.search(r"^listening on (http://127\.0\.0\.1:\d+)$", self.printed(), re.MULTILINE)
        return found.group(1) if found else None

    def printed(self) -> str:
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


class Launcher:
    """Starts hosts whose data, logs and traces lie in one folder, and kills those that are left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self._started: list[HostProcess] = []

    def __call__(
        self, app: Path, *more: str, settings: dict[str, str] | None = None, ready: bool = True
    ) -> HostProcess:
        data = self.folder / "data"
        log = self.folder / f"host-{len(self._started)}.log"
        command = ["local.host", "--app", str(app), "--port", "0", "--data", str(data), *more]
        host = HostProcess(prefork.launch(command, log, os.environ | (settings or {})), log, data)
        self._started.append(host)
        if ready:
            host.wait_until_ready()
        return host

    def sample(self, *more: str, storage: str, prefix: str, ready: bool = True, **settings: str) -> HostProcess:
        """Start the sample app, from a copy that has local settings."""
        app = self.folder / "app"
        if not app.exists():
            shutil.copytree(SAMPLE, app, ignore=shutil.ignore_patterns("__pycache__"))
            (app / "local_settings.template.json").rename(app / "local.settings.json")
        common = {
            "AzureWebJobsStorage": storage,
            "SAMPLE_PREFIX": prefix,
            "SAMPLE_SCRATCH": str(self.scratch),
            "SAMPLE_SCHEDULE": "0 0 0 1 1 *",
        }
        return self(app, *more, settings=common | settings, ready=ready)

    def close(self) -> None:
        for host in self._started:
            host.close()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Launcher]:
    """Start a host of one's own."""
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.close()


@pytest.fixture
def scratch(launch: Launcher) -> Path:
    """The folder where the sample app's activities and timers leave their traces."""
    return launch.scratch


@pytest.fixture
def start_sample(launch: Launcher, storage: str, unique: str) -> Callable[..., HostProcess]:
    """Start the sample app on this test's own data; a second start goes on with the data of the first."""

    def start(*more: str, ready: bool = True, **settings: str) -> HostProcess:
        return launch.sample(*more, storage=storage, prefix=unique, ready=ready, **settings)

    return start


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory, azurite: Any) -> Iterator[HostProcess]:
    """The sample app, running once for all tests of this worker that only ask it things."""
    launcher = Launcher(tmp_path_factory.mktemp("host"))
    yield launcher.sample(storage=azurite.connection_string, prefix=f"s{uuid.uuid4().hex[:12]}")
    launcher.close()


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
