"""Verify: the moment from which a machine serves in Azure, and how long it was down."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.verify import mark_verified
from shared.ledger import events, machines
from shared.ledger.machines import ROLLED_BACK
from shared.states import MachineState
from tests.activities.dying import Dying
from tests.activities.ferry import Ferry, plan_of
from tests.activities.repeating import after_many_deaths


def enlist(ferry: Ferry, scripts: dict[str, str], **marks: int) -> datetime:
    """A machine whose marks lie so many seconds back; gives now."""
    plan: dict[str, Any] = plan_of("web1")
    plan["waves"][0]["scripts"] = scripts
    ferry.take_in(plan)
    ferry.enlist()
    now = ferry.cloud.now()
    machines.change(ferry.place("web1"), marks={name: now - timedelta(seconds=back) for name, back in marks.items()})
    return now


def test_the_downtime_is_measured_once(ferry: Ferry, dying: Callable[..., Dying]) -> None:
    now = enlist(ferry, {}, quiesced=900, stopRequested=600, failoverAsked=500)
    here = ferry.place("web1", "verify")
    after_many_deaths(dying, lambda: mark_verified(here))
    row = ferry.row("web1")
    assert (row.state, row.downtime_seconds, row.marks["up"]) == (MachineState.CUT_OVER, 600, now)
    ferry.cloud.later(60)
    mark_verified(ferry.place("web1", "verify"))
    assert ferry.row("web1").downtime_seconds == 600, "it came up only once"


@pytest.mark.parametrize(
    ("scripts", "marks", "seconds"),
    [
        ({"stopServices": "stop"}, {"quiesced": 900, "stopRequested": 600}, 900),
        ({}, {"failoverAsked": 500}, 500),
        ({}, {"up": 7_000, "stopRequested": 9_000, ROLLED_BACK: 5_000}, None),
        ({}, {"up": 7_000, "stopRequested": 600, ROLLED_BACK: 5_000}, 600),
        ({}, {}, None),
    ],
)
def test_it_begins_where_the_service_rested(
    ferry: Ferry, scripts: dict[str, str], marks: dict[str, int], seconds: int | None
) -> None:
    enlist(ferry, scripts, **marks)
    mark_verified(ferry.place("web1", "verify"))
    assert ferry.row("web1").downtime_seconds == seconds
    (said,) = [event.text for event in events.page(ferry.migration)[0] if event.what == "serves-in-azure"]
    assert said == "web1 serves in Azure" + (f"; it was down for {seconds} seconds" if seconds else "")
