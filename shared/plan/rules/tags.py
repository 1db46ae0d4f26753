"""Tags as Azure takes them: their names' characters, letter case and reserved beginnings, and how many one resource may have."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from shared.plan.error_messages import quoted
from shared.plan.model import Plan
from shared.plan.pointers import pointer
from shared.plan.road_sections import sections, seen_from
from shared.problems import Fault

FORBIDDEN: Final = "<>%&\\?/"  # in names (documented)
RESERVED: Final = ("microsoft", "azure", "windows")  # beginnings of names, whatever their letters (documented)
MOST_TAGS: Final = 50  # of one resource (documented)
KINDS: Final = ("tags", "disk_tags", "nic_tags")
WIRE: Final = {"tags": "tags", "disk_tags": "diskTags", "nic_tags": "nicTags"}


def tags_fit_azure(plan: Plan, _now: datetime | None) -> Iterator[Fault]:
    """Azure takes every name, and all tags of a machine, of its disks and of its cards together are not too many."""
    for section in sections(plan):
        for kind in KINDS:
            tags: Mapping[str, str] = getattr(section.plan.target, kind)
            yield from (
                (Fault(pointer=section.pointer("target", WIRE[kind], name), message=why))
                for name, why in wrong_names(tags)
            )
    for i, wave in enumerate(plan.waves):
        target = seen_from(plan, wave).target
        for j, machine in enumerate(wave.machines):
            at = ("waves", i, "machines", j, "target")
            for kind in KINDS:
                own: Mapping[str, str] = getattr(machine.target, kind)
                yield from (
                    Fault(pointer=pointer((*at, WIRE[kind], name)), message=why) for name, why in wrong_names(own)
                )
                of_all: list[Mapping[str, str]] = [target.tags, machine.target.tags]
                if kind != "tags":
                    of_all += [getattr(target, kind), own]
                yield from _too_many((*at, WIRE[kind]), of_all)


def together(*layers: Mapping[str, str]) -> dict[str, str]:
    """Give all tags of one resource; of names that are one to Azure the later takes the place of the earlier."""
    found: dict[str, tuple[str, str]] = {}
    for tags in layers:
        found |= {name.lower(): (name, value) for name, value in tags.items()}
    return dict(found.values())


def wrong_names(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the names that Azure does not take, each with the reason."""
    first: dict[str, str] = {}
    for name in tags:
        known = first.setdefault(name.lower(), name)
        if known != name:
            yield name, f"is {quoted(known)} to Azure, which takes names of tags without regard to case"
        if found := sorted(set(name) & set(FORBIDDEN)):
            yield name, f"has {' '.join(found)} in its name, which Azure does not take in names of tags"
        if name.lower().startswith(RESERVED):
            yield name, f"begins with a word that Azure keeps for itself ({', '.join(RESERVED)})"
        if name != name.strip():
            yield name, "begins or ends with a blank"


def _too_many(at: tuple[str | int, ...], written: Iterable[Mapping[str, str]]) -> Iterator[Fault]:
    names = {name.lower() for tags in written for name in tags}
    if len(names) > MOST_TAGS:
        message = f"makes {len(names)} tags together with those of the plan; Azure takes {MOST_TAGS} on one resource"
        yield Fault(pointer=pointer(at), message=message)
