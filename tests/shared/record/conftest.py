"""The app's storage for tests of the record: this worker's Azurite, which speaks the real protocol."""

import pytest


@pytest.fixture
def connection(storage: str) -> str:
    """Where the app's storage is."""
    return storage
