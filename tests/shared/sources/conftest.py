"""A vault with an appliance in it, and plans of machines that it discovers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from shared.plan.model import Plan
from tests.clouds import Cloud, azure, furnish, target


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A vault and nothing in it."""
    with azure(monkeypatch) as cloud:
        furnish(cloud)
        yield cloud


@pytest.fixture
def registered(bare: Cloud) -> Cloud:
    """A vault with a healthy appliance called ferry."""
    bare.register_appliance()
    return bare


@pytest.fixture
def plan() -> Callable[..., Plan]:
    """Make a plan of machines that are found as its keyword arguments say, by way of the appliance called ferry."""

    def make(scenario: str, **sources: dict[str, str]) -> Plan:
        listed: list[dict[str, Any]] = [{"name": name, "source": source} for name, source in sources.items()]
        return Plan.model_validate(
            {
                "name": "acme",
                "scenario": scenario,
                "replication": {"appliance": {"name": "ferry"}},
                "target": target(),
                "waves": [{"name": "first", "machines": listed}],
            }
        )

    return make
