"""Writes the host's and the functions' log lines to stderr, marked with the function and the invocation."""

import logging
import sys
from collections.abc import Mapping

from .invocation import running

LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "information": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "none": logging.CRITICAL + 1,
}
QUIET = ("azure", "uvicorn.access", "aiohttp.access", "urllib3", "asyncio")


class _Marked(logging.Formatter):
    """Puts `[function invocation-id]` before what a function logs."""

    def format(self, record: logging.LogRecord) -> str:
        current = running.get()
        record.mark = f" [{current.function} {current.id}]" if current else ""
        return super().format(record)


def set_up(levels: Mapping[str, str], *, verbose: bool) -> None:
    """Send every log line to stderr; host.json's `logLevel.default` and `Function` choose what is shown."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Marked("[%(asctime)s] %(levelname)s%(mark)s %(name)s: %(message)s"))
    level = _level(levels.get("Function") or levels.get("default") or "Information")
    logging.basicConfig(level=logging.DEBUG if verbose else level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _level(name: str) -> int:
    return LEVELS.get(name.strip().lower(), logging.INFO)
