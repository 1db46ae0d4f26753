"""A migrated machine that is not verified: it waits for a person, or is tried again and goes back at its deadline."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from activities.verification.failed_verification import judge_verification
from activities.verification.verify_deadline import goes_back_at, time_left, with_deadline
from shared.contracts.unverified import FailedVerification, VerificationOutlook
from shared.coordination import operator_intents
from shared.coordination.operator_intents import Skip
from shared.ledger import events
from shared.ledger.machine_context import machine_context
from shared.ledger.machine_row import Mark
from shared.problems import Refused
from tests.activities.crash_injection import Dying
from tests.activities.migration_harness import MigrationHarness, plan_of
from tests.activities.repeating import after_many_deaths

LIMIT = timedelta(minutes=30)
BACK = {"onVerifyFailed": "rollBack", "verifyDeadline": "PT30M"}
SILENT = Refused("web1 failed its checks: service nginx", id="verification-failed", title="The checks failed").facts


def failed_over(ferry: MigrationHarness, **cutover: Any) -> datetime:
    """Two machines of one application, the first failed over just now; gives now."""
    document = plan_of("web1", "db1")
    document["waves"][0]["cutover"] |= cutover
    for machine in document["waves"][0]["machines"]:
        machine["application"] = "shop"
    ferry.take_in(document)
    ferry.enlist()
    ferry.comes_to("web1", "verify")
    now = ferry.cloud.now()
    ferry.stands("web1", marks={Mark.FAILED_OVER: now})
    return now


def judged(ferry: MigrationHarness, tries: int = 1) -> VerificationOutlook:
    failed = ferry.place("web1", "verify", kind=FailedVerification, problem=SILENT, tries=tries)
    return judge_verification(failed)


def texts(ferry: MigrationHarness, what: str) -> list[str]:
    return [each.text for each in events.page(ferry.migration, machine="web1")[0] if each.what == what]


def test_without_a_word_in_the_plan_a_person_decides(ferry: MigrationHarness) -> None:
    failed_over(ferry)
    ferry.cloud.later(86_400)
    assert judged(ferry) == VerificationOutlook()


def test_until_the_deadline_it_is_tried_again_and_says_what_then(ferry: MigrationHarness) -> None:
    back = failed_over(ferry, **BACK) + LIMIT
    ferry.cloud.later(600)
    seen = judged(ferry)
    assert (seen.again_in > 0, seen.goes_back) == (True, False)
    row = ferry.row("web1")
    assert f"tried again until {back:%H:%M} UTC, then it is rolled back to its source: web1 failed" in row.waiting_for
    assert row.release.startswith("azferry rollback acme.1 --machine web1")
    judged(ferry, tries=2)
    (text,) = texts(ferry, "not-verified-yet")
    assert "service nginx" in text


def test_no_look_comes_later_than_the_deadline(ferry: MigrationHarness) -> None:
    failed_over(ferry, **BACK)
    ferry.cloud.later(LIMIT.total_seconds() - 5)
    assert judged(ferry).again_in <= 6


def test_at_the_deadline_it_goes_back_and_names_who_stays(ferry: MigrationHarness, dying: Callable[..., Dying]) -> None:
    failed_over(ferry, **BACK)
    ferry.cloud.later(LIMIT.total_seconds())
    seen = after_many_deaths(dying, lambda: judged(ferry, tries=3))
    assert seen.goes_back
    assert "was not verified by" in seen.text
    (text,) = texts(ferry, "not-verified-in-time")
    assert "the others of application shop stay where they are: db1 (NotReady)" in text


def test_who_leaves_the_checks_out_before_is_heard_first(ferry: MigrationHarness) -> None:
    failed_over(ferry, **BACK)
    ferry.cloud.later(LIMIT.total_seconds() + 60)
    operator_intents.request_skip(Skip(migration=ferry.migration, machine="web1", phase="verify", by="ann"))
    assert judged(ferry) == VerificationOutlook(again_in=1)


def test_patience_ends_with_the_deadline_and_copies_have_none(ferry: MigrationHarness) -> None:
    now = failed_over(ferry, **BACK)
    machine = machine_context(ferry.place("web1", "verify"))
    assert goes_back_at(machine) == now + LIMIT
    assert goes_back_at(machine, test=True) is None
    assert time_left(machine, now + timedelta(minutes=20), timedelta(hours=1)) == timedelta(minutes=10)
    assert time_left(machine, now, timedelta(hours=1), test=True) == timedelta(hours=1)
    assert with_deadline("x", machine, test=True) == "x"
    assert with_deadline("x", machine).endswith("it is rolled back to its source")
