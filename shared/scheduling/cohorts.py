"""Cohorts: approved machines that go through cutover together, cut so that the boot order of each application holds.

Within a cohort its recovery plan, or the walk boot group by boot group, keeps the order. Cohorts run side by side, so an
application is cut only where it is larger than a cohort may be; then its boot groups are, and the later parts wait until
the earlier ones serve. Machines that name no application are one application of their wave.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from shared.contracts.rounds import Member

LARGEST = 100  # machines; documented limit of a recovery plan


class CohortPart(NamedTuple):
    """Machines that go together, and the names of those that must serve before."""

    machines: tuple[Member, ...]
    after: tuple[str, ...] = ()


def split(members: Sequence[Member], applications: Mapping[str, str], size: int) -> tuple[CohortPart, ...]:
    """Cut machines (each with its application) into parts of at most `size`."""
    ordered = sorted(members, key=lambda member: (applications.get(member.name, ""), member.boot_group, member.name))
    if len(ordered) <= size:
        return (CohortPart(tuple(ordered)),) if ordered else ()
    cut: list[CohortPart] = []
    shared: list[list[Member]] = []
    for _, machines in groupby(ordered, key=lambda member: applications.get(member.name, "")):
        batch = list(machines)
        if len(batch) > size:
            cut += _in_stages(batch, size)
        else:
            _put(shared, batch, size)
    return (*cut, *(CohortPart(tuple(machines)) for machines in shared))


def _put(shared: list[list[Member]], own: list[Member], size: int) -> None:
    """Put an application into the first part that has room for all of it."""
    room = next((part for part in shared if len(part) + len(own) <= size), None)
    if room is None:
        shared.append(own)
    else:
        room += own


def _in_stages(own: Sequence[Member], size: int) -> Iterator[CohortPart]:
    """Cut an application between its boot groups; each stage waits for the one before it."""
    before: tuple[str, ...] = ()
    for stage in _stages(own, size):
        for start in range(0, len(stage), size):
            yield CohortPart(tuple(stage[start : start + size]), before)
        before = tuple(each.name for each in stage)


def _stages(own: Sequence[Member], size: int) -> Iterator[list[Member]]:
    """Put boot groups together as long as they fit; a group that fits nowhere is a stage of its own."""
    stage: list[Member] = []
    for _, machines in groupby(own, key=lambda member: member.boot_group):
        group = list(machines)
        if stage and len(stage) + len(group) > size:
            yield stage
            stage = []
        stage += group
    if stage:
        yield stage
