"""A world for tests of Azure's gateway."""

from collections.abc import Iterator

import pytest

from tests.clouds import Cloud, azure, furnish


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with azure(monkeypatch) as simulated:
        furnish(simulated)
        yield simulated
