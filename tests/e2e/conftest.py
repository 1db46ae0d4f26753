"""One stack for each module of end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack_harness import FEW, StackHarness, field_in, world


@pytest.fixture(scope="module")
def field(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackHarness]:
    """A module that needs more machines than a few says so in `IN_THE_WORLD`."""
    machines = getattr(request.module, "IN_THE_WORLD", FEW)
    with field_in(tmp_path_factory.mktemp("stack"), world(machines)) as running:
        yield running
