"""Which functions a decision goes through, as it happens: heard from the interpreter while one is made and carried out.

A function counts when it has the decision, or what came of it, in its hands: as an argument, in a variable or as what it
gives (`CARRIERS`, or the event that bears it), or when it stands on the stack when the next one is begun or the cloud is asked (`hand_over`). What
every request, row, activity and orchestrator goes through alike does not count (`GENERAL`), nor do the phases between
(`BETWEEN`), what is asked on the way without the decision being told, and what a carrier can be asked about itself. A
function inside another counts with it.
"""

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from shared.azure.arm import submit
from shared.contracts.cohorts import Cohort, Cohorts
from shared.contracts.rounds import Member, PhaseRun
from shared.coordination.decision import Decision
from shared.decisions.steered import CommandOutcome
from shared.ledger.events import Event
from shared.models import Announcement
from tests.architecture import ROOT

OURS: Final = ("triggers/", "orchestrators/", "activities/", "shared/")
GENERAL: Final = (
    "triggers/admission.py", "triggers/answering.py", "shared/contracts/", "shared/durable/calls.py", "shared/durable/registration.py", "shared/durable/wire.py", "shared/durable/fan_out.py",
    "shared/durable/waiting.py", "shared/coordination/decision.py", "shared/ids.py", "shared/models.py", "shared/observability/", "shared/reporting/",
    "shared/storage/", "shared/azure/", "activities/flow/phase_entry.py",
)  # fmt: skip
BETWEEN: Final = (
    "orchestrators/await_window.py",
    "orchestrators/quiesce.py",
    "orchestrators/stop_source.py",
)  # phases of their own
CARRIERS: Final = (Decision, CommandOutcome, Announcement, Cohorts, Cohort, Member, PhaseRun)
Step = tuple[str, str]  # file and function


@dataclass
class DecisionWalk:
    """What was heard."""

    entered: dict[Step, int] = field(default_factory=dict)  # in their order
    carried: set[Step] = field(default_factory=set)
    deaf: bool = True

    def hand_over(self, frame: FrameType | None) -> None:
        """Note who stands on the stack: the next one is begun, or a cloud is asked."""
        while frame is not None:
            self.carried |= set(_step(frame))
            frame = frame.f_back

    def steps(self) -> list[Step]:
        """Give who carried the decision, in the order in which they began."""
        return sorted(self.carried, key=lambda step: self.entered.get(step, 0))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear what is called in this thread, and in those that begin meanwhile."""
        before = sys.getprofile()
        sys.setprofile(self._hear)
        threading.setprofile(self._hear)
        try:
            yield
        finally:
            sys.setprofile(before)
            threading.setprofile(None)  # type: ignore[arg-type]  # typeshed knows of no end

    def _hear(self, frame: FrameType, event: str, given: Any) -> None:
        if self.deaf or event not in ("call", "return"):
            return
        if event == "call" and frame.f_code is submit.__code__:  # a cloud is asked: here the walk ends
            self.hand_over(frame)
            self.deaf = True
            return
        for step in _step(frame):
            self.entered.setdefault(step, len(self.entered))
            if event == "return" and _carries([*frame.f_locals.values(), given]):
                self.carried.add(step)


def _step(frame: FrameType) -> tuple[Step, ...]:
    """Give what a frame runs, where that is ours and may count."""
    code = frame.f_code
    if not code.co_filename.startswith(f"{ROOT}/"):
        return ()
    file = code.co_filename.removeprefix(f"{ROOT}/")
    counts = file.startswith(OURS) and not file.startswith((*GENERAL, *BETWEEN)) and code.co_qualname != "<module>"
    return ((file, code.co_qualname.split(".<locals>")[0]),) if counts else ()


def _carries(values: Iterable[Any]) -> bool:
    """Tell whether one of these, or of what stands in them as a list, is the decision or what came of it."""
    flat = (each for value in values for each in (value if isinstance(value, tuple | list) else (value,)))
    return any(isinstance(each, CARRIERS) or (isinstance(each, Event) and each.decision is not None) for each in flat)
