"""What an answer means: delivered, to be tried again after a pause, or given up. Pauses grow; a receiver's own wish counts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from shared.notifications.exchange import Incoming

# After each failed try; together two days, so that a weekend's night out of reach loses nothing.
PAUSES: Final = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720, 1_440))
LONGEST_WISH: Final = timedelta(days=1)
GONE: Final = 410
# The message itself is wrong: no other try would end otherwise.
WRONG: Final = frozenset({400, 405, 406, 411, 413, 414, 415, 422, 431})
WISHING: Final = frozenset({429, 503})


@dataclass(frozen=True)
class Reception:
    """What became of a try: neither delivered nor dead is tried again, after a wish of the receiver if there is one."""

    delivered: bool = False
    dead: bool = False
    accepted: bool = False  # it works on it: ask what became of it
    why: str = ""
    after: timedelta | None = None


DELIVERED: Final = Reception(delivered=True)


def judge(answer: Incoming, now: datetime) -> Reception:
    """Judge an answer."""
    status = answer.status
    if 200 <= status < 300:
        return DELIVERED
    why = f"it answered with {status}"
    if status == GONE:
        return Reception(dead=True, why=f"{why}: it wants no more messages")
    if 300 <= status < 400:
        return Reception(dead=True, why=f"{why}, a redirect: they are not followed; name its final address")
    if status in WRONG:
        return Reception(dead=True, why=why)
    return Reception(why=why, after=_wish(answer, now) if status in WISHING else None)


def pause(tries: int) -> timedelta | None:
    """Give how long to wait after so many tries; None: it is given up."""
    return PAUSES[tries - 1] if 0 < tries <= len(PAUSES) else None


def _wish(answer: Incoming, now: datetime) -> timedelta | None:
    """Read Retry-After: seconds, or a date."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=min(int(text), 10**6)), LONGEST_WISH)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return min(max(date - now, timedelta()), LONGEST_WISH)
