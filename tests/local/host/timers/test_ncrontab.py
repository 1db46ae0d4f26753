from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.timers.ncrontab import FIELDS, BadExpressionError, Field, Ncrontab, parse

NOW = datetime(2026, 11, 21, 5, 0, 0, tzinfo=UTC)  # a Saturday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 */5 * * * *", "2026-11-21 05:05:00"),
        ("30 */5 * * * *", "2026-11-21 05:00:30"),
        ("0 0 * * * *", "2026-11-21 06:00:00"),
        ("0 0 */2 * * *", "2026-11-21 06:00:00"),
        ("0 0 9-17 * * *", "2026-11-21 09:00:00"),
        ("0 30 9 * * *", "2026-11-21 09:30:00"),
        ("0 30 9 * * 1-5", "2026-11-23 09:30:00"),
        ("0 30 9 * * MON-FRI", "2026-11-23 09:30:00"),
        ("0 30 9 * Jan Mon", "2027-01-04 09:30:00"),
        ("0 0 0 29 2 *", "2028-02-29 00:00:00"),
        ("5,8,10 * * * * *", "2026-11-21 05:00:05"),
        ("0 5/1 * * * *", "2026-11-21 05:05:00"),
        ("0 */0 * * * *", "2026-11-21 05:01:00"),
        ("0 5/0 6 * * *", "2026-11-21 06:05:00"),
        ("0 40-50/100 * * * *", "2026-11-21 05:40:00"),
        ("0 5/15 * * * *", "2026-11-21 05:05:00"),
        ("0 50-40/5 * * * *", "2026-11-21 05:40:00"),
        ("0 0 0 13 * Friday", "2027-08-13 00:00:00"),
        ("*/10 * * * *", "2026-11-21 05:10:00"),
        ("0 0 0 1 J *", "2027-01-01 00:00:00"),
        ("0 0 0 1 ma *", "2027-03-01 00:00:00"),
        ("0 0 0 * * T", "2026-11-24 00:00:00"),
        ("0 0 0 * * FRI-MON", "2026-11-23 00:00:00"),
        ("0 0 0 */7 * *", "2026-11-22 00:00:00"),
        ("0 0 22-2 * * *", "2026-11-21 06:00:00"),
        ("0 *,5 * * * *", "2026-11-21 05:01:00"),
        ("59 59 23 31 12 *", "2026-12-31 23:59:59"),
    ],
)
def test_the_next_occurrence_is_found(expression: str, expected: str) -> None:
    assert parse(expression).after(NOW) == at(expected)


@pytest.mark.parametrize(
    ("expression", "wrong"),
    [
        ("", "fields"),
        ("* * * *", "fields"),
        ("* * * * * * *", "fields"),
        ("60 * * * * *", "second"),
        ("* 60 * * * *", "minute"),
        ("* * 24 * * *", "hour"),
        ("* * * 0 * *", "day"),
        ("* * * * 13 *", "month"),
        ("* * * * * 7", "day of week"),
        ("* * * * Foo *", "month"),
        ("*/x * * * * *", "second"),
        ("*/99999999999 * * * * *", "second"),
        ("0\t5\t* * * *", "fields"),
        ("0 5 * * * *\t", "day of week"),
        ("1, * * * * *", "second"),
        ("1,,2 * * * * *", "second"),
        ("0 0 0 * * MONDAYS", "day of week"),
        ("0 0 0 L * *", "day"),
        ("0 0 0 ? * *", "day"),
        ("0 0 0 1W * *", "day"),
        ("0 0 0 * * 5#1", "day of week"),
        ("@daily", "fields"),
        ("-1 * * * * *", "second"),
        ("٣ * * * * *", "second"),
    ],
)
def test_a_malformed_expression_names_its_field(expression: str, wrong: str) -> None:
    with pytest.raises(BadExpressionError, match=wrong):
        parse(expression)


def test_a_date_that_never_comes_has_no_occurrence() -> None:
    assert parse("0 0 0 30 2 *").after(NOW) is None


def test_an_occurrence_is_later_than_the_moment_even_within_its_second() -> None:
    assert parse("* * * * * *").after(NOW + timedelta(microseconds=1)) == NOW + timedelta(seconds=1)


def _field(field: Field) -> st.SearchStrategy[str]:
    value = st.integers(field.least, field.most)
    pair = st.tuples(value, value).map(lambda two: f"{two[0]}-{two[1]}")
    step = st.tuples(st.one_of(st.just("*"), pair, value.map(str)), st.integers(1, 20)).map(
        lambda two: f"{two[0]}/{two[1]}"
    )
    item = st.one_of(value.map(str), pair, step)
    return st.one_of(st.just("*"), st.lists(item, min_size=1, max_size=3).map(",".join))


EXPRESSIONS = st.tuples(*(_field(field) for field in FIELDS)).map(" ".join)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


def test_a_value_with_a_step_of_one_means_from_there_on() -> None:
    assert parse("0 5/1 * * * *").minutes == tuple(range(5, 60))


@given(EXPRESSIONS, MOMENTS)
def test_an_occurrence_fits_every_field_and_is_later(expression: str, moment: datetime) -> None:
    cron = parse(expression)
    found = cron.after(moment)

    if found is not None:
        assert found > moment
        assert found.second in cron.seconds
        assert found.minute in cron.minutes
        assert found.hour in cron.hours
        assert found.day in cron.days
        assert found.month in cron.months
        assert found.isoweekday() % 7 in cron.weekdays


@given(EXPRESSIONS, MOMENTS)
def test_no_occurrence_lies_between(expression: str, moment: datetime) -> None:
    cron = parse(expression)
    found = cron.after(moment)
    start = moment.replace(microsecond=0)
    # A window of half an hour is looked through second by second.
    window = (start + timedelta(seconds=second) for second in range(1, 1800))

    earlier = [each for each in window if (found is None or each < found) and _fits(cron, each)]

    assert earlier == []


@given(EXPRESSIONS, MOMENTS)
def test_occurrences_do_not_depend_on_where_one_starts_looking(expression: str, moment: datetime) -> None:
    cron = parse(expression)
    found = cron.after(moment)

    if found is not None:
        halfway = moment + (found - moment) / 2
        assert cron.after(halfway) == found


def _fits(cron: Ncrontab, moment: datetime) -> bool:
    return (
        moment.second in cron.seconds
        and moment.minute in cron.minutes
        and moment.hour in cron.hours
        and moment.day in cron.days
        and moment.month in cron.months
        and moment.isoweekday() % 7 in cron.weekdays
    )
