"""Telling people that something failed: a machine, or what many machines need."""

from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.notifications.outages import tell_outage
from shared.notifications.outbox import tell
from shared.notifications.topics import Topic
from shared.problems import ProblemData

MISSED = ("window-missed", "window-too-short")


def tell_failure(scope: Scope, problem: ProblemData, command: str = "") -> None:
    """Have people told of a problem, once for each time that a machine (without one: the migration) fails in a round."""
    topic = Topic.WINDOW_MISSED if problem.id in MISSED else Topic.FAILED
    text = ": ".join(each for each in (problem.title, problem.detail) if each)
    advice = f" {problem.advice}" if problem.advice else ""
    tell(
        scope,
        topic,
        f"{scope.round} {scope.phase} {scope.now.isoformat()}",
        cause=problem.id,
        text=f"{text}{advice}",
        command=command,
    )


def tell_stopped(row: MachineRow, scope: Scope, problem: ProblemData) -> None:
    """The same of a machine by its row; one that serves nowhere now is told of as such, too."""
    tell_failure(scope.replace(machine=row.name, wave=row.wave), problem, row.release)
    tell_outage(row, scope.now)
