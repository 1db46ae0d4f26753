"""Protect target: an instruction where the plan asks for it, nothing where it does not."""

from activities.protect_target import start_target_protection
from shared.ledger import events
from tests.activities.ferry import Ferry, plan_of


def told(ferry: Ferry) -> list[str]:
    return [event.text for event in events.page(ferry.migration)[0] if event.what == "protect-by-hand"]


def test_nothing_is_said_unless_the_plan_asks(enlisted: Ferry) -> None:
    assert start_target_protection(enlisted.look("web1", "protect_target")).job == ""
    assert told(enlisted) == []


def test_a_person_is_told_what_to_do_once(ferry: Ferry) -> None:
    ferry.take_in(plan_of("web1", finish={"protectTarget": {"region": "northeurope"}}))
    ferry.enlist()
    look = ferry.look("web1", "protect_target")
    for _ in range(2):
        assert start_target_protection(look).job == ""
    (text,) = told(ferry)
    assert "web1 to northeurope" in text
