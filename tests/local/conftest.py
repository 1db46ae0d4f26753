"""Fixtures of all stand-ins."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.applications import Starlette

from tests.loopback import serving


@pytest.fixture
def serve() -> Iterator[Callable[[Starlette], str]]:
    """Serve apps in threads of this process until the test ends; gives the URL of each."""
    with ExitStack() as until_then:
        yield lambda app: until_then.enter_context(serving(app))
