"""One stack for each module of end-to-end tests."""

import itertools
from collections.abc import Iterator

import pytest

from local.azurite import Azurite
from local.stack import part
from local.stack.guard import Guard
from local.stack.part import free_port
from local.stack.stack import storage_inside
from local.storage.server import SERVICES
from tests import prefork
from tests.e2e.stack_harness import FEW, NOTHING_QUEUED, QUICK, StackHarness, field_in, world


@pytest.fixture(scope="session", autouse=True)
def forked_parts() -> Iterator[None]:
    """Let the parts of all stacks share their imports; `test_stopping.py` starts them as people do."""
    started, part.launch = part.launch, prefork.launch
    yield
    part.launch = started


@pytest.fixture(scope="session")
def fresh_accounts(forked_parts: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[str]]:
    """Connection strings of storage for stacks whose tests are not about storage: one process, an account for each of them."""
    ports, guard = {service: free_port() for service in SERVICES}, Guard()
    listens = [word for service, port in ports.items() for word in (f"--{service}", str(port))]
    server = part.start("storage", ["local.storage.server", *listens], tmp_path_factory.mktemp("storage"), guard)
    server.await_ready()
    storage = Azurite(server.pid, *ports.values())
    yield (storage.connection_of(f"stack{number}") for number in itertools.count(1))
    server.stop()
    guard.close()


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackHarness]:
    """A module whose world is another one makes it in `around`, or says in `IN_THE_WORLD` how many machines it needs.

    `SETTINGS` are further ones of the app. Who says `ON_AZURITE` has storage as people have it, and its queues; who says
    `THE_HOST_DIES` has storage that outlives it: all others have it within the host. Who says `AS_RECORDED` waits as long
    for Azure as people do.
    """
    module = request.module
    made = module.around() if hasattr(module, "around") else world(getattr(module, "IN_THE_WORLD", FEW))
    settings, storage, options = getattr(module, "SETTINGS", {}), "", ()
    if not getattr(module, "ON_AZURITE", False):
        settings = settings | NOTHING_QUEUED
        if getattr(module, "THE_HOST_DIES", False):
            storage = next(request.getfixturevalue("fresh_accounts"))
        else:
            storage, options = storage_inside()
    with field_in(tmp_path_factory.mktemp("stack"), made, settings, storage, options) as running:
        running.jobs_take(1 if getattr(module, "AS_RECORDED", False) else QUICK)
        yield running
