"""Keeps when each monitored timer ran last and is due next, so that a missed run is seen after a stop."""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = "timers"
NEVER = "0001-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class TimerStatus:
    """The last run, the next due moment, and the moment from which that was worked out; None where there is none yet."""

    last: datetime | None
    next: datetime | None
    updated: datetime | None

    def wire(self) -> dict[str, str]:
        """Return it as the trigger's payload holds it; .NET writes a date that was never set as year 1."""
        moments = {"Last": self.last, "Next": self.next, "LastUpdated": self.updated}
        return {name: moment.isoformat() if moment else NEVER for name, moment in moments.items()}


class StatusFiles:
    """One small file for each timer in the data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def read(self, function: str) -> TimerStatus | None:
        """Give what was kept, None before the first time."""
        path = self._path(function)
        return _of_json(json.loads(path.read_text())) if path.is_file() else None

    def write(self, function: str, status: TimerStatus) -> None:
        """Replace what was kept in one step: a crash leaves the old or the new."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path(function).with_suffix(".new")
        with fresh.open("w") as file:
            json.dump({"last": _text(status.last), "next": _text(status.next), "updated": _text(status.updated)}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path(function))

    def _path(self, function: str) -> Path:
        return self._folder / f"{function}.json"


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _of_json(kept: dict[str, Any]) -> TimerStatus:
    return TimerStatus(
        *(datetime.fromisoformat(kept[key]) if kept[key] else None for key in ("last", "next", "updated"))
    )
