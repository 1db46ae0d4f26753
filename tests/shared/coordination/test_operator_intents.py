"""Intents, acknowledgements and skips: what an operator said counts, in the order in which it was said."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from shared.coordination import operator_intents
from shared.coordination.operator_intents import AcknowledgementRow, Control, Intent, Skip

pytestmark = pytest.mark.usefixtures("store")

At = Callable[[int], datetime]


def want(intent: Intent, at: datetime, machine: str = "*") -> Control:
    return operator_intents.set_intent(Control(migration="m.1", machine=machine, intent=intent, by="anna", at=at))


def test_without_a_word_a_machine_runs() -> None:
    assert operator_intents.intent("m.1", "a").intent == Intent.RUN


def test_people_see_a_word_as_soon_as_it_is_given() -> None:
    assert operator_intents.intents_lately("m.1") == ()
    intent = want(Intent.PAUSE, datetime(2026, 11, 21, tzinfo=UTC))
    assert operator_intents.intents_lately("m.1") == (intent,)


@pytest.mark.parametrize(
    ("intents", "expected"),
    [
        ([("*", Intent.PAUSE)], Intent.PAUSE),
        ([("a", Intent.PAUSE)], Intent.PAUSE),
        ([("b", Intent.PAUSE)], Intent.RUN),
        ([("*", Intent.PAUSE), ("a", Intent.RUN)], Intent.RUN),
        ([("a", Intent.PAUSE), ("*", Intent.RUN)], Intent.PAUSE),
        ([("a", Intent.PAUSE), ("a", Intent.RUN), ("*", Intent.PAUSE)], Intent.PAUSE),
        ([("a", Intent.RUN), ("*", Intent.CANCEL)], Intent.CANCEL),
        ([("a", Intent.CANCEL), ("*", Intent.RUN)], Intent.CANCEL),
        ([("a", Intent.ROLLBACK), ("*", Intent.CANCEL)], Intent.ROLLBACK),
        ([("*", Intent.CANCEL), ("a", Intent.RUN)], Intent.RUN),
        ([("*", Intent.PAUSE), ("*", Intent.RUN)], Intent.RUN),
    ],
)
def test_the_latest_word_counts_and_a_machines_own_one_first(
    intents: list[tuple[str, Intent]], expected: Intent, at: At
) -> None:
    for minute, (machine, intent) in enumerate(intents):
        want(intent, at(minute), machine)

    assert operator_intents.intent("m.1", "a").intent == expected


def test_a_late_twin_changes_nothing(at: At) -> None:
    want(Intent.RUN, at(2))

    assert want(Intent.PAUSE, at(1)).intent == Intent.RUN
    assert operator_intents.intent("m.1").intent == Intent.RUN


def test_an_intent_says_who_and_when(at: At) -> None:
    want(Intent.PAUSE, at(1))

    latest = operator_intents.intent("m.1", "a")
    assert (latest.by, latest.at) == ("anna", at(1))


def test_who_acknowledged_first_stays(at: At) -> None:
    for minute, by in enumerate(["anna", "bert"]):
        operator_intents.acknowledge(
            AcknowledgementRow(migration="m.1", concern="c", by=by, reason="known", at=at(minute))
        )
    operator_intents.acknowledge(AcknowledgementRow(migration="m.1", concern="c", machine="a", by="carl"))

    assert {(each.machine, each.by) for each in operator_intents.acknowledged("m.1")} == {("*", "anna"), ("a", "carl")}
    assert operator_intents.acknowledged("m.2") == ()


def test_skips_are_kept_by_machine_and_phase(at: At) -> None:
    operator_intents.request_skip(Skip(migration="m.1", machine="a", phase="verify", by="anna", at=at(1)))
    operator_intents.request_skip(Skip(migration="m.1", machine="a", phase="verify", by="bert", at=at(2)))
    operator_intents.request_skip(Skip(migration="m.1", machine="ab", phase="verify", by="carl"))

    assert [(each.phase, each.by) for each in operator_intents.skips("m.1", "a")] == [("verify", "anna")]
