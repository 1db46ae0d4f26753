"""The app's storage for tests of shared/, with tables that no other test uses."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError

from local.storage.service import CONNECTION, Storage
from shared.settings import settings
from shared.storage import tables
from shared.storage.quick_table import QuickTable

Together = Callable[..., list[Any]]


@pytest.fixture
def at() -> Callable[[int], datetime]:
    """Moments in minutes."""
    return lambda minutes: datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=minutes)


@pytest.fixture
def connection(storage_in_process: Storage) -> str:
    """Where the app's storage is: within this process, and empty. Who tests the wire itself takes Azurite's."""
    storage_in_process.empty()
    return CONNECTION


@pytest.fixture
def store(connection: str, unique: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the app's settings at empty storage."""
    monkeypatch.setenv("AZFERRY_STORAGE", connection)
    monkeypatch.setenv("AZFERRY_TABLE_PREFIX", unique)
    monkeypatch.setenv("AZFERRY_PLANS_CONTAINER", unique)
    settings.cache_clear()
    tables.forget()
    yield
    settings.cache_clear()
    tables.forget()


@pytest.fixture
def together() -> Iterator[Together]:
    """Run a function in many threads at once, one per argument, and give what each gave or raised."""
    with ThreadPoolExecutor(max_workers=64) as pool:

        def run(act: Callable[..., Any], arguments: list[Any]) -> list[Any]:
            gate = Barrier(len(arguments))

            def work(argument: Any) -> Any:
                gate.wait(timeout=30)
                try:
                    return act(argument)
                except Exception as problem:  # noqa: BLE001 - the test looks at it
                    return problem

            return list(pool.map(work, arguments))

        yield run


WRITES = ("submit_transaction", "create_entity", "update_entity", "upsert_entity", "delete_entity")


class Died(BaseException):
    """The process ended here: nothing behind this line ran."""


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run something that dies around its n-th write: just before it, or when it was made and before it is known."""

    @contextlib.contextmanager
    def run(write: int, *, after: bool) -> Iterator[list[bool]]:
        done = 0
        died = [False]

        def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
            def wrapped(self: QuickTable, *args: Any, **more: Any) -> Any:
                nonlocal done
                done += 1
                if done < write:
                    return call(self, *args, **more)
                if after and done == write:
                    call(self, *args, **more)
                raise Died

            return wrapped

        with monkeypatch.context() as patch:
            for name in WRITES:
                patch.setattr(QuickTable, name, wrap(getattr(QuickTable, name)))
            try:
                yield died
            except Died:
                died[0] = True

    return run


@pytest.fixture
def losing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every write happen, and lose its answer the first time it is sent."""
    seen = 0

    def losing(real: Callable[..., Any]) -> Callable[..., Any]:
        def lossy(self: QuickTable, *args: Any, **more: Any) -> Any:
            nonlocal seen
            seen += 1
            answer = real(self, *args, **more)
            if seen % 2:
                raise ServiceResponseError("the connection was reset")
            return answer

        return lossy

    for name in WRITES:
        monkeypatch.setattr(QuickTable, name, losing(getattr(QuickTable, name)))
