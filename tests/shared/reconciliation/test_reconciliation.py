"""What the frame lost is found and put right, and nothing else is touched."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from shared.contracts.watcher import TICKS_PER_HISTORY
from shared.coordination import gates, operator_intents, slots, waits
from shared.coordination.decision import Decision
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import Wait
from shared.decisions.people import played
from shared.decisions.rounds import retry
from shared.durable import client_wire, durable_client
from shared.intake import register
from shared.ledger import events, machines, migrations, plans, source_claims
from shared.ledger.machine_row import MachineRow
from shared.ledger.migration_rounds import close_round, enter_life
from shared.models import Scope
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.reconciliation import heartbeats, reconciliation
from shared.reconciliation.heartbeats import FramePart
from shared.states import MachineState, MigrationStatus
from tests.ledger_rows import put

ROOT = "finance.1.migrate.1"
pytestmark = pytest.mark.usefixtures("store")


class Hub:
    def __init__(self):
        self.states, self.started, self.raised, self.ended, self.given = {}, [], [], [], {}
        self.fails = False

    async def start_new(self, name, instance_id, client_input):
        self.started.append((name, instance_id))
        self.given[instance_id] = client_input
        self.states[instance_id] = "Running"

    async def get_status(self, instance_id):
        state = None if self.fails else self.states.get(instance_id)
        return SimpleNamespace(runtime_status=SimpleNamespace(name=state) if state else None)

    async def raise_event(self, instance_id, event_name, event_data):
        self.raised.append((instance_id, event_name))

    async def terminate(self, instance_id, reason):
        self.ended.append(instance_id)
        self.states[instance_id] = "Terminated"

    async def code_of(self, instance_id):
        if self.fails:
            return 500
        return 200 if instance_id in self.states else 404

    async def listed(self, prefix, query):
        wanted = query["runtimeStatus"].split(",")
        for name in sorted(self.states):
            if name.startswith(prefix) and self.states[name] in wanted:
                row = {
                    "instanceId": name,
                    "runtimeStatus": self.states[name],
                    "lastUpdatedTime": "2026-11-21T00:00:00Z",
                }
                yield client_wire.Instance.model_validate(row | {"input": json.dumps(self.given.get(name, {}))})


@pytest.fixture
def durable(monkeypatch):
    monkeypatch.setattr(client_wire, "code_of", lambda client, name: client.code_of(name))
    monkeypatch.setattr(client_wire, "listed", lambda client, prefix, query: client.listed(prefix, query))
    return Hub()


@pytest.fixture
def running(at):
    register.take_in(to_plan(EXAMPLE), played("ada"), at(0))
    row = MachineRow(migration="finance.1", name="shop-web1", wave="shop", phase="initial_sync", state="InitialSync")
    machines.create_many([row.replace(stamp=at(1))])
    return "finance.1"


@pytest.fixture
def look(durable, at):
    return lambda minutes=10: asyncio.run(reconciliation.reconcile(durable, at(minutes)))


def wait(**more):
    given = {"watch": "slot.replicating", "id": "w", "instance": "i", "event": "e", "migration": "finance.1"}
    return Wait(**given | more)


def test_what_runs_well_is_left_alone(durable, running, look):
    durable.states[ROOT] = "Running"

    assert reconciliation.Reconciled(running=(running,)) == look()
    assert [] == durable.started


def test_a_root_that_was_never_started_is_started_once(durable, running, look):
    assert (ROOT,) == look().begun
    assert () == look().begun
    assert [("migrate", ROOT)] == durable.started


def test_a_migration_whose_plan_is_being_kept_is_left_to_who_takes_it_in(durable, look, monkeypatch, at):
    save, looked = plans.save, []

    def meanwhile(migration, body):
        looked.append(look())  # a tick between the migration's row and its plan
        return save(migration, body)

    monkeypatch.setattr(plans, "save", meanwhile)
    register.take_in(to_plan(EXAMPLE), played("ada"), at(0))

    assert [()] == [each.begun for each in looked]
    assert [] == durable.started
    assert (ROOT,) == look(11).begun


@pytest.mark.parametrize("state", ["Failed", "Terminated", "Completed"])
def test_a_round_whose_root_ended_without_closing_it_is_closed_and_its_machines_can_be_retried(
    durable, running, look, at, state
):
    durable.states[ROOT] = state
    source_claims.claim(running, ["i-0aaa1111"])
    gates.open_gate(GateRow(migration=running, name="register-appliance"))
    waits.arm(wait(watch="vault.x", vault="{}", id="finance.1.alive"))

    assert (ROOT,) == look().closed
    row = machines.get(running, "shop-web1")
    assert (MachineState.FAILED, "initial_sync", "fault") == (row.state, row.failed_in, row.problem.id)
    assert MigrationStatus.ENDED == migrations.get(running).status
    assert ((), (), {}) == (
        gates.of_migration(running),
        waits.of_migration(running),
        source_claims.busy_elsewhere(["i-0aaa1111"], ""),
    )
    assert () == look().closed

    assert 2 == retry(running, (), Decision(by="ada", at=at(20))).begin.round
    assert "" == machines.get(running, "shop-web1").owner


def test_a_flow_that_outlives_its_root_finds_its_machine_taken(durable, running, look):
    durable.states[ROOT] = "Failed"
    look()

    assert machines.NOBODY == machines.get(running, "shop-web1").owner


def test_finished_machines_keep_their_state_when_their_round_is_lost(durable, running, look, at):
    put(Scope(migration=running, machine="shop-web1", now=at(2)), state=MachineState.FINALIZED)
    durable.states[ROOT] = "Failed"
    look()

    assert MachineState.FINALIZED == machines.get(running, "shop-web1").state


def test_a_round_closed_meanwhile_is_not_begun_again(durable, running, look, at):
    close_round(running, 1, at(3))

    assert reconciliation.Reconciled() == look()


def test_a_lost_watcher_is_started_again(durable, running, look):
    durable.states[ROOT] = "Running"
    waits.arm(wait(watch="vault.abc", vault="{}", id="finance.1.alive", instance="", event=""))

    assert ("vault.abc",) == look().watchers
    assert () == look().watchers
    assert [("watch_vault", "vault.abc")] == durable.started
    assert durable.given["vault.abc"]["ticks"] == TICKS_PER_HISTORY


def test_a_cohort_whose_opening_has_come_is_woken_in_case_its_timer_was_lost(durable, running, look, at):
    durable.states[ROOT] = "Running"
    opens = {"watch": "gate.finance.1", "kind": "window", "not_before": at(15)}
    waits.arm(wait(**opens, id="w", instance="cohort", event="poll_window:1"))

    assert (0, []) == (look(10).announcements, durable.raised)
    assert (1, [("cohort", "poll_window:1")]) == (look(15).announcements, durable.raised)


def test_places_of_settled_machines_and_ended_flows_are_freed_and_handed_on(durable, running, look, at):
    durable.states[ROOT] = "Running"
    durable.states["cohort-lives"] = "Running"
    taken = slots.take({"a": 1}, "finance.1/shop-web1/replicating", wait(machine="shop-web1"), at(1))
    queued = slots.take({"a": 1}, "cohort-lives", wait(id="next", instance="next", event="go"), at(2))
    slots.take({"b": 1}, "cohort-gone", wait(id="gone"), at(2))
    assert (True, False) == (taken, queued)

    assert () == look(10).freed  # missing once is no proof
    assert ("cohort-gone",) == look(15).freed
    place = Scope(migration=running, machine="shop-web1", wave="shop", now=at(5))
    put(place, state=MachineState.FAILED)
    assert ("finance.1/shop-web1/replicating",) == look(20).freed
    assert ("next", "go") in durable.raised


def test_a_place_that_is_reserved_and_not_taken_is_told_again(durable, running, look, at):
    durable.states[ROOT] = durable.states["second"] = "Running"
    slots.take({"a": 1}, "first", wait(id="1"), at(1))
    slots.take({"a": 1}, "second", wait(id="2", instance="waiter", event="go"), at(1))
    slots.free("first")

    assert 1 == look().announcements
    assert [("waiter", "go")] == durable.raised


def test_a_machine_taken_over_by_an_operator_meanwhile_belongs_to_the_new_round(durable, running, look, at):
    durable.states[ROOT] = "Failed"
    retryable = Scope(migration=running, machine="shop-web1", wave="shop", now=at(2))
    put(retryable, state=MachineState.FAILED)
    retry(running, ("shop-web1",), Decision(by="ada", at=at(3)))
    look()

    assert 2 == machines.get(running, "shop-web1").round
    assert MachineState.FAILED != machines.get(running, "shop-web1").state
    assert MigrationStatus.RUNNING == migrations.get(running).status
    assert operator_intents.Intent.RUN == operator_intents.intent(running, "shop-web1").intent


def test_the_loss_stands_in_the_ledger(durable, running, look):
    durable.states[ROOT] = "Failed"
    look()

    assert "round-lost" in [each.what for each in events.page(running)[0]]


def test_the_states_that_count_as_alive_are_those_of_the_hub():
    assert {"Running", "Pending", "Suspended", "ContinuedAsNew"} == durable_client.ALIVE


def lived(number=1):
    return enter_life("finance.1", number)


def child(durable, name, state="Running", **given):
    durable.states[name] = state
    durable.given[name] = {"migration": "finance.1"} | given


def test_a_root_that_worked_begins_again_only_when_it_was_missing_twice_and_apart(durable, running, look):
    lived()

    assert () == look(10).begun
    assert () == look(12).begun
    assert (ROOT,) == look(15).begun
    assert [("migrate", ROOT)] == durable.started
    assert 2 == durable.given[ROOT]["life"]


def test_who_was_seen_in_between_was_never_missing(durable, running, look):
    lived()
    look(10)
    durable.states[ROOT] = "Running"
    look(15)
    del durable.states[ROOT]

    assert () == look(20).begun


def test_a_hub_that_only_fails_proves_nothing(durable, running, look):
    lived()
    slots.take({"a": 1}, "cohort", wait(), datetime(2026, 11, 21, 0, 1, tzinfo=UTC))
    durable.fails = True

    assert reconciliation.Reconciled(running=("finance.1",)) == look(10)
    assert reconciliation.Reconciled(running=("finance.1",)) == look(20)
    assert [] == durable.started


def test_what_still_runs_of_a_lost_round_is_ended_before_it_begins_again(durable, running, look):
    lived()
    child(durable, "finance.1.shop.shop-web1.quiesce.1")
    durable.states["finance.1.shop.1.0"] = "Running"
    durable.given["finance.1.shop.1.0"] = {
        "phase": "walk_machine",
        "children": [{"instance": "x", "request": {"migration": "finance.1"}}],
    }
    child(durable, "finance.1.shop.shop-web1.rollback.2", round=2)
    child(durable, "finance.1.done.1", "Completed")
    look(10)

    assert () == look(15).begun
    assert ["finance.1.shop.1.0", "finance.1.shop.shop-web1.quiesce.1"] == durable.ended
    assert (ROOT,) == look(20).begun
    assert "Running" == durable.states["finance.1.shop.shop-web1.rollback.2"]


def test_the_machines_of_a_lost_round_belong_to_nobody_when_it_begins_again(durable, running, look, at):
    lived()
    machines.change(Scope(migration=running, machine="shop-web1", now=at(2)), owner="the-old-walk")
    look(10)
    look(15)

    assert "" == machines.get(running, "shop-web1").owner
    assert "round-revived" in [each.what for each in events.page(running)[0]]


def test_the_children_of_a_root_that_ended_are_ended_before_its_round_is_closed(durable, running, look):
    child(durable, "finance.1.shop.shop-web1.quiesce.1")
    durable.states[ROOT] = "Terminated"

    assert (ROOT,) == look().closed
    assert ["finance.1.shop.shop-web1.quiesce.1"] == durable.ended


def test_one_migration_in_trouble_does_not_keep_the_others_waiting(durable, running, look, at, monkeypatch):
    other = register.take_in(to_plan(EXAMPLE | {"name": "audit"}), played("ada"), at(0)).migration
    durable.states[ROOT] = "Failed"

    async def broken(client, prefix, query):
        raise ConnectionError("no listing")
        yield

    monkeypatch.setattr(client_wire, "listed", broken)

    assert (f"{other}.migrate.1",) == look().begun


def test_a_watcher_that_lives_and_does_not_tick_is_ended_and_started_anew(durable, running, look, at):
    durable.states[ROOT] = durable.states["vault.abc"] = "Running"
    waits.arm(wait(watch="vault.abc", vault="{}", id="finance.1.alive", instance="", event=""))
    heartbeats.beat(FramePart("vault.abc", watches=True), at(0), timedelta(seconds=30))
    look(5)

    assert () == look(10).stuck
    assert ("vault.abc",) == look(15).stuck
    assert ("vault.abc",) == look(20).watchers


def test_after_an_outage_everything_is_late_and_nothing_is_ended(durable, running, look, at):
    durable.states[ROOT] = durable.states["vault.abc"] = "Running"
    waits.arm(wait(watch="vault.abc", vault="{}", id="finance.1.alive", instance="", event=""))
    look(5)
    heartbeats.beat(FramePart("vault.abc", watches=True), at(5), timedelta(seconds=30))

    assert () == look(120).stuck
    assert [] == durable.ended
