"""Gauges tell how everything stands at this moment: the longest waits, and copies that no cutover could be made from."""

from datetime import timedelta

import pytest

from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.decisions.people import played
from shared.intake import register
from shared.ledger import machines
from shared.ledger.machine_row import MachineRow
from shared.ledger.serving import Outage, Service, Serving
from shared.observability import metrics
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.reconciliation import standing_gauges

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def gauges(monkeypatch):
    """What the gauges were set to, by metric and label."""
    seen = {}
    for gauge in (metrics.WAITING, metrics.UNFIT):
        monkeypatch.setattr(
            gauge, "set", lambda value, labels, gauge=gauge: seen.update({next(iter(labels.values())): value})
        )
    return seen


@pytest.fixture
def machine(at):
    register.take_in(to_plan(EXAMPLE), played("ada"), at(0))

    def made(name, state="ReadyForCutover", **more):
        row = MachineRow(
            migration="finance.1", name=name, wave="shop", phase="cutover", state=state, stamp=at(1), **more
        )
        machines.create_many([row])

    return made


def down(began, ended=None):
    return Service(at=Serving.SOURCE if ended else Serving.NOWHERE, outages=(Outage(began=began, ended=ended),))


def test_where_nothing_waits_the_waits_are_told_as_none_so_that_alerts_end(gauges, at):
    standing_gauges.measure(at(0), [])

    assert {"gate": 0, "service": 0} == gauges


def test_of_all_gates_and_machines_the_longest_wait_counts(gauges, machine, at):
    for name, since in (("cutover", 10), ("accept", 30)):
        row = GateRow(migration="finance.1", wave="shop", name=name, since=at(since), open=True)
        gates.open_gate(row)
    machine("a", service=down(at(40)))
    machine("b", service=down(at(20)))
    machine("c", service=down(at(1), ended=at(5)))

    standing_gauges.measure(at(60), ["finance.1"])

    assert timedelta(minutes=50).total_seconds() == gauges["gate"]
    assert timedelta(minutes=40).total_seconds() == gauges["service"], "an outage that has ended is none"


def test_copies_are_counted_by_what_is_wrong_with_them_until_their_cutover(gauges, machine, at):
    machine("a", unfit={"trouble": "critical health", "why": "78007: no disk"})
    machine("b", unfit={"trouble": "critical health", "why": "Site Recovery does not say why"})
    machine("c", unfit={"trouble": "too far behind", "why": "its copy lags 3 h"})
    machine("d", state="CutOver", unfit={"trouble": "critical health", "why": "it has moved"})

    standing_gauges.measure(at(60), ["finance.1"])

    assert (2, 1) == (gauges["critical health"], gauges["too far behind"])
