"""The app's functions as the worker finds them: an app lists its functions once per process, so everybody asks here."""

from functools import lru_cache
from typing import Any

import function_app


@lru_cache(maxsize=1)
def functions() -> tuple[Any, ...]:
    """Give every function that the front door registers."""
    return tuple(function_app.app.get_functions())
