"""A week's wait as the host keeps it: each look and its timer are rows that are read again at every step."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.host.durable.actions import read_answer
from local.host.durable.instance import Instance
from local.host.durable.payload import turn_payload
from local.host.durable.sdk import run_code
from tests.orchestrators.histories.recording import HANDLES, History, kept

WEEK = timedelta(days=7)
FIRES = re.compile(r'"fireAt": "([^"]+)"')


def told(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def due(history: History) -> datetime:
    """When the timer fires that the orchestrator asked for last, by the SDK's own answer."""
    lone = Instance(1, history.instance, history.orchestrator, history.version, "", "Running", "", history.given)
    answer = read_answer(
        run_code(HANDLES[history.orchestrator], turn_payload(lone, ",".join(map(json.dumps, history.events))))
    )
    assert not answer.is_broken, answer.error
    (*_, fires) = FIRES.findall(json.dumps(answer.actions[-1]))  # beside the event that would wake it
    return datetime.fromisoformat(fires)


def waiting_for(history: History, wait: timedelta, patience: int) -> History:
    """A look that settles never, asked for again whenever its timer fires, until so long has been waited."""
    look = next(event["Name"] for event in history.events if event["EventType"] == 4)
    events: list[dict[str, Any]] = history.events[:2]
    now = began = datetime.fromisoformat(events[0]["Timestamp"])
    task, waiting = 0, History(history.orchestrator, history.instance, history.version, history.given, events, [])

    def add(kind: int, **more: Any) -> None:
        events.append({"EventType": kind, "EventId": -1, "IsPlayed": False, "Timestamp": told(now), **more})

    while now - began < wait:
        add(4, Name=look, Version="", Input=None, EventId=task)
        add(13)
        add(12)
        add(5, TaskScheduledId=task, Result=json.dumps({"reply": {"patience": patience}}))
        fires = due(waiting)
        add(10, FireAt=told(fires), EventId=task + 1)
        add(13)
        now = fires
        add(12)
        add(11, TimerId=task + 1, FireAt=told(fires))
        task += 2
    return waiting


@pytest.mark.parametrize("patience", [10, 60])
def test_a_week_of_waiting_for_a_person_is_at_most_a_thousand_rows(patience):
    (recorded,) = (each for each in kept() if each.orchestrator == "stop_source")
    assert len(waiting_for(recorded, WEEK, patience).events) <= 1_000
