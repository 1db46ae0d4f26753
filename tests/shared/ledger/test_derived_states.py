"""How far a wave and a migration are follows from their machines; what a person should know first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.ledger.derived_states import earliest_phase, wave_state
from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import Service, Serving, down, in_doubt
from shared.reporting.attention import attention, lasting
from shared.states import MachineState as S
from shared.states import WaveState

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def row(name: str = "m1", state: S = S.NOT_READY, phase: str = "", **more: Any) -> MachineRow:
    return MachineRow(migration="m.1", name=name, state=state, phase=phase, **more)


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], WaveState.NOT_STARTED),
        ([row()], WaveState.NOT_STARTED),
        ([row(phase="install_agent")], WaveState.REPLICATING),
        ([row(state=S.INITIAL_SYNC, phase="initial_sync"), row("m2", S.FAILED)], WaveState.REPLICATING),
        ([row(state=S.READY_FOR_TEST, phase="initial_sync")], WaveState.REHEARSING),
        ([row(state=S.AWAITING_USER_ACTION, phase="accept_test_vm")], WaveState.REHEARSING),
        ([row("asks", S.READY_FOR_CUTOVER)], WaveState.AWAITING_APPROVAL),
        ([row("m1", S.READY_FOR_CUTOVER)], WaveState.AWAITING_WINDOW),
        ([row("asks", S.READY_FOR_CUTOVER), row("m2", S.CUTTING_OVER, "fail_over")], WaveState.CUTTING_OVER),
        ([row(state=S.AWAITING_USER_ACTION, phase="stop_source")], WaveState.CUTTING_OVER),
        ([row(state=S.CUT_OVER, phase="accept"), row("m2", S.CANCELLED)], WaveState.CUTTING_OVER),
        ([row(state=S.FINALIZED), row("m2", S.FAILED)], WaveState.ENDED),
    ],
)
def test_a_wave_is_where_its_machines_are(rows: list[MachineRow], state: WaveState) -> None:
    assert wave_state(rows, {"asks"}, done=False) == state
    assert wave_state(rows, {"asks"}, done=True) == WaveState.ENDED


def test_the_phase_of_a_migration_is_that_of_its_slowest_machine() -> None:
    rows = [row("m1", S.CUTTING_OVER, "fail_over"), row("m2", S.INITIAL_SYNC, "initial_sync")]
    assert earliest_phase("set_replication_policy", rows) == "initial_sync"
    assert earliest_phase("set_replication_policy", [*rows, row("m3", phase="assess")]) == "set_replication_policy"
    assert earliest_phase("set_replication_policy", [row(state=S.FAILED, phase="quiesce")]) == ""


def test_who_serves_nowhere_comes_first_the_longest_first() -> None:
    served = Service(at=Serving.SOURCE)
    rows = [
        row("m1", S.FAILED, service=down(NOW - timedelta(minutes=5))(served)),
        row("m2", S.CUTTING_OVER, service=down(NOW - timedelta(hours=2))(served)),
        row("m3", S.READY_FOR_CUTOVER, service=served, unfit={"trouble": "critical health", "why": "1: no heartbeat"}),
        row("m4", S.READY_FOR_CUTOVER, service=served, unfit={"trouble": "critical health", "why": "1: no heartbeat"}),
        row("m5", S.FINALIZED, unfit={"trouble": "too far behind", "why": "a day"}),
        row("m6", S.FAILED, service=in_doubt(NOW)(down(NOW)(served))),
    ]
    assert attention(rows, NOW) == (
        "2 machines serve nowhere: m2 for 2 h 0 min, m1 for 5 min",
        "nobody can tell whether 1 machine serves again: m6",
        "m3, m4 could not be cut over now: critical health: 1: no heartbeat",
    )


def test_where_all_is_well_there_is_nothing_to_say() -> None:
    assert attention([row(service=Service(at=Serving.SOURCE))], NOW) == ()


@pytest.mark.parametrize(
    ("seconds", "words"), [(45, "45 s"), (750, "12 min"), (12_000, "3 h 20 min"), (187_200, "2 d 4 h")]
)
def test_spans_are_told_in_their_two_largest_units(seconds: int, words: str) -> None:
    assert lasting(timedelta(seconds=seconds)) == words
