"""A small body cannot keep the app busy for minutes: what is far too much is refused first, in plain words."""

import json

import pytest

from shared.plan.documents import MOST_FIELDS
from shared.plan.reader import read_plan
from shared.plan.schema import EXAMPLE
from shared.plan.yaml_document import MOST_VALUES
from shared.problems import Problem

WAVE = EXAMPLE["waves"][0]


def plan(**changes):
    return json.dumps(EXAMPLE | changes)


def machines(item, count):
    return plan(waves=[WAVE | {"machines": [item] * count}])


BODIES = {
    "too many waves": (lambda: plan(waves=[{}] * 150_000), "waves", "at most 500 entries, and has 150,000"),
    "too many machines": (lambda: machines({}, 100_000), "waves", "at most 20,000 machines together, and have 100,000"),
    "wide wave": (
        lambda: plan(waves=[{f"k{n}": 1 for n in range(900)}] * 300),
        "waves/0",
        "at most 100 fields, and has 900",
    ),
    "unlike machines": (lambda: machines({"a": 1, "b": 2}, 20_000), "waves/0/machines/0", ""),
    "windows": (
        lambda: plan(
            waves=[WAVE | {"cutover": {"windows": [{"start": "2027-01-01T22:00", "length": "PT4H"}] * 90_000}}]
        ),
        "waves/0/cutover/windows",
        "at most 20 entries, and has 90,000",
    ),
    "unknown fields in waves": (
        lambda: plan(waves=[{f"k{n}": 1 for n in range(100)}] * 500),
        "waves/0/",
        "more than 50,000 errors in the waves of the plan",
    ),
    "unknown fields within": (
        lambda: plan(waves=[{"cutover": {f"k{n}": 1 for n in range(790)}}] * 500),
        "waves/0/cutover/k0",
        "there is no field 'k0' here",
    ),
    "wide object": (
        lambda: plan(**{f"k{n}": 1 for n in range(150_000)}),
        "",
        f"no object of a plan has more than {MOST_FIELDS:,}",
    ),
    "values": (lambda: "[" + ",".join(["[]"] * 2_000_000) + "]", "", f"more than {MOST_VALUES:,} values"),
    "yaml": (lambda: "a:\n" + "- b\n" * 1_500_000, "", f"more than {MOST_VALUES:,} values"),
    "yaml in one line": (lambda: "waves: [" + "{}," * 1_500_000 + "]", "", f"more than {MOST_VALUES:,} values"),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_answer_says_what_is_too_much_before_the_rest_is_judged(name):
    make, place, words = BODIES[name]
    body = make()
    with pytest.raises(Problem) as raised:
        read_plan(body.encode(), "application/yaml" if name.startswith("yaml") else "application/json")

    facts = raised.value.facts
    assert words in " ".join([facts.detail, *(fault.message for fault in facts.errors[:1])])
    assert not place or facts.errors[0].pointer.startswith(f"/{place}")


def test_a_plan_of_ten_thousand_machines_is_read():
    many = [{"name": f"m{n}", "source": {"instanceId": f"i-{n:017x}"}} for n in range(10_000)]

    read = read_plan(plan(waves=[WAVE | {"machines": many}]).encode(), "application/json")

    assert 10_000 == len(read.waves[0].machines)


def test_faults_of_a_few_machines_among_many_are_all_told_with_their_place():
    many = [{"name": f"m{n}", "source": {"instanceId": f"i-{n:017x}"}} for n in range(3_000)]
    many[17]["name"], many[2_999]["colour"] = "M17", "red"

    with pytest.raises(Problem) as raised:
        read_plan(plan(waves=[WAVE | {"machines": many}]).encode(), "application/json")

    pointers = [fault.pointer for fault in raised.value.facts.errors]
    assert ["/waves/0/machines/17/name", "/waves/0/machines/2999/colour"] == pointers
