"""Listing the machines of a migration again and again."""

from contextlib import closing
from datetime import timedelta

import pytest

from cli.client import Api
from cli.machine_listing import MachineListing
from shared.ledger.serving import Outage, Service, Serving
from tests.cli.answering import AT, in_the_middle


@pytest.fixture
def listing(url, prepared):
    in_the_middle(prepared)
    with closing(Api(url)) as api:
        yield MachineListing(api, "finance.1")


def percents(machines):
    return {each.name: each.percent for each in machines}


def test_a_later_look_asks_only_for_the_machines_that_changed_and_knows_the_others(listing, prepared):
    first = percents(listing.look())
    changed = prepared.machines[1] = prepared.machines[1].replace(percent=77.0)
    prepared.requests.clear()
    again = listing.look()

    assert percents(again) == first | {changed.name: 77.0}
    assert list(percents(again)) == list(first)
    assert ["0"] == [query["since"] for *_, query in prepared.requests]  # one page: there is one machine on it
    assert listing.rows[1]["percent"] == 77.0


def test_an_outage_goes_on_in_a_row_that_did_not_change(listing, prepared):
    down = Service(at=Serving.NOWHERE, since=AT, outages=(Outage(began=AT - timedelta(minutes=1)),))
    prepared.machines[0] = prepared.machines[0].replace(service=down)
    listing.look()
    prepared.now += timedelta(hours=2)
    seen = {each.name: each for each in listing.look()}[prepared.machines[0].name]

    assert (seen.outage_seconds, seen.downtime_seconds) == (7260, 7260)
    assert [7260] == [row["outageSeconds"] for row in listing.rows if row["name"] == seen.name]


def test_a_look_that_failed_half_way_is_made_good_by_the_next(listing, prepared, monkeypatch):
    pages = Api.pages

    def only_the_first(self, path, query):
        yield next(pages(self, path, query))
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Api, "pages", only_the_first)
        with pytest.raises(ConnectionError):
            listing.look()

    assert [each.name for each in prepared.machines] == [each.name for each in listing.look()]
