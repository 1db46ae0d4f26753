"""A migration of two waves, for whatever begins, walks and ends its rounds."""

import pytest

from tests.activities.flow.two_waves import two_waves
from tests.activities.migration_harness import MigrationHarness


@pytest.fixture
def both(ferry: MigrationHarness) -> MigrationHarness:
    """Two waves: `first` with web1 and web2, `second` with db1."""
    ferry.take_in(two_waves())
    ferry.enlist()
    return ferry
