"""Where a machine serves: outages begin once, and end where it is seen to serve again."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.ledger.serving import (
    Change,
    Outage,
    Service,
    Serving,
    assessed,
    down,
    downtime,
    in_doubt,
    never_down,
    unchanged,
    up,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON_ITS_SOURCE = Service(at=Serving.SOURCE, since=NOON)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def after(*changes: Change, first: Service = ON_ITS_SOURCE) -> Service:
    for change in changes:
        first = change(first)
    return first


def outages_of(service: Service) -> list[tuple[int, int | None, Serving | None]]:
    """Its outages: from which minute to which, and where it served afterwards."""

    def minute(moment: datetime) -> int:
        return (moment - NOON) // timedelta(minutes=1)

    return [
        (minute(each.began), minute(each.ended) if each.ended else None, each.served_by) for each in service.outages
    ]


def test_a_failover_that_is_submitted_again_does_not_begin_the_outage_anew() -> None:
    service = after(down(at(1)), down(at(5)), down(at(9)), up(Serving.TARGET, at(10)))
    assert outages_of(service) == [(1, 10, Serving.TARGET)]


def test_a_way_back_is_a_second_outage_and_ends_on_the_source() -> None:
    service = after(down(at(1)), up(Serving.TARGET, at(4)), down(at(60)), up(Serving.SOURCE, at(70)))
    assert outages_of(service) == [(1, 4, Serving.TARGET), (60, 70, Serving.SOURCE)]
    assert downtime(service.outages, at(99)) == timedelta(minutes=13)


def test_a_rollback_before_it_served_in_azure_ends_the_one_outage() -> None:
    service = after(down(at(12)), up(Serving.SOURCE, at(135)))
    assert (outages_of(service), service.at) == ([(12, 135, Serving.SOURCE)], Serving.SOURCE)


def test_an_outage_that_has_not_ended_counts_until_now() -> None:
    service = after(down(at(3)))
    assert (service.at, service.since, outages_of(service)) == (Serving.NOWHERE, at(3), [(3, None, None)])
    assert downtime(service.outages, at(123)) == timedelta(hours=2)


def test_not_knowing_neither_begins_nor_ends_an_outage() -> None:
    doubted = after(in_doubt(at(1)))
    assert (doubted.at, doubted.outages) == (Serving.UNKNOWN, ())
    assert outages_of(after(in_doubt(at(1)), down(at(2)), in_doubt(at(3)), up(Serving.TARGET, at(4)))) == [
        (2, 4, Serving.TARGET)
    ]
    assert after(in_doubt(at(1)), up(Serving.SOURCE, at(2))).outages == ()


def test_a_source_that_was_never_off_had_no_outage() -> None:
    before = (down(at(1)), up(Serving.SOURCE, at(2)))
    assert outages_of(after(*before, down(at(5)), never_down(at(6)))) == [(1, 2, Serving.SOURCE)]


@pytest.mark.parametrize(
    "change", [down(at(1)), up(Serving.TARGET, at(1)), in_doubt(at(1)), never_down(at(1)), unchanged]
)
def test_doing_it_twice_is_doing_it_once(change: Change) -> None:
    assert change(change(ON_ITS_SOURCE)) == change(ON_ITS_SOURCE).replace(since=change(change(ON_ITS_SOURCE)).since)
    assert change(change(ON_ITS_SOURCE)).outages == change(ON_ITS_SOURCE).outages


@pytest.mark.parametrize(
    ("found", "state", "where"),
    [
        (True, "running", Serving.SOURCE),
        (True, None, Serving.SOURCE),
        (True, "stopped", Serving.NOWHERE),
        (False, None, Serving.UNKNOWN),
    ],
)
def test_assessment_sees_where_it_serves_and_counts_no_outage(found: bool, state: str | None, where: Serving) -> None:
    service = assessed(at(1), found=found, state=state)(Service())
    assert (service.at, service.outages) == (where, ())


def test_a_later_assessment_leaves_what_a_cutover_did() -> None:
    taken = after(down(at(1)))
    assert assessed(at(2), found=True, state="stopped")(taken) == taken
    moved = after(down(at(1)), up(Serving.TARGET, at(2)))
    assert assessed(at(3), found=True, state="stopped")(moved) == moved


def test_an_outage_never_ends_before_it_began() -> None:
    assert after(down(at(5)), up(Serving.SOURCE, at(4))).outages == (
        Outage(began=at(5), ended=at(5), served_by=Serving.SOURCE),
    )
