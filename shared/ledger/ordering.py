"""What happened first, of events of one moment: many turns of an orchestrator may share one, most of all on a local clock.

An event's place in that moment is worked out from the event itself, so that writing it again finds the same row: round,
then phase in the order of the itinerary, then what it says (a beginning, a request, a step, an end). What belongs to no
phase is outside all of them: it begins before them and ends after them.
"""

from typing import Final

from shared.itinerary import ITINERARY
from shared.models import Scope

PHASES: Final = {step.phase: number for number, step in enumerate(ITINERARY, 1)}
LAST_ROUND: Final = 999
BEFORE_ALL, AFTER_ALL = 0, 99
WORD, BEGINNING, REQUEST, STEP, END = range(5)
SAID: Final = {
    BEGINNING: ("began",),
    REQUEST: ("asked", "requested", "submitted", "sent", "launched"),
    END: ("ended", "done", "failed", "stopped", "finalized", "verified", "terminated", "back", "lost"),
}
KINDS: Final = {word: kind for kind, words in SAID.items() for word in words}


def order(scope: Scope, what: str) -> str:
    """Give text of fixed length that sorts events of one moment as they happened.

    People speak from outside any round (0) and so come first: what they say is what is then done.
    """
    kind = next((KINDS[word] for word in reversed(what.split("-")) if word in KINDS), STEP)
    ending = kind == END
    phase = PHASES.get(scope.phase, AFTER_ALL if ending else BEFORE_ALL)
    if phase == BEFORE_ALL and kind == REQUEST:
        kind = WORD  # a person's, to which the round that then begins is the answer
    return f"{min(scope.round, LAST_ROUND):03}{phase:02}{kind}{_depth(scope, ending=ending)}"


def _depth(scope: Scope, *, ending: bool) -> int:
    """Sort a migration before its waves and those before their machines; the other way round where things end."""
    depth = 2 if scope.machine else 1 if scope.wave else 0
    return 2 - depth if ending else depth
