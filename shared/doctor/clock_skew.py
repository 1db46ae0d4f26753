"""How far this machine's clock is from those of the clouds, as the Date of any answer of theirs tells."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding

NOTABLE, REFUSED = timedelta(seconds=60), timedelta(minutes=5)  # AWS refuses signatures that are five minutes off
PATIENCE: Final = 5
SYNC: Final = "In Azure: az functionapp restart; on a laptop: sudo timedatectl set-ntp true (Windows: w32tm /resync)"


class _Stay(HTTPRedirectHandler):
    """Goes nowhere else: the first answer has a date already."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Follow no redirection."""


def look(services: dict[str, str]) -> Iterator[HealthFinding]:
    """Ask each service, by its name and URL, for any answer at all."""
    for name, url in services.items():
        yield _compare(name, url)


def _compare(name: str, url: str) -> HealthFinding:
    before = datetime.now(UTC)
    moment = _date(url)
    halfway = before + (datetime.now(UTC) - before) / 2
    if moment is None:
        return kinds.CLOCK_UNKNOWN.seen(f"{name} ({url}) gave no answer with a date", url=url)
    return judge(name, halfway - moment)


def judge(name: str, ahead: timedelta) -> HealthFinding:
    """Give the finding for a clock that is ahead of a service's by so much (negative: behind)."""
    seconds = round(ahead.total_seconds())
    seen = f"this clock is {abs(seconds)} s {'ahead of' if seconds >= 0 else 'behind'} that of {name}"
    if abs(ahead) >= REFUSED:
        return kinds.CLOCK_WRONG.seen(seen, sync=SYNC)
    if abs(ahead) >= NOTABLE:
        return kinds.CLOCK_OFF.seen(seen, sync=SYNC)
    return kinds.CLOCK.seen(seen)


def date_of(text: str) -> datetime | None:
    """Read a Date header; None where it is none."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def _date(url: str) -> datetime | None:
    try:
        headers = _answer(Request(url, method="HEAD"))  # noqa: S310 - a service of our own settings
    except (OSError, HTTPException, ValueError):
        return None
    return date_of(headers.get("Date", ""))


def _answer(request: Request) -> Message:
    """Give the headers of an answer, whatever its status."""
    try:
        with build_opener(_Stay).open(request, timeout=PATIENCE) as answer:
            headers: Message = answer.headers
            return headers
    except HTTPError as refusal:
        with refusal:
            return refusal.headers
