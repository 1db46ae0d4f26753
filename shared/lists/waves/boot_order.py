"""Boot groups by what machines do: directories and databases first, then applications, then the web; as the plan says where it does."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from shared.lists.waves.units import PlacedMachine, WaveUnit

TIER: Final = ("tier", "servertier", "role")
APPLICATION: Final = "application"
ROLES: Final = {  # in the order of starting
    "directory": "dc ad dns ldap directory",
    "database": "db database data sql mysql postgres postgresql pg oracle ora mongo mongodb mariadb redis mssqlserver",
    APPLICATION: "app application srv api mq middleware tomcat",
    "web": "web www frontend fe iis nginx apache proxy presentation",
}
ENDINGS: Final = {"sql": "database", "db": "database", "app": APPLICATION, "web": "web"}
PORTS: Final = {
    1433: "database",
    1521: "database",
    3306: "database",
    5432: "database",
    389: "directory",
    53: "directory",
}


class BootPlace(NamedTuple):
    """A boot group, and why it is that."""

    group: int
    reason: str


def boot_places(unit: WaveUnit) -> tuple[BootPlace, ...]:
    """Return the boot group of each machine of a unit; where the plan says one, all stay as they are."""
    machines = unit.machines
    if unit.fixed or any(each.machine.boot_group > 1 for each in machines):
        return tuple(BootPlace(each.machine.boot_group, "boot group as the plan says") for each in machines)
    found = [next(_roles(each), ("", "")) for each in machines]
    used = _used([role for role, _ in found])
    if len(used) < 2:
        return tuple(BootPlace(1, "nothing tells that it starts after another") for _ in machines)
    return tuple(
        BootPlace(used.index(role or APPLICATION) + 1, f"{role or APPLICATION} ({why or 'nothing tells what it does'})")
        for role, why in found
    )


def _used(roles: Sequence[str]) -> list[str]:
    """Return the roles that there are, in the order of starting; who has none known goes with applications."""
    if not any(roles):
        return []
    return [role for role in ROLES if role in {each or APPLICATION for each in roles}]


def _roles(each: PlacedMachine) -> Iterator[tuple[str, str]]:
    """Yield what a machine does with what tells so: its tag, its checks, its name."""
    if tier := each.tagged(TIER):
        yield from _named(tier, f"tag {tier}")
    for probe in each.machine.verify:
        if probe.service:
            yield from _named(probe.service, f"service {probe.service}")
        elif probe.tcp in PORTS:
            yield PORTS[probe.tcp], f"port {probe.tcp}"
    yield from _named(each.name, "its name")
    for word in re.findall("[a-z]+", each.name.casefold()):
        for ending, role in ENDINGS.items():
            if word.endswith(ending):
                yield role, "its name"


def _named(text: str, why: str) -> Iterator[tuple[str, str]]:
    for word in re.findall("[a-z]+", text.casefold()):
        for role, words in ROLES.items():
            if word in words.split():
                yield role, why
