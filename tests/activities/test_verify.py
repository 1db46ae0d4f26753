"""Verify: the moment from which a machine serves in Azure, and how long it was down."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from activities.verify import mark_verified
from shared.ledger import events, machines
from shared.ledger.machine_row import Mark
from shared.ledger.serving import Serving, down
from shared.reporting.expected_downtime import expected_downtime
from shared.states import MachineState
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths


def enlist(ferry: MigrationHarness, *, down_for: int | None) -> datetime:
    """A machine that ceased to serve so many seconds ago; gives now."""
    ferry.take_in(plan_of("web1"))
    ferry.enlist()
    ferry.comes_to("web1", "verify")
    now = ferry.cloud.now()
    if down_for is not None:
        machines.change(ferry.place("web1"), service=down(now - timedelta(seconds=down_for)))
    return now


def test_the_outage_ends_once_where_the_machine_is_seen_to_serve(
    ferry: MigrationHarness, dying: Callable[..., Dying]
) -> None:
    now = enlist(ferry, down_for=600)
    here = ferry.place("web1", "verify")
    after_many_deaths(dying, lambda: mark_verified(here))
    row = ferry.row("web1")
    assert (row.state, row.service.at, row.marks[Mark.UP]) == (MachineState.CUT_OVER, Serving.TARGET, now)
    ferry.cloud.later(60)
    mark_verified(ferry.place("web1", "verify"))
    (outage,) = ferry.row("web1").service.outages
    assert (outage.lasted(ferry.cloud.now()), outage.served_by) == (timedelta(seconds=600), Serving.TARGET)


def test_the_rehearsal_of_a_machine_foretells_how_long_its_cutover_takes_it_down(prepared: MigrationHarness) -> None:
    assert expected_downtime(prepared.row("web1")) is None
    prepared.walk("web1", until="complete_migration")

    expected = expected_downtime(prepared.row("web1"))
    (outage,) = prepared.row("web1").service.outages
    assert expected == pytest.approx(outage.lasted(prepared.cloud.now()).total_seconds(), rel=0.05)


@pytest.mark.parametrize("seconds", [900, None])
def test_the_event_tells_how_long_it_was_down(ferry: MigrationHarness, seconds: int | None) -> None:
    enlist(ferry, down_for=seconds)
    mark_verified(ferry.place("web1", "verify"))
    (text,) = [event.text for event in events.page(ferry.migration)[0] if event.what == "serves-in-azure"]
    assert text == "web1 serves in Azure" + (f"; it was down for {seconds} seconds" if seconds else "")
