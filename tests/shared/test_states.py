"""The states of a machine and the outcome they add up to."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.states import ASIDE, FAILED, MOVED, NEXT, ROAD, TERMINAL, MachineState, Outcome, may_become, outcome

S = MachineState
states = st.sampled_from(list(MachineState))


@pytest.mark.parametrize(
    ("stand", "expected"),
    [
        ([S.FINALIZED, S.DECOMMISSIONED], Outcome.SUCCEEDED),
        ([S.FINALIZED, S.CUT_OVER], Outcome.PARTIALLY_SUCCEEDED),
        ([S.FINALIZED, S.FAILED], Outcome.PARTIALLY_SUCCEEDED),
        ([S.FINALIZED, S.ROLLED_BACK], Outcome.PARTIALLY_SUCCEEDED),
        ([S.FINALIZED, S.READY_FOR_CUTOVER], Outcome.PARTIALLY_SUCCEEDED),
        ([S.FAILED], Outcome.FAILED),
        ([S.FAILED, S.CANCELLED], Outcome.FAILED),
        ([S.AWAITING_USER_ACTION], Outcome.FAILED),
        ([S.ROLLED_BACK], Outcome.ROLLED_BACK),
        ([S.ROLLED_BACK, S.CANCELLED], Outcome.ROLLED_BACK),
        ([S.CANCELLED], Outcome.CANCELLED),
        ([], Outcome.FAILED),
    ],
)
def test_the_outcome_follows_from_where_the_machines_stand(stand: list[MachineState], expected: Outcome) -> None:
    assert outcome(stand) == expected


@given(st.lists(states))
def test_any_failed_machine_means_it_did_not_succeed(stand: list[MachineState]) -> None:
    assert outcome([*stand, *FAILED]) != Outcome.SUCCEEDED


@given(st.lists(states, min_size=1), st.randoms())
def test_the_outcome_does_not_depend_on_order_or_number(stand: list[MachineState], chance: object) -> None:
    shuffled = stand * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert outcome(shuffled) == outcome(stand)


def test_every_state_has_its_row_in_the_table() -> None:
    assert NEXT.keys() == set(MachineState)


def test_the_road_leads_from_end_to_end() -> None:
    assert all(may_become(before, after) for before, after in pairwise(ROAD))


def test_every_state_can_be_reached() -> None:
    assert {after for targets in NEXT.values() for after in targets} == set(MachineState)


@pytest.mark.parametrize("given_up", [S.ROLLED_BACK, S.CANCELLED])
@pytest.mark.parametrize("moved_for_good", [S.FINALIZED, S.DECOMMISSIONED])
def test_what_moved_for_good_is_never_given_up(moved_for_good: MachineState, given_up: MachineState) -> None:
    assert not may_become(moved_for_good, given_up)


@given(states)
def test_staying_is_always_allowed(state: MachineState) -> None:
    assert may_become(state, state)


@given(st.sampled_from(sorted(ASIDE)), st.sampled_from(ROAD))
def test_a_machine_that_stopped_goes_on_anywhere(stopped: MachineState, after: MachineState) -> None:
    assert may_become(stopped, after)


def test_what_moved_and_what_failed_are_different_things() -> None:
    assert not MOVED & FAILED
    assert FAILED <= TERMINAL


@pytest.mark.parametrize("stood", ["ReadyForTest", "Testing", "ReadyForCutover", "CuttingOver"])
def test_a_machine_whose_replication_is_gone_may_be_replicated_anew_from_wherever_it_stood(stood):
    assert may_become(MachineState(stood), MachineState.INITIAL_SYNC)
