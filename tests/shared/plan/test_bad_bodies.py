"""Fifteen hundred bad bodies, and the worst that are known: each is answered in words, and none costs the worker much.

Figures in the soak's output: ten seconds of computing are the most on an idle machine.
"""

import json
import multiprocessing
import random
import resource
import time

import pytest

from shared.plan.reader import read_plan
from shared.plan.schema import EXAMPLE
from shared.problems import Problem

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3600)]
COUNT = 1_500
LARGEST = 16 * 1024 * 1024
MOST_MEMORY = 400  # MB above what the reader takes with nothing to read
JUNK = [{}, [], "", None, -1, 1e308, "x" * 5_000, {"a": 1}, [[]], True, "é" * 300, {"name": "A"}]


def bad_body(seed):
    """A plan in which something is wrong: cut off, blown up, or with junk in a random place."""
    chance = random.Random(seed)
    plan = json.loads(json.dumps(EXAMPLE))
    kind = seed % 5
    if kind == 0:
        text = json.dumps(plan)
        return text[: chance.randrange(len(text))]
    if kind == 1:
        size = 10 ** chance.randrange(1, 7)
        plan["waves"] = _many(chance.choice(JUNK), size)
    elif kind == 2:
        wave = plan["waves"][0]
        wave["machines"] = _many(chance.choice(JUNK), 10 ** chance.randrange(1, 7))
    elif kind == 3:
        plan |= {f"{chance.random()}": chance.choice(JUNK) for _ in range(10 ** chance.randrange(1, 6))}
    else:
        _spoil(plan, chance)
    return json.dumps(plan)[:LARGEST]


def _many(junk, count):
    """So many of one thing, as far as the largest body holds them: the test may not cost more than what it measures."""
    return [junk] * min(count, LARGEST // (len(json.dumps(junk)) + 2))


def _spoil(value, chance):
    """Put junk into a random place of a plan."""
    while isinstance(value, dict | list) and value:
        at = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        if chance.random() < 0.4 or not isinstance(value[at], dict | list):
            value[at] = chance.choice(JUNK)
            return
        value = value[at]


WINDOW = {"start": "2027-01-01T22:00", "length": "PT4H", "every": "weekly", "timeZone": "Europe/Berlin"}
FIRST = EXAMPLE["waves"][0]
WIDE = {f"unknown{number}": number for number in range(900)}
WORST = {
    "500 waves of 900 unknown fields": {"waves": [WIDE] * 500},
    "500 waves of 98 unknown fields": {"waves": [dict(list(WIDE.items())[:98])] * 500},
    "780 unknown fields in each of 500 cutovers": {"waves": [{"cutover": dict(list(WIDE.items())[:780])}] * 500},
    "70,000 windows": {"waves": [FIRST | {"cutover": {"windows": [WINDOW] * 70_000}}]},
    "20 windows in each of 400 waves": {
        "waves": [
            FIRST
            | {
                "name": f"w{at}",
                "cutover": {"windows": [WINDOW | {"start": f"2027-01-{day:02}T22:00"} for day in range(1, 21)]},
            }
            for at in range(400)
        ]
    },
}
MOST_SECONDS = 30  # of computing; a busy machine counts up to three times what an idle one does


def read_worst(name):
    """Read it in a process of its own; gives seconds of computing, MB, and what was said."""
    read_plan(json.dumps(EXAMPLE).encode(), "application/json")
    body = json.dumps(EXAMPLE | WORST[name]).encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        outcome = read_plan(body, "application/json").name
    except Problem as problem:
        outcome = str(problem)
    return time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, outcome


@pytest.mark.parametrize("name", WORST)
def test_the_worst_bodies_are_refused_cheaply(name):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, memory, outcome = pool.apply(read_worst, (name,))
    print(f"{name}: {seconds:.1f} s of computing, {memory} MB: {outcome}")  # noqa: T201
    assert "nothing was created" in outcome or "more than 400,000 values" in outcome
    assert memory < MOST_MEMORY
    assert seconds < MOST_SECONDS


def read_all(seeds):
    """Read them in a process of its own; gives the slowest, in seconds of computing, and what memory it came to, in MB."""
    read_plan(json.dumps(EXAMPLE).encode(), "application/json")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest, refused = 0.0, 0
    for seed in seeds:
        body = bad_body(seed).encode()
        began = time.process_time()
        try:
            read_plan(body, "application/json")
        except Problem:
            refused += 1
        slowest = max(slowest, time.process_time() - began)
    return slowest, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, refused


def test_no_bad_body_costs_much():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        slowest, memory, refused = pool.apply(read_all, (range(COUNT),))
    print(f"{COUNT} bad bodies: {refused} refused, slowest {slowest:.1f} s of computing, {memory} MB")  # noqa: T201
    assert refused > COUNT * 0.8
    assert memory < MOST_MEMORY
