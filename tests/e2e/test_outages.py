"""The attack: storage that hangs or refuses in the middle of a cutover, and starts that race. Figures in the soak's output."""

import concurrent.futures
import json
import os
import signal
import time

import httpx
import pytest

from local.stack.actor import Actor
from local.stack.rehearsal import Rehearsal
from local.stack.stack import running
from tests.e2e.killing import happened, ledger_of
from tests.e2e.stack_harness import StackHarness, plan, states, wave, world

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]
OUTAGE = 60.0  # real seconds; in virtual time the clock stands still meanwhile
GATES = {"test": "skip", "cutover": "auto"}


@pytest.fixture(scope="module")
def field(tmp_path_factory):
    with running(tmp_path_factory.mktemp("stack"), on_disk=True) as stack:
        made = StackHarness(stack, world())
        try:
            yield made
        finally:
            made.close()


def hang(stack):
    """Storage takes connections and answers nothing."""
    os.kill(stack.part("azurite").pid, signal.SIGSTOP)
    time.sleep(OUTAGE)
    os.kill(stack.part("azurite").pid, signal.SIGCONT)


def refuse(stack):
    """Storage is gone, and comes back with what it had."""
    os.kill(stack.part("azurite").pid, signal.SIGKILL)
    time.sleep(OUTAGE)
    stack.start_again(stack.part("azurite"))


@pytest.mark.parametrize(
    ("outage", "moment", "machine"),
    [
        (hang, "quiesce-began", "m1"),
        (hang, "fail-over-began", "m2"),
        (refuse, "quiesce-began", "m3"),
        (refuse, "fail-over-began", "m4"),
    ],
)
def test_an_outage_of_storage_in_a_cutover_comes_to_the_same_end(field, monkeypatch, outage, moment, machine):
    name = f"{outage.__name__}-{machine}"
    migration = field.start(plan(name, wave("only", machine, gates=GATES)))
    before = _submitted(field)
    rehearsal = Rehearsal(field.stack, field.people(migration))
    with ledger_of(field, monkeypatch), Actor(field.stack.places.clock) as actor:
        come = happened(moment)
        struck, ended = False, None
        while ended is None:
            if not struck and come(migration):
                outage(field.stack)
                struck = True
                rehearsal.forget()
            picture = rehearsal.step(actor, migration, 0.05)
            ended = picture if picture is not None and picture.ended else None
    failovers = _submitted(field) - before
    print(f"outage {name} at {moment}: {ended.migration.outcome}, {failovers} failover submitted")  # noqa: T201
    assert struck
    assert ({machine: "Finalized"}, 1) == (states(ended), failovers)


def _submitted(field):
    return sum(each["status"] == 202 for each in field.log(operation="*/unplannedFailover/action"))


def test_fifty_equal_starts_at_once_are_one_migration(field):
    body = json.dumps(plan("raced", wave("only", "m5", gates={"test": "skip", "cutover": "manual"})))
    headers = {"x-functions-key": field.stack.key, "content-type": "application/json"}

    def post(_):
        url = f"{field.stack.host.url}/api/migrations"
        return httpx.post(url, content=body, headers=headers, timeout=60, trust_env=False).status_code

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        codes = list(pool.map(post, range(50)))
    counted = {code: codes.count(code) for code in sorted(set(codes))}
    print(f"fifty equal starts: {counted}")  # noqa: T201 - a figure of the soak
    assert set(counted) <= {200, 202}
    assert ["raced.1"] == field.all_of("raced")
