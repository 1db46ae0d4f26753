"""Places within one opening of a window: as many as it has, whoever races, and each machine one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shared.scheduling.window_capacity import AT_ONCE, give_back, opening_of, take

pytestmark = pytest.mark.usefixtures("store")
NAMES = tuple(f"m{number}" for number in range(AT_ONCE + 20))


def test_places_are_taken_in_order_until_none_is_left():
    assert {"m0", "m1"} == take("o", 2, NAMES[:3])
    assert set() == take("o", 2, ["m2"])
    assert {"m1"} == take("o", 2, ["m2", "m1"]), "who has one keeps it"
    assert {"m2"} == take("other", 2, ["m2"]), "another opening has places of its own"


def test_more_machines_than_a_transaction_takes():
    assert set(NAMES[:-5]) == take("o", len(NAMES) - 5, NAMES)
    assert set(NAMES[:-5]) == take("o", len(NAMES) - 5, NAMES)


def test_many_at_once_never_take_more_than_there_are(together):
    taken = together(lambda name: take("o", 5, [name]), list(NAMES[:16]))

    assert 5 == sum(len(names) for names in taken)


def test_a_place_that_is_given_back_goes_to_another_however_often_it_is_given():
    take("o", 2, NAMES[:2])
    give_back("o", ["m0", "m7"])
    give_back("o", ["m0", "m7"])
    assert {"m1", "m2"} == take("o", 2, ["m1", "m2", "m3"])
    assert set() == take("o", 2, ["m0"]), "it is taken now"
    give_back("never-opened", ["m0"])


def test_each_opening_of_each_window_has_a_name_of_its_own():
    night = datetime(2026, 11, 28, 22, tzinfo=UTC)
    same = night.astimezone(timezone(timedelta(hours=1)))
    names = [
        opening_of("m.1", "w", night),
        opening_of("m.1", "application.w", night),
        opening_of("m.1", "w", night + timedelta(7)),
    ]

    assert 3 == len(set(names))
    assert names[0] == opening_of("m.1", "w", same)
