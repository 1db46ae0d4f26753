"""Each part of the stack is killed in the middle of a migration; started again as `make run` does it, nothing is lost."""

import io

import pytest
from rich.console import Console

from cli.failing import Failing
from local.stack.actor import Actor
from local.stack.rehearsal import Rehearsal
from local.stack.run import ENDED, look_after
from local.stack.stack import running
from shared.ids import protected_item_name
from tests.e2e.killing import happened, ledger_of
from tests.e2e.stack_harness import QUICK, StackHarness, plan, states, wave, world

pytestmark = pytest.mark.timeout(300)

# What is under way at each moment: discovery and the first copy, a script, an instance that stops, a failover's job.
KILLED = (
    ("simulator", "enable-replication-began"),
    ("azurite", "start-test-failover-began"),
    ("ssm", "quiesce-began"),
    ("aws", "stop-requested"),
    ("simulator", "failover-submitted"),
    ("host", "complete-migration-began"),
)

ONCE = {
    "write": 1,
    "testFailover/action": 1,
    "testFailoverCleanup/action": 1,
    "unplannedFailover/action": 1,
    "remove/action": 1,
}


def test_every_part_that_is_killed_is_started_again_with_what_it_held_and_the_migration_succeeds(tmp_path, monkeypatch):
    screen = io.StringIO()
    with running(tmp_path, on_disk=True) as stack:
        field = StackHarness(stack, world(2))
        field.jobs_take(QUICK)
        migration = field.start(plan("mended", wave("only", "m1", cutover={"mode": "machine"})))
        with ledger_of(field, monkeypatch):
            picture = play_and_kill(field, migration, Console(file=screen, width=200))
        power, done = field.power("m1", "m2"), field.done(protected_item_name("mended.1", "m1"))
        field.close()
    assert states(picture) == {"m1": "Finalized"}
    assert picture.migration.outcome == "Succeeded"
    output = screen.getvalue()
    assert [output.count(ENDED[part]) for part, _ in KILLED] == [2, 1, 1, 1, 2, 1]
    assert output.count("It runs again.") == len(KILLED)
    # what was there before a part died still is, and was done once
    assert power == {"m1": "stopped", "m2": "running"}
    assert {name.rpartition("/replicationProtectedItems/")[2]: count for name, count in done.items()} == ONCE


def play_and_kill(field, migration, console):
    """Play the migration to its end; kill each part when its moment has come, one after the other, and look after the stack."""
    rehearsal, moments = Rehearsal(field.stack, field.people(migration)), [(p, happened(m)) for p, m in KILLED]
    with Actor(field.stack.places.clock) as actor:
        while True:
            if moments and moments[0][1](migration):
                field.stack.part(moments.pop(0)[0]).kill()
                look_after(field.stack, console)
                rehearsal.forget()
            try:
                picture = rehearsal.step(actor, migration, 0.02)
            except Failing:
                continue  # the host had no storage meanwhile
            if picture is not None and picture.ended:
                return picture
