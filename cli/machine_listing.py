"""The machines of a migration, for who looks again and again: asked for whole once, from then on only those that changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.answers import MachineSeen
from cli.client import MOST, Api, of

GOES_ON = ("outageSeconds", "downtimeSeconds")  # while a machine serves nowhere


@dataclass(frozen=True)
class _Row:
    """A machine as the app told of it, and the app's time then."""

    data: dict[str, Any]
    machine: MachineSeen
    at: datetime


class MachineListing:
    """Keeps what the app told; a look brings it up to date."""

    def __init__(self, api: Api, migration: str) -> None:
        """Keep whom to ask for what; nothing is asked yet."""
        self._api = api
        self._path = f"{of(migration)}/machines"
        self._since = ""
        self._rows: dict[str, _Row] = {}

    def look(self) -> tuple[MachineSeen, ...]:
        """Give all machines as they stand now, in the order in which the app told of them first."""
        since = ""
        for page in self._api.pages(self._path, {"top": MOST} | ({"since": self._since} if self._since else {})):
            since = since or page.get("since") or ""
            for row in page["value"]:
                self._rows[row["name"]] = _Row(row, MachineSeen.model_validate(row), self._api.now)
        self._since = since or self._since  # only once all pages have come: one that failed is asked for again
        return tuple(self._seen(each) for each in self._rows.values())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The machines as JSON, as of the last look, in the same order."""
        return [self._aged(each) for each in self._rows.values()]

    def _seen(self, row: _Row) -> MachineSeen:
        return MachineSeen.model_validate(self._aged(row)) if _is_down(row) else row.machine

    def _aged(self, row: _Row) -> dict[str, Any]:
        """Let an outage go on: a row that did not change does not tell how long it is by now."""
        if not _is_down(row):
            return row.data
        more = max(0, int((self._api.now - row.at).total_seconds()))
        return row.data | {name: row.data[name] + more for name in GOES_ON if row.data.get(name) is not None}


def _is_down(row: _Row) -> bool:
    return row.machine.outage_seconds is not None
