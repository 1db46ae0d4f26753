"""The door: nothing else writes what people decide, and a decision whose writer died is told all the same."""

import ast

from shared.coordination import gates
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.decisions import door
from shared.decisions.deciding import decide
from shared.ledger import events
from tests.architecture import modules, nodes_of
from tests.gate_answers import spoken

DOOR = "shared.decisions.door"
WRITES = {"request_skip", "acknowledge", "record", "second", "tell"}
FROM = {"shared.coordination.operator_intents", "shared.coordination.gate_decisions", "shared.ledger.events"}


def writers():
    """Every call of what writes a decision, by the module that makes it."""
    for name, source in modules().items():
        if not any(each.rpartition(".")[2] in source for each in FROM):
            continue  # it imports none of them
        nodes = nodes_of(source)
        bound = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for call in (node.func for node in nodes if isinstance(node, ast.Call)):
            if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
                full_name = f"{bound.get(call.value.id, '')}.{call.attr}"
            else:
                full_name = bound.get(call.id, "") if isinstance(call, ast.Name) else ""
            module, _, function = full_name.rpartition(".")
            if module in FROM and function in WRITES:
                yield name, function


def test_only_the_door_writes_decisions():
    found = set(writers())

    assert {function for name, function in found if name == DOOR} == WRITES
    assert {name for name, _ in found} == {DOOR}


def test_the_event_of_a_decision_that_died_is_made_good_by_whoever_acts_on_it(migration, decision):
    for name in "ab":
        gates.open_gate(GateRow(migration=migration, name="accept", wave="first", machine=name))
    decide(migration, spoken(Decision(gate="accept", verdict=Verdict.APPROVE, all_ready=True), decision))
    (event,) = [each for each in events.page(migration)[0] if each.what == "decided-accept"]
    events.TABLE.drop(migration, events.id_of(event))

    for name in "aba":
        gate = gates.get(migration, "first", "accept", name)
        door.tell(migration, gate.decided(name))

    (again,) = [each for each in events.page(migration)[0] if each.what == "decided-accept"]
    assert (again.by, again.at, again.decision.comment) == (event.by, event.at, "because")
    assert sorted(again.decision.machines) == ["a", "b"]
