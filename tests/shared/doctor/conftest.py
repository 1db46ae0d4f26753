"""A place to look at: settings and platform as a test says them, with a simulated Azure or AWS where one is needed."""

from collections.abc import Callable, Iterator

import pytest

from shared.settings import settings
from tests.clouds import Cloud, azure, furnish
from tests.shared.sources.aws.conftest import clock, line, moto, place, set_env, ssm_url

__all__ = ["clock", "line", "moto", "place", "set_env", "ssm_url"]
PLATFORM = ("WEBSITE_SITE_NAME", "WEBSITE_OWNER_NAME", "WEBSITE_RESOURCE_GROUP", "WEBSITE_AUTH_ENABLED")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Say settings (`target_groups=…`) and variables of the platform (`WEBSITE_…=…`)."""
    for name in PLATFORM:
        monkeypatch.delenv(name, raising=False)

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name if name.isupper() else f"AZFERRY_{name.upper()}", value)
        settings.cache_clear()

    yield change
    settings.cache_clear()


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A simulated Azure with a vault, networks and a cache account."""
    with azure(monkeypatch) as cloud:
        furnish(cloud)
        yield cloud


@pytest.fixture
def connection(storage: str) -> str:
    """Where the app's storage is: this worker's Azurite, as the wire itself is looked at."""
    return storage
