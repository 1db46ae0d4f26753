"""Logging from orchestrators: each thing is said once, however often the orchestrator is replayed."""

import logging
from collections.abc import MutableMapping
from typing import Any, Protocol


class Replayed(Protocol):
    """What is known of an orchestrator while it runs."""

    @property
    def instance_id(self) -> str: ...  # noqa: D102
    @property
    def is_replaying(self) -> bool: ...  # noqa: D102


class _ReplaySafeLogger(logging.LoggerAdapter[logging.Logger]):
    """Silent while the orchestrator replays what it already did."""

    def __init__(self, logger: logging.Logger, context: Replayed) -> None:
        super().__init__(logger, {"instance": context.instance_id})
        self._context = context

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - the name of the standard library
        return not self._context.is_replaying and super().isEnabledFor(level)

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        return f"[{self._context.instance_id}] {msg}", kwargs


def log(context: Replayed) -> logging.LoggerAdapter[logging.Logger]:
    """Give a logger that says each thing once, however often the orchestrator is replayed."""
    return _ReplaySafeLogger(logging.getLogger("azferry"), context)
