"""The SDK made fast behaves as the stock one."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[4]
SCRIPT = """
import json, sys
from azure.durable_functions.models.history.HistoryEvent import HistoryEvent
from local.host.durable.sdk import prepare

if sys.argv[1] == "fast":
    prepare()
made = HistoryEvent(4, 7, True, "2026-01-01T00:00:00.25Z", Name="a", Other=None)
print(json.dumps({key: str(value) for key, value in sorted(vars(made).items())} | {"type": made.event_type}))
"""


def seen(how):
    done = subprocess.run([sys.executable, "-c", SCRIPT, how], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_an_event_made_from_the_template_is_the_event_of_the_stock_sdk():
    fast = seen("fast")

    assert fast == seen("stock")
    assert fast["_timestamp"] == str(datetime(2026, 1, 1, microsecond=250000, tzinfo=UTC))
