"""Whether time zones can be used."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from shared.doctor import time_zones
from shared.scheduling import zones


def test_the_table_of_zones_is_read():
    (found,) = time_zones.look("pip install tzdata")

    assert "zones" == found.id
    assert "zones" in found.seen


def test_a_table_that_is_missing_is_told_with_what_installs_it(monkeypatch):
    monkeypatch.setattr(zones, "PACKAGE", "tzdata_that_is_not_there")
    zones.names.cache_clear()
    zones.zone.cache_clear()
    try:
        (found,) = time_zones.look("pip install tzdata")
    finally:
        zones.names.cache_clear()
    assert ("zones-not-usable", "pip install tzdata") == (found.id, found.remedy)


def test_a_table_that_knows_no_summer_is_told(monkeypatch):
    monkeypatch.setattr(time_zones.zones, "zone", lambda _name: ZoneInfo("Etc/GMT-1"))

    (found,) = time_zones.look("pip install tzdata")

    assert "zones-not-usable" == found.id
    assert str(timedelta(hours=1)) in found.seen
