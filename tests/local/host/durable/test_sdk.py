"""The SDK made fast behaves as the stock one."""

import functools
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[4]
SCRIPT = """
import json, sys
from azure.durable_functions.models.DurableOrchestrationContext import DurableOrchestrationContext
from azure.durable_functions.models.history.HistoryEvent import HistoryEvent
from azure.functions import _durable_functions as codec
from local.host.durable.sdk import prepare

READ = ("1", "1.0", "true", "1", '"a"', "[1]", " 1", "", "x", "x", "{", '{"__class__": 1}')

class Size:
    def to_json(self): return 5
    @staticmethod
    def from_json(data): return ("size", data)

def told(work):
    try:
        return repr(work())
    except Exception as error:
        return f"{type(error).__name__}: {error}"

if sys.argv[1] == "fast":
    prepare()
made = HistoryEvent(4, 7, True, "2026-01-01T00:00:00.25Z", Name="a", Other=None)
event = {key: str(value) for key, value in sorted(vars(made).items())} | {"type": made.event_type}
started = [{"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": "2026-01-01T00:00:00Z"}]
spans = {"maximumShortTimerDuration": "6.00:00:00", "longRunningTimerIntervalDuration": "3.00:00:00.5000000"}
given = {"history": started, "instanceId": "x", "isReplaying": False, "parentInstanceId": None, **spans}
context = DurableOrchestrationContext(**given)
print(json.dumps({
    "event": event,
    "spans": [str(context._maximum_short_timer_duration), str(context._long_timer_interval_duration)],
    "written": [codec.df_dumps(value) for value in ({"a": [Size(), "é"]}, 1.5, None, 1, True, 1.0, 0, False, 1)],
    "read": [told(lambda: codec.df_loads(text)) for text in READ],
    "an object": told(lambda: codec.df_loads(codec.df_dumps([Size()]))),
    "lists": [codec.df_loads("[1]").append(2), codec.df_loads("[1]")],
    "not written": told(lambda: codec.df_dumps(object())),
    "a plain function": told(lambda: context.call_activity(print)),
}))
"""


@functools.cache
def seen(how):
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_an_event_made_from_the_template_is_the_event_of_the_stock_sdk():
    fast = seen("fast")["event"]

    assert fast == seen("stock")["event"]
    assert fast["_timestamp"] == str(datetime(2026, 1, 1, microsecond=250000, tzinfo=UTC))
    assert fast["type"] == 4


def test_values_are_written_read_and_refused_as_the_stock_sdk_does():
    fast, stock = seen("fast"), seen("stock")

    for key in ("written", "read", "not written", "an object"):
        assert fast[key] == stock[key]
    assert fast["written"][3:] == ["1", "true", "1.0", "0", "false", "1"]
    assert fast["an object"] == "[('size', 5)]"
    assert fast["lists"] == [None, [1]]  # what can be changed is not kept
    assert fast["read"][7].startswith("JSONDecodeError")


def test_a_context_is_the_stock_sdks():
    fast, stock = seen("fast"), seen("stock")

    assert fast["spans"] == stock["spans"] == ["6 days, 0:00:00", "3 days, 0:00:00.500000"]
    assert fast["a plain function"] == stock["a plain function"]
    assert fast["a plain function"].startswith("ValueError")
