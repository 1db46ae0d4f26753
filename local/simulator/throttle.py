"""ARM's throttling: a token bucket per subscription and kind of request, refilled in virtual time."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from .errors import ArmError

# Recorded: 250 reads (header 249 after the first one), 3750 over all; refill rates are published by ARM, not recorded.
_SIZES = {"Reads": (250.0, 25.0), "Writes": (200.0, 10.0), "Deletes": (200.0, 10.0)}
_GLOBAL = 15
_KINDS = {"GET": "Reads", "HEAD": "Reads", "DELETE": "Deletes"}


@dataclass
class _Bucket:
    size: float
    rate: float
    tokens: float
    filled: datetime

    def take(self, now: datetime) -> int:
        passed = max((now - self.filled).total_seconds(), 0.0)
        self.tokens = min(self.size, self.tokens + passed * self.rate)
        self.filled = now
        if self.tokens < 1:
            return -1
        self.tokens -= 1
        return int(self.tokens)

    def wait(self) -> int:
        return max(1, ceil((1 - self.tokens) / self.rate))


class Throttle:
    """Counts requests; off means the headers are still sent but nobody is refused."""

    def __init__(self) -> None:
        self.enabled = True
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, subscription: str, method: str, now: datetime) -> dict[str, str]:
        """Take a token and return the headers that say what is left; raise 429 with Retry-After when none is."""
        kind = _KINDS.get(method, "Writes")
        own = self._bucket(subscription, kind, 1, now)
        everyone = self._bucket("", kind, _GLOBAL, now)
        left, left_everywhere = own.take(now), everyone.take(now)
        if self.enabled and min(left, left_everywhere) < 0:
            wait = own.wait() if left < 0 else everyone.wait()
            message = (
                f"Number of '{kind.lower()}' requests exceeded the limit. Please try again after '{wait}' seconds."
            )
            raise ArmError(429, "TooManyRequests", message, headers={"Retry-After": str(wait)})
        name = f"x-ms-ratelimit-remaining-subscription-{kind.lower()}"
        whole = f"x-ms-ratelimit-remaining-subscription-global-{kind.lower()}"
        return {name: str(max(left, 0)), whole: str(max(left_everywhere, 0))}

    def _bucket(self, owner: str, kind: str, times: int, now: datetime) -> _Bucket:
        size, rate = _SIZES[kind]
        new = _Bucket(size * times, rate * times, size * times, now)
        return self._buckets.setdefault((owner.lower(), kind), new)
