"""Worlds for tests of Site Recovery's gateway."""

from collections.abc import Iterator

import pytest

from tests.clouds import Cloud, azure, furnish


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A vault and nothing in it."""
    with azure(monkeypatch) as cloud:
        furnish(cloud)
        yield cloud


@pytest.fixture
def ready(bare: Cloud) -> Cloud:
    """A vault with a healthy appliance, a policy and a mapping."""
    bare.register_appliance()
    bare.set_policy()
    return bare
