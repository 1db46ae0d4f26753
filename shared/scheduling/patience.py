"""How long to wait before the next look: the longer it has been waited for already, the longer.

A look costs calls, and rows in the waiter's history that are read again at each of its steps. What is told by an event
is seen at once however long the patience is; what nobody tells is seen at most an eighth of the wait late, and at most
four hours in the first week.
"""

from datetime import timedelta
from typing import Final

A_MINUTE: Final = 60  # seconds, as a reply tells its patience
AN_HOUR: Final = 3_600
A_DAY: Final = 86_400

EAGER: Final = timedelta(minutes=10)  # some of what is waited for is downtime: at first a twentieth late at most
FRESH, LATER, LATEST = 20, 8, 42  # which part of the wait so far a look may come late; a week gives four hours
MOST: Final = timedelta(hours=4)


def grown(least: timedelta, waited: timedelta) -> timedelta:
    """Give the patience of a look after so long a wait; never less than was asked for.

    Ten seconds asked for make about 120 looks in a week and 60 more in the three weeks after it.
    """
    share = waited / FRESH if waited < EAGER else waited / LATER
    return max(least, min(share, max(MOST, waited / LATEST)))
