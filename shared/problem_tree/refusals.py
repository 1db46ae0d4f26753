"""What the world says: no, which is final until a person acts, or busy, which is asked again."""

from datetime import timedelta

from shared.problem_tree.problem import Problem


class Refused(Problem):
    """The world said no and repeating will not help: final until a person acts."""

    status = 422
    id = "refused"
    title = "Refused"


class CloudRefused(Refused):
    """Azure or AWS said no; code, possible causes and recommended action are kept as the cloud told them."""

    id = "cloud-refused"
    title = "The cloud refused"


class Interrupted(Refused):
    """An operator paused, cancelled or rolled back meanwhile; `extra["intent"]` says which."""

    status = 409
    id = "interrupted"
    title = "Stopped by an operator"


class WindowClosed(Interrupted):
    """The cutover window of a machine closed before a step of it; `extra["intent"]` says what becomes of the machine."""

    id = "window-closed"
    title = "The cutover window closed"

    @property
    def stands_back(self) -> bool:
        """Tell whether it waits on its source for the next opening; else it is rolled back."""
        return self.facts.extra.get("intent") == "window"


class Busy(Problem):
    """Busy: throttled, in progress elsewhere, or out of reach. Try again after `after`."""

    status = 503
    id = "later"
    title = "Busy, trying again later"

    def __init__(
        self,
        detail: str,
        after: timedelta = timedelta(seconds=30),
        *,
        untouched: bool = False,
        progressed: bool = False,
    ) -> None:
        """Say what is busy and how long to wait, as told by Retry-After.

        `untouched` = it surely did nothing; `progressed` = less is left to do than before: patience begins anew.
        """
        super().__init__(detail)
        self.after = after
        self.untouched = untouched
        self.progressed = progressed
