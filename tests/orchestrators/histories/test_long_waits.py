"""A week's wait for a person who does something by hand stays a small history, and so stays cheap to read again."""

import pytest

from tests.orchestrators.histories.long_wait import MOST_ROWS, MOST_STEPS, WEEK, recorded, steps, waiting_for


@pytest.mark.parametrize("patience", [10, 60])
def test_a_week_of_waiting_for_a_person_is_at_most_a_thousand_rows(patience):
    week = waiting_for(recorded("stop_source"), WEEK, lambda _waited: {"reply": {"patience": patience}})
    assert len(week.events) <= MOST_ROWS
    assert steps(week) <= MOST_STEPS
