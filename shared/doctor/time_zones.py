"""Whether time zones can be used: the table is there, and a summer time comes out right."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from shared.doctor import kinds
from shared.doctor.finding import HealthFinding
from shared.scheduling import zones

SUMMER: Final = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - the zone is what is looked at
KNOWN: Final = ("Europe/Berlin", timedelta(hours=2))


def look(install: str) -> Iterator[HealthFinding]:
    """Read one zone whose offset is known."""
    try:
        listed, package = len(zones.names()), version(zones.PACKAGE)
        offset = SUMMER.replace(tzinfo=zones.zone(KNOWN[0])).utcoffset()
    except (OSError, KeyError, ValueError, ImportError, PackageNotFoundError) as lacking:
        yield kinds.NO_ZONES.seen(f"tzdata cannot be read: {lacking}", install=install)
        return
    if offset != KNOWN[1]:
        yield kinds.NO_ZONES.seen(f"tzdata {package} puts summer in Berlin {offset} from UTC", install=install)
        return
    yield kinds.ZONES.seen(f"tzdata {package}, {listed} zones")
