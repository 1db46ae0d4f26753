"""Calling an activity as the seam does, over and over: it dies at every write, it is busy, and it comes through."""

from collections.abc import Callable
from itertools import count
from typing import Any

from shared.models import Request
from shared.problems import Busy
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness

PATIENCE = 100  # calls


def patiently(ferry: MigrationHarness, activity: str, request: Request) -> Any:
    """Call until it is not busy any more: the very same request but for its moment, as the seam does."""
    for _ in range(PATIENCE):
        try:
            return ferry.ask(activity, request)
        except Busy as busy:
            ferry.cloud.later(busy.after.total_seconds())
            request = request.replace(now=ferry.cloud.now())
    raise AssertionError(f"{activity} stays busy")


def after_many_deaths(dying: Callable[..., Dying], act: Callable[[], Any]) -> Any:
    """Call again and again: each call dies a little later than the one before, until one comes through, and so once
    more from there; then give its answer, which a last undisturbed call must give as well.

    Each dies behind a write: what that leaves is also what a death before the next write leaves.
    """
    deaths = 0
    for _ in ("until it is done", "when it is done"):
        for write in count(1):
            answer = None
            with dying(write, after=True) as death:
                answer = act()
            if not death.came:
                break
            deaths += 1
    assert deaths, "it wrote nothing at all"
    assert act() == answer
    return answer


def effects(ferry: MigrationHarness, operation: str) -> list[dict[str, Any]]:
    """The requests of an operation that had an effect, from the simulator's own log."""
    return [each for each in ferry.cloud.log(operation) if each["effect"] and not each["effect"].startswith("refused")]


def submits_once(
    ferry: MigrationHarness, dying: Callable[..., Dying], activity: str, look: Request, operation: str
) -> dict[str, Any]:
    """Call it until it comes through all deaths; give the one request that had an effect."""
    answer = after_many_deaths(dying, lambda: patiently(ferry, activity, look))
    made = effects(ferry, operation)
    assert len(made) == 1, [each["effect"] for each in made]
    assert answer.job, "somebody has to wait for its job"
    return made[0]
