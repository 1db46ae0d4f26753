"""How a simulator is started."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .clock import Clock, Mode, parse_iso


@dataclass(frozen=True)
class Options:
    """The options of one simulator; port 0 = a free one."""

    mode: Mode = "real"
    factor: float = 1.0
    start: datetime | None = None
    host: str = "127.0.0.1"
    port: int = 0
    throttled: bool = True
    legacy_providers: bool = False
    kept: Path | None = None  # the file that its world is kept in; without one it ends with the process

    def clock(self) -> Clock:
        """Return a new clock as these options say."""
        return Clock(self.mode, self.factor, self.start or datetime.now(UTC).replace(microsecond=0))


def parse_clock(text: str) -> tuple[Mode, float]:
    """Return mode and factor of `real`, `skipping` or `scaled:N`; raise ValueError."""
    if text == "real":
        return "real", 1.0
    if text == "skipping":
        return "skipping", 1.0
    name, _, factor = text.partition(":")
    if name == "scaled" and factor and float(factor) > 0:
        return "scaled", float(factor)
    raise ValueError(f"a clock is real, skipping or scaled:N, not '{text}'")


def parse_start(text: str | None) -> datetime | None:
    """Return the moment a virtual clock begins at."""
    return parse_iso(text) if text else None
