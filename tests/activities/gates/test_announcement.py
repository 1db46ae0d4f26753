"""People are told of gates: once for each coming of a machine, when time runs out, and when it ran out."""

from datetime import timedelta
from typing import Any

import pytest

from activities.gates.manual_gate import wait_at
from shared.contracts.cohorts import ApprovalPoll
from shared.notifications.outbox_row import TABLE
from shared.states import MachineState
from tests.activities.migration_harness import WAVE, MigrationHarness, plan_of
from tests.activities.notices import listen, notices, topics


@pytest.fixture
def manned(ferry: MigrationHarness, monkeypatch: pytest.MonkeyPatch) -> MigrationHarness:
    """Two machines whose cutover a person approves within ten hours."""
    listen(monkeypatch)
    plan = plan_of("a1", "a2")
    gates = {"cutover": "manual", "expires": "PT10H", "approvers": ["azferry.owner"]}
    ferry.take_in(plan | {"waves": [plan["waves"][0] | {"gates": gates}]})
    ferry.enlist()
    return ferry


def look(ferry: MigrationHarness, turn: int = 1, after: timedelta = timedelta()) -> None:
    request: ApprovalPoll = ferry.look("", "migrate_wave", turn, kind=ApprovalPoll, taken=0, prepared=True)
    ferry.ask("poll_approval", request.replace(wave=WAVE, now=request.now + after))


def test_each_machine_that_comes_to_a_gate_is_told_of_once(manned: MigrationHarness) -> None:
    manned.stands("a1", state=MachineState.READY_FOR_CUTOVER)
    look(manned)
    look(manned, 2)
    manned.stands("a2", state=MachineState.READY_FOR_CUTOVER)
    look(manned, 3)

    assert topics(manned) == [("gate-opened", "a1"), ("gate-opened", "a2")]
    first = notices(manned)[0]
    assert (first.gate, first.wave, first.who) == ("cutover", WAVE, ("azferry.owner",))
    assert first.command == f"azferry approve {manned.migration} --wave {WAVE} --gate cutover"
    assert first.expires == first.at + timedelta(hours=10)
    assert first.then == "their cutover counts as rejected; replication goes on, and a retry asks again"


def test_reminders_and_the_end_of_the_time_are_told_once_each(manned: MigrationHarness) -> None:
    manned.stands("a1", state=MachineState.READY_FOR_CUTOVER)
    for turn, hours in enumerate((0, 6, 7, 9.5, 10, 11), 1):
        look(manned, turn, timedelta(hours=hours))

    assert topics(manned) == [("expired", "a1"), ("gate-opened", "a1"), ("reminder", "a1"), ("reminder", "a1")]


def test_what_only_a_person_can_do_is_told_with_its_command(manned: MigrationHarness) -> None:
    poll: Any = manned.look("a1", "install_agent")
    for _ in range(2):
        wait_at(poll, "install-agent")

    (notice,) = notices(manned)
    assert (notice.topic, notice.gate, notice.who) == ("gate-opened", "install-agent", ("azferry.operator",))
    assert notice.command.startswith(f"azferry confirm {manned.migration} --gate install-agent")


def test_without_a_channel_a_gate_asks_nothing_of_the_outbox(ferry: MigrationHarness) -> None:
    ferry.take_in(plan_of("a1"))
    ferry.enlist()
    wait_at(ferry.look("a1", "install_agent"), "install-agent")

    assert list(TABLE.of(ferry.migration)) == []
