"""Events: each once, oldest first. And waves, beside them."""

from collections.abc import Callable
from datetime import datetime

import pytest

from shared.coordination.decision import Decision, Verdict
from shared.ledger import events, waves
from shared.ledger.event_data import EventData
from shared.ledger.events import Event
from shared.models import Scope
from shared.problems import Fault
from shared.reporting.problem_document import ProblemDocument

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def place(now: datetime, machine: str = "a") -> Scope:
    return Scope(migration="m.1", wave="w1", machine=machine, phase="p", now=now)


def test_an_event_written_twice_is_one_event(at: At) -> None:
    for _ in range(2):
        events.write(place(at(1)), "failover-started", "Failover started.", data=EventData(job="j"))

    written, _ = events.page("m.1")

    assert [(each.what, each.at, each.data) for each in written] == [("failover-started", at(1), EventData(job="j"))]


def test_what_an_event_knows_is_read_as_it_was_written(at: At) -> None:
    texts = dict.fromkeys(
        ("job", "task", "command", "code", "causes", "person", "surface", "thumbprint", "message"), "é"
    )
    lists = dict.fromkeys(("disks", "machines", "escalates_to"), ("a", "b"))
    refused = ProblemDocument(type="t", title="é", status=400, detail="d", errors=(Fault(pointer="/x", message="m"),))
    point = {"recovery_point": "p", "recovery_point_time": at(2), "id": "7", "reasons": refused}
    change = {"changed": "waves/w1/cutover/windows", "before": [{"start": "é"}], "after": 7, "took_seconds": 20}
    data = EventData.model_validate(texts | lists | point | change)
    events.write(place(at(1)), "x", "", data=data)
    events.write(place(at(2)), "y", "")

    assert set(EventData.model_fields) == data.model_fields_set
    assert [each.data for each in events.page("m.1")[0]] == [data, None]


def test_an_event_bears_its_decision_whole(at: At) -> None:
    decision = Decision(
        by="ada", at=at(1), comment="é", person="1", roles=("azferry.owner",), surface="page", verb="approve"
    )
    about = {"gate": "cutover", "waves": ("w1",), "machines": ("a", "b"), "verdict": Verdict.APPROVE, "all_ready": True}
    decision = decision.replace(**about, first=True).named("m.1")
    event = Event(
        at=at(1), migration="m.1", what="decided-cutover", wave="w1", text=decision.text, by="ada", decision=decision
    )

    events.tell(event)
    events.tell(event.replace(decision=decision.replace(machines=("b", "c"), waves=("w2",))))

    (kept,) = events.page("m.1")[0]
    joined = decision.replace(machines=("a", "b", "c"), waves=("w1", "w2"))
    assert (kept.decision, kept.wave, kept.text) == (joined, "", decision.text)


def test_events_of_one_moment_are_told_apart(at: At) -> None:
    events.write(place(at(1), "a"), "x", "")
    events.write(place(at(1), "b"), "x", "")
    events.write(place(at(1), "b"), "y", "")

    assert len(events.page("m.1")[0]) == 3


@pytest.mark.parametrize(
    "order",
    [
        [
            "r1 - round-began",
            "r1 assess assess-began",
            "r1 assess sources-read",
            "r1 prepare_vault prepare-vault-began",
        ],
        ["r1 quiesce proof", "r1 stop_source stop-source-began", "r1 stop_source stop-requested", "r1 fail_over x"],
        ["r1 fail_over failover-submitted", "r1 fail_over job-ended-42", "r1 verify verify-began"],
        ["r0 - decided-cutover", "r1 approval gate-cutover", "r1 await_window cohort-1-goes"],
        ["r1 verify machine-failed", "r1 - migration-ended", "r2 - migrate-asked", "r2 - round-began"],
    ],
)
def test_events_of_one_moment_stand_in_the_order_in_which_they_happen(at: At, order: list[str]) -> None:
    for line in reversed(order):
        number, phase, what = line.split()
        events.write(place(at(1)).replace(round=int(number[1:]), phase=phase.strip("-")), what, "")

    assert [f"r{each.round} {each.phase or '-'} {each.what}" for each in events.page("m.1")[0]] == order


def test_a_migration_begins_before_its_machines_and_ends_after_them(at: At) -> None:
    migration = Scope(migration="m.1", now=at(1))
    for scope in (migration, migration.replace(wave="w1"), migration.replace(wave="w1", machine="a")):
        events.write(scope, "x-began", "")
        events.write(scope, "x-ended", "")

    order = [(each.what, each.wave, each.machine) for each in events.page("m.1")[0]]

    assert order == [
        ("x-began", "", ""),
        ("x-began", "w1", ""),
        ("x-began", "w1", "a"),
        ("x-ended", "w1", "a"),
        ("x-ended", "w1", ""),
        ("x-ended", "", ""),
    ]


def test_events_are_paged_oldest_first(at: At) -> None:
    for minute in (3, 1, 2):
        events.write(place(at(minute)), f"e{minute}", "")

    first, token = events.page("m.1", "", 2)
    second, end = events.page("m.1", token, 2)

    assert [each.what for each in first + second] == ["e1", "e2", "e3"]
    assert end == ""


def test_events_of_one_machine_are_paged_alone(at: At) -> None:
    for minute in range(6):
        events.write(place(at(minute), "ab"[minute % 2]), f"e{minute}", "")

    first, token = events.page("m.1", "", 2, machine="b")
    second, _ = events.page("m.1", token, 2, machine="b")

    assert [each.what for each in first + second] == ["e1", "e3", "e5"]


def test_a_wave_is_made_by_its_first_change_and_deaf_to_late_twins(at: At) -> None:
    waves.change(place(at(2)), succeeded=True)
    waves.change(place(at(1)), succeeded=False)
    waves.change(place(at(3)), done=True)

    (wave,) = waves.list("m.1")
    assert (wave.wave, wave.succeeded, wave.done) == ("w1", True, True)
    assert waves.get("m.1", "w9") is None
