"""Cohorts are cut so that the boot order of each application holds."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.rounds import Member
from shared.scheduling.cohorts import CohortPart, split


def machines(application: str, *groups: int) -> dict[Member, str]:
    """Machines of an application, one per given boot group."""
    return {Member(name=f"{application}{n}", boot_group=group): application for n, group in enumerate(groups)}


def cut(fleet: dict[Member, str], size: int) -> tuple[CohortPart, ...]:
    return split(tuple(fleet), {name.name: application for name, application in fleet.items()}, size)


def test_what_fits_goes_together_databases_first() -> None:
    (only,) = cut(machines("shop", 2, 1), 100)
    assert [each.boot_group for each in only.machines] == [1, 2]
    assert cut({}, 100) == ()


def test_no_application_is_cut_that_fits_into_a_cohort() -> None:
    fleet = machines("a", *[1] * 60) | machines("b", *[1] * 60) | machines("c", *[2] * 40)
    parts = cut(fleet, 100)
    assert [Counter(each.name[0] for each in part.machines) for part in parts] == [{"a": 60, "c": 40}, {"b": 60}]
    assert all(part.after == () for part in parts), "they run side by side"


def test_a_larger_application_is_cut_between_its_boot_groups_and_the_later_ones_wait() -> None:
    parts = cut(machines("a", *[1] * 3, *[2] * 8, *[3] * 25, *[4] * 2), 10)
    assert [sorted({each.boot_group for each in part.machines}) for part in parts] == [[1], [2], [3], [3], [3], [4]]
    assert [len(part.after) for part in parts] == [0, 3, 8, 8, 8, 25]


def test_boot_groups_that_just_fit_go_together() -> None:
    parts = cut(machines("a", *[1] * 4, *[2] * 6, *[3] * 5), 10)
    assert [sorted({each.boot_group for each in part.machines}) for part in parts] == [[1, 2], [3]]


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(1, 7), max_size=40)), st.integers(1, 20))
def test_every_machine_goes_once_and_none_beside_one_that_it_has_to_wait_for(
    applications: dict[str, list[int]], size: int
) -> None:
    fleet = {each: name for name, groups in applications.items() for each in machines(name, *groups)}
    of, group = {member.name: name for member, name in fleet.items()}, {each.name: each.boot_group for each in fleet}
    parts = cut(fleet, size)
    assert Counter(each.name for part in parts for each in part.machines) == Counter(group.keys())
    assert all(1 <= len(part.machines) <= size for part in parts)
    serving: dict[int, set[str]] = {}  # by part: all that serve for certain when it begins
    first = {part.machines: number for number, part in enumerate(parts)}
    for number, part in enumerate(parts):
        waited = [other for other in parts[:number] if {each.name for each in other.machines} & set(part.after)]
        serving[number] = set(part.after).union(*(serving[first[other.machines]] for other in waited))
        here = {each.name for each in part.machines}
        for name in here:
            needed = {each for each in group if of[each] == of[name] and group[each] < group[name]}
            assert needed <= serving[number] | here
