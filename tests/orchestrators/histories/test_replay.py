"""Running migrations survive a deployment: recorded histories are replayed with today's orchestrators."""

import dataclasses

import pytest

from tests.orchestrators.histories.recording import HISTORIES, History, kept

LARGEST = 400_000  # bytes of all histories
WHAT_TO_DO = """
{name} no longer asks for what migrations that run now have asked for: deploying it would break them.
Keep the old path beside the new one and branch on the form of the request (shared/durable/forms.py); then (or where this version was never released) record anew with `make histories`."""


def check(history: History) -> None:
    """Fail with plain words where today's code asks for something else than what was recorded."""
    today, before = history.replayed(), history.actions
    differing = next(
        (number for number, (old, new) in enumerate(zip(before, today, strict=False)) if old != new),
        min(len(before), len(today)),
    )
    where = f"Action {differing} was {before[differing : differing + 1]}, now it is {today[differing : differing + 1]}."
    assert today == before, WHAT_TO_DO.format(name=history.orchestrator) + "\n" + where


@pytest.mark.parametrize("history", kept(), ids=lambda history: history.orchestrator)
def test_todays_orchestrators_ask_for_what_running_migrations_asked_for(history):
    check(history)


def test_an_orchestrator_that_asks_for_something_else_is_told_what_to_do():
    history = next(each for each in kept() if each.orchestrator == "walk_machine")
    altered = dataclasses.replace(history, actions=["activity with retry 'another'", *history.actions[1:]])

    with pytest.raises(AssertionError, match=r"branch on the form of the request[\s\S]*Action 0 was .*another"):
        check(altered)


def test_the_histories_show_whole_runs_and_stay_small():
    names = {history.orchestrator for history in kept()}

    assert {"migrate", "migrate_wave", "walk_machine", "cut_over_cohort", "roll_back", "watch_vault"} <= names
    assert all(history.actions and history.events for history in kept())
    assert sum(path.stat().st_size for path in HISTORIES.glob("*.json")) < LARGEST
