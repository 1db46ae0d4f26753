"""Histories of long waits as the host keeps them: each look and its timer are rows that are read again at every step."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from local.host.durable.actions import read_answer
from local.host.durable.instance import Instance
from local.host.durable.payload import turn_payload
from local.host.durable.sdk import HISTORY_EVENT, run_code
from tests.orchestrators.histories.recording import HANDLES, History, kept

WEEK = timedelta(days=7)
MOST_ROWS, MOST_STEPS = 1_000, 250
FIRES = re.compile(r'"fireAt": "([^"]+)"')
STARTED, SCHEDULED, COMPLETED, TIMER, FIRED, BEGINS, ENDS = 0, 4, 5, 10, 11, 12, 13  # kinds of events


def recorded(orchestrator: str) -> History:
    """Give the recorded history of an orchestrator."""
    (history,) = (each for each in kept() if each.orchestrator == orchestrator)
    return history


def waiting_for(
    history: History, wait: timedelta, answer: Callable[[timedelta], dict[str, Any]], look: str = "", nth: int = 1
) -> History:
    """Give the history of an instance whose n-th look of a name (the first of all) is asked for again for so long.

    `answer` gives what the look answers after so long a wait; the timers are those that the orchestrator asks for.
    """
    called = [number for number, each in enumerate(history.events) if each["EventType"] == SCHEDULED]
    looks = [number for number in called if not look or history.events[number]["Name"] == look]
    first = history.events[looks[nth - 1]]
    events: list[dict[str, Any]] = history.events[: looks[nth - 1]]
    now = began = datetime.fromisoformat(events[-1].get("Timestamp") or events[0]["Timestamp"])
    waiting = History(history.orchestrator, history.instance, history.version, history.given, events, [])
    task = first["EventId"]

    def add(kind: int, **more: Any) -> None:
        events.append({"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": _told(now), **more})

    while now - began < wait:
        add(SCHEDULED, Name=first["Name"], Version="", Input=None, EventId=task)
        add(ENDS)
        add(BEGINS)
        add(COMPLETED, TaskScheduledId=task, Result=json.dumps(answer(now - began)))
        fires = _due(waiting)
        add(TIMER, FireAt=_told(fires), EventId=task + 1)
        add(ENDS)
        now = fires
        add(BEGINS)
        add(FIRED, TimerId=task + 1, FireAt=_told(fires))
        task += 2
    return waiting


def steps(history: History) -> int:
    """Give how often the orchestrator was asked: each time all rows before are read again."""
    return sum(each["EventType"] == BEGINS for each in history.events)


def _told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _due(history: History) -> datetime:
    """When the timer fires that the orchestrator asked for last, by the SDK's own answer."""
    lone = Instance(1, history.instance, history.orchestrator, history.version, "", "Running", "", history.given)
    with patch(f"{HISTORY_EVENT}.dt_parse", datetime.fromisoformat):  # else half of what all these replays cost
        answer = read_answer(
            run_code(HANDLES[history.orchestrator], turn_payload(lone, ",".join(map(json.dumps, history.events))))
        )
    assert not answer.is_broken, answer.error
    (*_, fires) = FIRES.findall(json.dumps(answer.actions[-1]))  # beside the event that would wake it
    return datetime.fromisoformat(fires)
