"""Four hundred machines, each of which meets one fault of its own at a random step: all come to the same end.

`AZFERRY_SINGLE_FAULT_FLEETS` = how many fleets of fifty (usually eight), for a shorter run.
"""

import os
import random
from collections import Counter

import pytest

from shared.ids import protected_item_name
from tests.e2e.stack_harness import MACHINES, field_in, plan, states, wave, world

FLEETS, SIZE = int(os.environ.get("AZFERRY_SINGLE_FAULT_FLEETS", "8")), 50
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
ITEM = "*/replicationProtectedItems"
STEPS = (  # an operation on one machine, and how many of it may pass before the fault strikes
    (f"{ITEM}/write", 0),
    (f"{ITEM}/read", 3),
    (f"{ITEM}/testFailover/action", 0),
    (f"{ITEM}/testFailoverCleanup/action", 0),
    (f"{ITEM}/unplannedFailover/action", 0),
    (f"{ITEM}/recoveryPoints/read", 1),
    (f"{ITEM}/remove/action", 0),
)
KINDS = (
    {"kind": "throttle", "retryAfter": 30},
    {"kind": "server-error", "status": 500},
    {"kind": "server-error", "status": 503},
    {"kind": "drop-before"},
    {"kind": "drop-after"},
)
ONCE = (f"{ITEM}/write", f"{ITEM}/testFailover/action", f"{ITEM}/unplannedFailover/action", f"{ITEM}/remove/action")


def order(field, item, chance):
    """Order one fault for a machine; gives its id."""
    operation, passing = chance.choice(STEPS)
    # a name that ends with another's is none of these: each begins with the migration's
    return field.fault(**chance.choice(KINDS), operation=operation, match=f"*/{item}*", skip=chance.randint(0, passing))


@pytest.mark.parametrize("fleet", range(FLEETS))
def test_each_machine_meets_a_fault_of_its_own_and_all_come_to_the_same_end(tmp_path, fleet):
    names, chance = MACHINES[9 : 9 + SIZE], random.Random(fleet)  # m10 to m59: no name begins with another
    wanted = plan("single", wave("one", *names, cutover={"mode": "machine"}))
    items = {name: protected_item_name("single.1", name) for name in names}
    with field_in(tmp_path, world(9 + SIZE)) as field:
        ordered = [order(field, item, chance) for item in items.values()]
        picture = field.play(field.start(wanted))
        hits = field.hits()
        done = {name: field.done(item) for name, item in items.items()}
    struck = sum(hits[each] > 0 for each in ordered)
    ended = Counter(states(picture).values())
    print(f"fleet {fleet}: {len(ordered)} single faults, {struck} struck: {dict(ended)}")  # noqa: T201
    assert {} == {machine.name: machine.problem.detail for machine in picture.machines if machine.problem}
    assert dict.fromkeys(names, "Finalized") == states(picture)
    assert struck > SIZE * 0.8
    twice = {name: what for name, what in done.items() if any(taken(what, each) > 1 for each in ONCE)}
    assert twice == {}


def taken(done, operation):
    """How often an operation did something, by the end of its name."""
    return sum(count for name, count in done.items() if name.endswith(operation.removeprefix("*")))
