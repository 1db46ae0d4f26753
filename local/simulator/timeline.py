"""What will happen and when: events in virtual time, processed lazily and in order."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

Happening = Callable[[], object]


@dataclass(order=True)
class Event:
    """A planned change; a cancelled one never happens."""

    at: datetime
    order: int
    happen: Happening = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Take the event out of the plan."""
        self.cancelled = True


class Timeline:
    """The plan of the world; `now` is the moment that is being lived."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._events: list[Event] = []
        self._order = count()

    def at(self, when: datetime, happen: Happening) -> Event:
        """Plan an event; one in the past happens with the next `advance`."""
        event = Event(max(when, self.now), next(self._order), happen)
        heapq.heappush(self._events, event)
        return event

    def after(self, seconds: float, happen: Happening) -> Event:
        """Plan an event that many virtual seconds from the moment being lived."""
        return self.at(self.now + timedelta(seconds=seconds), happen)

    def next_due(self) -> datetime | None:
        """Return when the next event happens, None when nothing is planned."""
        while self._events and self._events[0].cancelled:
            heapq.heappop(self._events)
        return self._events[0].at if self._events else None

    def advance(self, to: datetime) -> None:
        """Live all that is due up to `to`: each event sees its own moment as `now`."""
        while (due := self.next_due()) is not None and due <= to:
            event = heapq.heappop(self._events)
            self.now = event.at
            event.happen()
        self.now = max(self.now, to)
