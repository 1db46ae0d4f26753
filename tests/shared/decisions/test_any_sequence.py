"""Whatever people, failures and clocks do: nobody is left waiting, nobody waits for nothing, and it comes to an end.

Random sequences of decisions, commands, failures, deaths and waiting, on the product's own flows. 200 of them in
`make test`, 5,000 in `make soak`; they are the same ones each time.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import compress

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from activities.flow.wait_rows import later_than
from activities.flow.window_admission import Held
from shared.settings import settings as app_settings
from tests.shared.decisions.fleet import ADA, BOB, FAILING, NAMES, Fleet
from tests.storage_in_memory import Tables, read_once

SOME = st.lists(st.booleans(), min_size=3, max_size=3).map(lambda mask: tuple(compress(NAMES, mask)))
PHASES = ("accept_test_vm", "await_window", "verify", "decommission_source")
HOURS = (1, 3, 9, 30, 120, 240)


class Sequence(RuleBasedStateMachine):
    storage: Tables

    def __init__(self) -> None:
        super().__init__()
        self.storage.rows.clear()
        self.fleet = Fleet(self.storage)

    @precondition(lambda self: self.fleet.open)
    @rule(which=st.integers(0, 9), names=SOME, reject=st.booleans(), person=st.sampled_from([BOB, BOB, ADA]))
    def decide(self, which, names, reject, person):
        gate = self.fleet.open[which % len(self.fleet.open)]
        self.fleet.decide(
            gate, "reject" if reject and which % 3 == 0 else "approve", set(names) & set(gate.pending), person
        )

    @rule(verb=st.sampled_from(["retry", "retry", "pause", "resume", "cancel", "rollback"]), names=SOME)
    def steer(self, verb, names):
        self.fleet.steer(verb, names)

    @rule(name=st.sampled_from(NAMES), how=st.sampled_from(["resize", "resize", "drop", "come back"]))
    def change(self, name, how):
        self.fleet.change(name, how)

    @rule(name=st.sampled_from(NAMES), phase=st.sampled_from(PHASES))
    def leave_out(self, name, phase):
        self.fleet.skip(name, phase)

    @rule(wave=st.sampled_from(["one", "two"]))
    def cut_over(self, wave):
        self.fleet.cutover(wave)

    @rule(hours=st.sampled_from(HOURS))
    def wait(self, hours):
        self.fleet.later(timedelta(hours=hours))

    @rule(name=st.sampled_from(NAMES), where=st.sampled_from(sorted(FAILING)))
    def fail(self, name, where):
        self.fleet.failing.add((name, where))

    @rule(write=st.integers(1, 6))
    def die(self, write):
        self.storage.die_before(write)

    @invariant()
    def holds(self):
        dies, self.storage.dies = self.storage.dies, 0  # looking kills nobody
        self.fleet.check()
        self.storage.dies = dies

    def teardown(self):
        self.storage.die_before(0)
        self.fleet.finish()


@pytest.fixture
def in_memory(monkeypatch) -> Iterator[Tables]:
    storage = Tables()
    monkeypatch.setattr("shared.storage.rows.table", storage.table)
    monkeypatch.setattr("shared.storage.rows.from_entity", read_once)
    monkeypatch.setattr("shared.storage.blobs.container", storage.container)
    # what asks a cloud: nobody removes an item, and the target takes everybody
    monkeypatch.setattr("activities.flow.waves.unprotected", lambda *_: frozenset())
    monkeypatch.setattr("activities.await_window.look_ahead", lambda cohort, begin: later_than(begin, cohort.now))
    monkeypatch.setattr("activities.await_window.hold_back", lambda _cohort, admitted: Held(tuple(admitted)))
    monkeypatch.setattr("activities.approval.tell_at_gate", lambda _request, _gate: 86_400)
    monkeypatch.setenv("AZFERRY_LOCAL", "true")
    app_settings.cache_clear()
    yield storage
    app_settings.cache_clear()


@pytest.fixture(name="sequences")
def _sequences(in_memory) -> type[RuleBasedStateMachine]:
    return type("Played", (Sequence,), {"storage": in_memory})


def test_who_was_cancelled_and_retried_is_asked_for_anew_and_not_moved_by_the_flow_that_waited_for_its_window(
    in_memory,
):
    fleet = Fleet(in_memory)
    fleet.later(timedelta(hours=33))
    (gate,) = [each for each in fleet.open if each.name == "cutover"]
    fleet.decide(gate, "approve", (), BOB)
    fleet.steer("cancel", ("c",))
    fleet.steer("retry", ("c",))
    fleet.later(timedelta(hours=25))
    fleet.check()
    (row,) = [each for each in fleet.rows if each.name == "c"]
    assert (row.state, row.waiting_for) == ("ReadyForCutover", "an approval of the cutover of wave two")
    assert "start_failover" not in fleet.stage.journal


def test_a_migration_of_which_nothing_is_left_ends_at_once_although_its_window_is_days_away(in_memory):
    fleet = Fleet(in_memory)
    fleet.later(timedelta(hours=33))
    (gate,) = [each for each in fleet.open if each.name == "cutover"]
    fleet.decide(gate, "approve", (), BOB)
    for name in NAMES:
        fleet.steer("cancel", (name,))
    assert (fleet.migration.status, fleet.migration.outcome) == ("Ended", "Cancelled")


# with two cores that others use, too, 200 take a minute or two; one of them takes a fifth of a second by itself
@pytest.mark.parametrize(
    "many",
    [
        pytest.param(200, marks=pytest.mark.timeout(900)),
        pytest.param(
            5_000, marks=(pytest.mark.soak, pytest.mark.timeout(7_200))
        ),  # a mark of the function would go before
    ],
)
def test_nobody_passes_unseen_and_nobody_is_left_waiting(sequences, many):
    run_state_machine_as_test(
        sequences,
        settings=settings(
            max_examples=many,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
