"""Looks by many at one moment share a listing that begins behind all of them; who looks alone reads the item itself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from shared.problems import Busy
from shared.settings import settings
from shared.site_recovery import shared_looks
from shared.site_recovery.items import Item, ItemRef, list_items
from tests.clouds import VAULT, Cloud

MANY = 8
LISTING = "*/vaults/*/replicationProtectedItems"


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have whoever comes second, however much later, make a crowd."""
    monkeypatch.setattr(shared_looks, "_CROWDS", {})
    monkeypatch.setattr(shared_looks, "CROWDED", 3600.0)
    monkeypatch.setenv("AZFERRY_GATHERING", "0.3")
    settings.cache_clear()


def together(ready: Cloud, *names: str) -> list[Item | None]:
    shared_looks.look_at(VAULT, ready.ref("web1"))  # the first of a crowd cannot know that others will come
    ready.ask("DELETE", "log")
    barrier = Barrier(len(names))

    def look(name: str) -> Item | None:
        barrier.wait()
        return shared_looks.look_at(VAULT, ready.ref(name))

    with ThreadPoolExecutor(len(names)) as threads:
        return list(threads.map(look, names))


def reads(ready: Cloud) -> tuple[int, int]:
    """Count listings, and reads of single items."""
    rows = [row for row in ready.log() if row["method"] == "GET" and "replicationProtectedItems" in row["path"]]
    listings = sum(row["path"].endswith("/replicationProtectedItems") for row in rows)
    return listings, len(rows) - listings


def test_a_crowd_shares_one_listing_and_each_sees_its_own_item(ready: Cloud, crowd: None) -> None:
    for name, ip in (("web1", "10.0.2.15"), ("web2", "10.0.2.16")):
        ready.protect(name, ip)
    seen = together(ready, *["web1", "web2"] * (MANY // 2))

    assert [ready.ref("web1"), ready.ref("web2")] * (MANY // 2) == [each.ref for each in seen if each]
    assert reads(ready) == (1, 0)


def test_who_looks_alone_reads_the_item_itself_at_once(ready: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_looks, "CROWDED", 0.0)
    ready.protect("web1", "10.0.2.15")
    ready.ask("DELETE", "log")
    seen = shared_looks.look_at(VAULT, ready.ref("web1"))

    assert seen
    assert reads(ready) == (0, 1)


def test_a_look_is_never_answered_by_a_listing_that_began_before_it(crowd: None) -> None:
    shown: list[str] = []

    def item() -> Item:
        return Item(id=f"/item{len(shown)}", name="web1")

    def listed() -> tuple[Item, ...]:
        shown.append("listed")
        return (item(),)

    crowded = shared_looks.Crowd()
    assert set(crowded.look(listed) or {}) == set(), "one alone is answered by no listing"
    with ThreadPoolExecutor(2) as threads:
        first = list(threads.map(lambda _: set(crowded.look(listed) or {}), range(2)))
        second = list(threads.map(lambda _: set(crowded.look(listed) or {}), range(2)))
    assert (first, second) == ([{"/item1"}] * 2, [{"/item2"}] * 2)


def test_an_item_that_the_listing_has_not_is_read_before_it_is_said_to_be_gone(ready: Cloud, crowd: None) -> None:
    ready.protect("web1", "10.0.2.15")
    seen = together(ready, *["web1"] * (MANY - 1), "nobody")

    assert [seen[-1], *{each is None for each in seen[:-1]}] == [None, False]
    assert reads(ready) == (1, 1)


def test_what_the_listing_meets_meets_everybody(crowd: None) -> None:
    def busy() -> tuple[Item, ...]:
        raise Busy("later")

    crowded = shared_looks.Crowd()
    crowded.look(lambda: ())
    with ThreadPoolExecutor(3) as threads:
        raised = [each.exception() for each in [threads.submit(crowded.look, busy) for _ in range(3)]]
    assert {type(each) for each in raised} == {Busy}


def test_a_vault_of_many_pages_is_listed_for_a_larger_crowd_only(crowd: None) -> None:
    large = tuple(Item(id=f"/{number}", name=f"{number}") for number in range(350))
    crowded = shared_looks.Crowd()
    crowded.look(lambda: large)
    with ThreadPoolExecutor(3) as threads:
        for expected in (350, None):  # once it is known that a listing costs four calls, three read for themselves
            found = list(threads.map(lambda _: crowded.look(lambda: large), range(3)))
            assert {len(each) if each else None for each in found} == {expected}


def test_a_listing_tells_all_but_disks_and_cards(ready: Cloud) -> None:
    ready.protect("web1", "10.0.2.15")
    whole = shared_looks.get_item(VAULT, ready.ref("web1"))
    (listed,) = list_items(VAULT)

    assert whole
    shown, bare = (
        each.replace(replication=each.replication.replace(disks=(), replica_disks=(), cards=()))
        for each in (whole, listed)
    )
    assert shown == bare
    assert isinstance(listed.ref, ItemRef)
