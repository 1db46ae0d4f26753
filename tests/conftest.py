"""Fixtures that every level of tests may use."""

import gc
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from local import azurite as azurite_process
from local.azurite import Azurite
from tests import browser, powershell
from tests.infra import compiler

if TYPE_CHECKING:
    from local.storage.service import Storage

SELDOM = (50_000, 20, 20)  # objects, young collections, middle ones


def pytest_configure() -> None:
    """Share what every client makes, and collect seldom: a sixth of the time went into looking for cycles of fresh objects.

    On a busy machine making inputs takes longer than hypothesis likes; the worker's tests do without it, and without clients.
    """
    gc.set_threshold(*SELDOM)
    if find_spec("httpx"):
        from tests.tls import share_context  # noqa: PLC0415 - see above

        share_context()
    if find_spec("requests"):
        from tests.proxies import look_quickly  # noqa: PLC0415 - see above

        look_quickly()
    if find_spec("hypothesis"):
        import hypothesis  # noqa: PLC0415 - see above

        slow = [hypothesis.HealthCheck.too_slow]
        hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=slow)
        hypothesis.settings.load_profile("busy")


def pytest_collection_finish() -> None:
    """Spare the collector what was imported: walking the SDKs' models again and again took a sixth of the time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was not tried."""
    for kind in (powershell, compiler, browser):
        if lacking := kind.not_run(terminalreporter.stats):
            terminalreporter.write_line(f"{lacking} tests were NOT RUN: {kind.LACKS}", yellow=True, bold=True)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    """One Azurite for each xdist worker: real storage protocol, nothing on disk."""
    with azurite_process.running(tmp_path_factory.mktemp("azurite"), in_memory=True) as running:
        yield running


@pytest.fixture(scope="session")
def storage_in_process() -> Iterator["Storage"]:
    """Storage that answers within this process, for who needs no second one: nothing is asked of Azurite."""
    # Imported here so that tests without storage do not pay for the SDKs.
    from local.storage.service import serving  # noqa: PLC0415  (see above)

    with serving() as storage:
        yield storage


@pytest.fixture
def storage(azurite: Azurite) -> str:
    """The connection string of this worker's Azurite."""
    return azurite.connection_string


@pytest.fixture
def unique() -> str:
    """A prefix that no other test uses, fit for names of queues, tables and containers."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def clean_storage(storage: str) -> Iterator[str]:
    """Storage with no table and no queue in it, before and after."""
    _wipe(storage)
    yield storage
    _wipe(storage)


def _wipe(storage: str) -> None:
    # Imported here so that tests without storage do not pay for the SDKs.
    from azure.data.tables import TableServiceClient  # noqa: PLC0415  (see above)
    from azure.storage.queue import QueueServiceClient  # noqa: PLC0415  (see above)

    with TableServiceClient.from_connection_string(storage) as tables:
        for table in list(tables.list_tables()):
            tables.delete_table(table.name)
    with QueueServiceClient.from_connection_string(storage) as queues:
        for queue in list(queues.list_queues()):
            queues.delete_queue(queue.name)
