"""One stack for each module of end-to-end tests."""

from collections.abc import Iterator

import pytest

from local.stack import part
from tests import prefork
from tests.e2e.stack_harness import FEW, StackHarness, field_in, world


@pytest.fixture(scope="session", autouse=True)
def forked_parts() -> Iterator[None]:
    """Let the parts of all stacks share their imports; `test_stopping.py` starts them as people do."""
    started, part.launch = part.launch, prefork.launch
    yield
    part.launch = started


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackHarness]:
    """A module that needs more machines than a few says so in `IN_THE_WORLD`, other settings of the app in `SETTINGS`."""
    machines, settings = getattr(request.module, "IN_THE_WORLD", FEW), getattr(request.module, "SETTINGS", {})
    with field_in(tmp_path_factory.mktemp("stack"), world(machines), settings) as running:
        yield running
