"""Assessments go when they are old; what is young, and what is no assessment, stays."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger import assessments
from shared.ledger.assessments import AssessmentOrder, AssessmentResult
from shared.plan.reader import to_plan
from shared.plan.schema import EXAMPLE
from shared.problems import NotFound
from shared.reconciliation.assessment_purge import purge_assessments
from shared.reporting.assessment import Assessment
from shared.settings import settings
from shared.storage import blobs

NAME = "finance-1a2b"
pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def today():
    assessments.save_order(NAME, AssessmentOrder(plan=to_plan(EXAMPLE)))
    assessments.save_result(NAME, AssessmentResult(assessment=Assessment(id=NAME)))
    blobs.write("plans/finance.1.json", b"{}")
    return datetime.now(UTC)


def test_an_assessment_is_kept_for_thirty_days_and_plans_for_ever(today):
    assert 0 == purge_assessments(today + timedelta(days=29))
    assert assessments.load_result(NAME)

    assert 2 == purge_assessments(today + timedelta(days=31))

    assert assessments.load_result(NAME) is None
    with pytest.raises(NotFound, match="there is no assessment"):
        assessments.load_order(NAME)
    assert b"{}" == blobs.read("plans/finance.1.json")


def test_it_is_looked_for_once_a_day(today):
    assert 0 == purge_assessments(today + timedelta(days=29, hours=20))
    assert 0 == purge_assessments(today + timedelta(days=30, hours=19))
    assert 2 == purge_assessments(today + timedelta(days=30, hours=21))


def test_nothing_goes_where_everything_is_kept_for_ever(today, monkeypatch):
    monkeypatch.setenv("AZFERRY_KEEP_HISTORIES", "0")
    settings.cache_clear()

    assert 0 == purge_assessments(today + timedelta(days=4_000))


def test_one_that_another_look_deleted_meanwhile_is_no_fault(today):
    name = blobs.older_than(today + timedelta(days=1), assessments.FOLDER)[0]
    blobs.delete(name)

    blobs.delete(name)
