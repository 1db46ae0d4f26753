"""A week in which one machine waits for an approval, and one for its window: what the real looks ask for stays a small history."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.cohorts import ApprovalPoll, Cohort
from shared.contracts.rounds import Member
from shared.models import Request
from shared.states import MachineState
from tests.activities.migration_harness import SERVED, WAVE, MigrationHarness, plan_of
from tests.orchestrators.histories.long_wait import MOST_ROWS, MOST_STEPS, WEEK, recorded, steps, waiting_for


def begin(ferry: MigrationHarness, **wave: Any) -> None:
    """One machine that is ready for its cutover."""
    plan = plan_of("web1")
    ferry.take_in(plan | {"waves": [plan["waves"][0] | wave]})
    ferry.enlist()
    ferry.furnish_target()
    ferry.stands("web1", state=MachineState.READY_FOR_CUTOVER)


def looks(
    ferry: MigrationHarness, activity: str, request: Callable[[], Request]
) -> Callable[[timedelta], dict[str, Any]]:
    """What the real activity answers after so long a wait."""
    passed = timedelta()

    def answer(waited: timedelta) -> dict[str, Any]:
        nonlocal passed
        ferry.cloud.later((waited - passed).total_seconds())
        passed = waited
        return SERVED[activity](request().model_dump(mode="json", by_alias=True, exclude_defaults=True))

    return answer


@pytest.mark.parametrize(("more", "busy"), [({}, True), ({"expires": "P9D"}, False), ({"expires": "P9D"}, True)])
def test_a_week_at_the_gate_of_the_cutover_while_others_still_prepare(
    ferry: MigrationHarness, more: dict[str, str], *, busy: bool
) -> None:
    begin(ferry, gates={"cutover": "manual", **more})
    if busy:
        ferry.cloud.fault("server-error", status=503, operation="*", times=None)

    def request() -> Request:
        found: ApprovalPoll = ferry.look("", "migrate_wave", kind=ApprovalPoll, taken=1)
        return found.replace(wave=WAVE)

    week = waiting_for(recorded("migrate_wave"), WEEK, looks(ferry, "poll_approval", request), "poll_approval", nth=3)
    assert len(week.events) <= MOST_ROWS
    assert steps(week) <= MOST_STEPS
    assert "an approval of the cutover" in ferry.row("web1").waiting_for


@pytest.mark.parametrize("busy", [False, True])
def test_a_week_before_the_window_also_while_the_clouds_answer_nothing(ferry: MigrationHarness, *, busy: bool) -> None:
    begin(ferry, cutover={"windows": [{"start": "+P7DT1H", "length": "PT4H"}]})
    if busy:
        ferry.cloud.fault("server-error", status=503, operation="*", times=None)

    def request() -> Request:
        found: Cohort = ferry.look("", "cohort-1", kind=Cohort)
        return found.replace(wave=WAVE, number=1, machines=(Member(name="web1"),))

    week = waiting_for(recorded("await_window"), WEEK, looks(ferry, "poll_window", request), "poll_window")
    assert len(week.events) <= MOST_ROWS
    assert steps(week) <= MOST_STEPS
    assert "the cutover window, which opens at" in ferry.row("web1").waiting_for
