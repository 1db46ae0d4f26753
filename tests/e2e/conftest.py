"""One stack for each module of end-to-end tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.field import Field, field_in


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    with field_in(tmp_path_factory.mktemp("stack")) as running:
        yield running
