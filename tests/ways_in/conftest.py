"""The app itself on the local host, on storage of its own; no cloud can be reached from it."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from local import azurite as azurite_process
from tests import prefork

ROOT = Path(__file__).parents[2]
INSTANCES = "/runtime/webhooks/durabletask/instances"
NOWHERE = "http://127.0.0.1:9"
PATIENCE = 60.0


@dataclass
class App:
    """The app, running."""

    client: httpx.Client
    key: str
    storage: str
    durable_key: str = ""

    def instance(self, name):
        """The status of a durable instance, as its management API gives it."""
        answer = self.client.get(f"{INSTANCES}/{name}", headers={"x-functions-key": self.durable_key})
        return answer.json().get("runtimeStatus", "") if answer.status_code in (200, 202) else ""

    def terminate(self, name):
        headers = {"x-functions-key": self.durable_key}
        self.client.post(f"{INSTANCES}/{name}/terminate", headers=headers).raise_for_status()

    def until(self, look):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := look(self.client):
                return found
            time.sleep(0.1)
        raise AssertionError("what was waited for did not come")


@pytest.fixture(scope="session")
def app(tmp_path_factory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("app")
    with (
        azurite_process.running(folder / "azurite", in_memory=True) as azurite,
        app_in(folder, azurite.connection_string) as running,
    ):
        yield running


@contextmanager
def app_in(folder, storage, clock="", **more) -> Iterator[App]:
    """The app until the block ends; `clock` = the one it lives by, `more` = settings of its own."""
    process, log = _start(folder, storage, clock, **more)
    try:
        origin = _origin(process, log)
        keys = json.loads((folder / "data" / "keys.json").read_text())
        key = _key(keys)
        headers = {"x-functions-key": key}
        with httpx.Client(base_url=origin, headers=headers, timeout=30, trust_env=False) as client:
            yield App(client, key, storage, keys["durable"])
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _start(folder, storage, clock="", **more):
    settings = {
        "AzureWebJobsStorage": storage,
        "AzureWebJobsDisableHomepage": "true",
        "AZFERRY_STORAGE": storage,
        "AZFERRY_LOCAL": "true",
        "AZFERRY_ARM_ENDPOINT": NOWHERE,
        "AZFERRY_ARM_TOKEN": "none",
        "AZFERRY_AWS_ENDPOINT": NOWHERE,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    } | more
    log = folder / "host.log"
    command = ["local.host", "--app", str(ROOT), "--port", "0", "--data", str(folder / "data")]
    command += ["--clock", clock] if clock else []
    return prefork.launch(command, log, os.environ | settings), log


def _origin(process, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        found = re.search(r"listening on (http://\S+)", log.read_text(errors="replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text(errors="replace"))


def _key(keys):
    """Any key of the app as a whole."""
    found = keys["app"]
    return found if isinstance(found, str) else next(iter(found.values()))
