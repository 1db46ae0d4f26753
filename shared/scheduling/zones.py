"""Time zones as the `tzdata` package has them.

`zoneinfo` reads the machine's own files first, and those of an image may be years old: a window in a place whose rules
changed since would open an hour early or late. The package is pinned and updated with the app, so its data win everywhere:
in Azure, on the command line and on the local stack.
"""

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PACKAGE = "tzdata"


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return the name of every zone; links of one machine such as `localtime` and `posixrules` are none."""
    listed = files(PACKAGE).joinpath("zones").read_text("utf-8").split()
    return frozenset(name for name in listed if name not in ("localtime", "posixrules", "Factory"))


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """Return the zone of that name. Raise ZoneInfoNotFoundError (a KeyError) when there is none."""
    if name not in names():
        raise ZoneInfoNotFoundError(f"there is no time zone {name}")
    with files(PACKAGE).joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)
