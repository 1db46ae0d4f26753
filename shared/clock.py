"""The one clock seam: the wall clock in Azure, the local stack's clock on a laptop. Only triggers ask it."""

import json
from datetime import UTC, datetime
from urllib.request import urlopen

from shared.settings import settings


def now() -> datetime:
    """Give the present moment, aware, in UTC.

    Orchestrators have their own clock (`context.current_utc_datetime`) and activities get `now` in their request:
    neither asks here.
    """
    url = settings().clock_url
    return _ask(url) if url else datetime.now(UTC)


def _ask(url: str) -> datetime:
    """Ask the local stack's clock."""
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - a loopback URL from our own settings
        return datetime.fromisoformat(json.load(answer)["now"])
