"""The retry options of an action: how often, and how long between two attempts."""

from datetime import datetime, timedelta
from typing import Any

from .actions import Action, Refused
from .events import moment


def attempts(action: Action) -> int:
    """Return how often an action is tried."""
    return int(_options(action)["maxNumberOfAttempts"])


def pause(action: Action, attempt: int, first: str | None, now: datetime) -> timedelta:
    """Return how long to wait after a failed attempt; nothing after the last one.

    SDK 1.x sends only the first interval and the number of attempts; the others are heeded as Azure heeds them.
    """
    options = _options(action)
    timeout = options.get("retryTimeoutInMilliseconds")
    is_over = timeout is not None and first is not None and now >= moment(first) + timedelta(milliseconds=timeout)
    if attempt >= attempts(action) or is_over:
        return timedelta()
    interval = options["firstRetryIntervalInMilliseconds"] * (options.get("backoffCoefficient") or 1) ** (attempt - 1)
    longest = options.get("maxRetryIntervalInMilliseconds")
    return timedelta(milliseconds=interval if longest is None else min(interval, longest))


def _options(action: Action) -> dict[str, Any]:
    options: dict[str, Any] = action.get("retryOptions") or {}
    for name in ("firstRetryIntervalInMilliseconds", "maxNumberOfAttempts"):
        if name not in options:
            raise Refused(f"Required property '{name}' not found in JSON. Path 'retryOptions'.")
    return options
