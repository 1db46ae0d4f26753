"""Fifteen hundred bad bodies: each is answered in words, and none costs the worker much. Figures in the soak's output."""

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
