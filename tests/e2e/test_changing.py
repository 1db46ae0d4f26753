"""A running plan is changed: sizes, one machine more, one less; through deaths of the host all come to their right end, once."""

import json
from collections import Counter

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from shared.decisions.changing import change_plan, judge_change
from shared.decisions.people import played
from shared.decisions.steered import said_by
from shared.ledger import machines, migrations
from shared.plan.model import Plan
from tests.activities.crash_injection import Dying
from tests.e2e.killing import happened, ledger_of, play
from tests.e2e.stack_harness import Decision, machine, nobody, plan, states, target, wave

pytestmark = pytest.mark.timeout(600)
THE_HOST_DIES = True

HALFWAY = 4  # writes: both plans, what is proposed, and its machines are held
BIG = "Standard_D8s_v5"
ITEMS = (
    "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationProtectionContainers/replicationProtectedItems/"
)
REHEARSED = Counter({"write": 1, "testFailover/action": 1, "testFailoverCleanup/action": 1, "remove/action": 1})
ONCE = REHEARSED + Counter({"unplannedFailover/action": 1})
AGAIN = ONCE + Counter(
    {"write": 1, "testFailover/action": 1, "testFailoverCleanup/action": 1}
)  # it was told, and rehearsed anew
GATES = {"test": "auto", "cutover": "manual"}


def of(name, vault, *listed):
    """A plan whose machines wait at a gate before their cutover."""
    return plan(name, wave("one", *listed, gates=GATES, cutover={"mode": "machine"}), target=target(vault))


def all_wait(many):
    return lambda picture: any(len(each.pending) == many for each in picture.gates)


def type_change(field, tmp_path, migration, wanted, *more):
    """Change the plan as a person does, on the command line."""
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(wanted))
    env = {"AZFERRY_URL": field.stack.host.url, "AZFERRY_KEY": field.stack.key, "NO_COLOR": "1"}
    return CliRunner(env=env).invoke(app, ["change", migration, str(file), *more])


def size_of(field, migration, name):
    return field.door.machine(migration, name)["evidence"]["vm"]["size"]


def did(field, word):
    """What was done to a machine's item, and how often: its name is the last word of its path."""
    return Counter({name.removeprefix(ITEMS): many for name, many in field.done(word).items() if ITEMS in name})


def test_at_the_gate_one_gets_another_size_one_is_added_one_is_dropped(field, monkeypatch, tmp_path):
    """The host is killed when the round of the change begins."""
    migration = field.start(of("change", "rsv-change", "m1", "m2", "m3"))
    field.play(migration, nobody("cutover"), until=all_wait(3))
    wanted = of(
        "change",
        "rsv-change",
        machine("m1", target={"size": BIG}),
        "m2",
        machine("m4", target={"tags": {"team": "shop"}}),
    )

    shown = type_change(field, tmp_path, migration, wanted, "--dry-run")
    assert "m1 becomes something else in Azure" in shown.stdout, shown.output
    assert "m3 is dropped: its replication ends" in shown.stdout
    refused = type_change(field, tmp_path, migration, wanted, "--yes")
    assert (refused.exit_code != 0, "drop needs a comment" in refused.output) == (True, True)
    typed = type_change(field, tmp_path, migration, wanted, "--yes", "--comment", "m3 is retired")
    assert typed.exit_code == 0, typed.output

    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, happened("round-began", 2))
    assert len(killed) == 1
    assert states(picture) == {"m1": "Finalized", "m2": "Finalized", "m3": "Cancelled", "m4": "Finalized"}
    assert picture.migration.outcome == "Succeeded", "who was dropped counts no more"
    assert (size_of(field, migration, "m1"), size_of(field, migration, "m2") == BIG) == (BIG, False)
    assert field.door.machine(migration, "m3")["dropped"]["why"] == "m3 is retired"
    assert did(field, "-m1") == AGAIN
    assert did(field, "-m2") == did(field, "-m4") == ONCE
    assert did(field, "-m3") == REHEARSED
    assert field.power("m1", "m2", "m3", "m4") == {"m1": "stopped", "m2": "stopped", "m3": "running", "m4": "stopped"}
    assert [each["text"] for each in field.door.events(migration) if each["what"] == "target-told"] == [
        "Site Recovery shows what m1 becomes in Azure, as the plan says now"
    ]


def test_a_host_that_dies_in_the_middle_of_a_change_is_made_good(field, monkeypatch):
    """What `PATCH` does is done here, in a process that dies; the host's look after everything that runs finishes it."""
    migration = field.start(of("halfway", "rsv-halfway", "m5", "m6"))
    field.play(migration, nobody("cutover"), until=all_wait(2))
    wanted = Plan.model_validate(of("halfway", "rsv-halfway", machine("m5", target={"size": BIG}), "m7"))
    with ledger_of(field, monkeypatch):
        row = migrations.existing(migration)
        decision = said_by(played("tester"), row.stamp, "m6 is retired")
        assert len(judge_change(migration, wanted, decision).effects) == 3
        with Dying(monkeypatch, HALFWAY, after=True) as dying:
            change_plan(migration, wanted, 1, decision)
        assert dying.came
        assert migrations.existing(migration).plan_version == 1, "nothing holds yet"
        assert {each.changing for each in machines.list(migration)} == {2}, "its machines are held"
    picture = field.play(migration)
    assert states(picture) == {"m5": "Finalized", "m6": "Cancelled", "m7": "Finalized"}
    assert (picture.migration.outcome, size_of(field, migration, "m5")) == ("Succeeded", BIG)
    assert (did(field, "-m5"), did(field, "-m6"), did(field, "-m7")) == (AGAIN, REHEARSED, ONCE)
    assert field.power("m5", "m6", "m7") == {"m5": "stopped", "m6": "running", "m7": "stopped"}


def test_who_has_begun_its_cutover_stays_as_it_is_and_who_read_an_earlier_version_is_told_so(field, tmp_path):
    migration = field.start(of("late", "rsv-late", "m8", "m9"))
    field.play(migration, nobody("cutover"), until=all_wait(2))
    field.door.decide(migration, Decision(gate="cutover", decision="approve", wave="one", machines=("m8",)))
    field.play(migration, nobody("cutover"), until=lambda picture: states(picture)["m8"] == "CuttingOver")
    late = of("late", "rsv-late", machine("m8", target={"size": BIG}), "m9")
    typed = type_change(field, tmp_path, migration, late, "--yes", "--comment", "more")
    assert typed.exit_code != 0
    assert "m8 has begun its cutover" in " ".join(typed.output.split())

    body = json.dumps(of("late", "rsv-late", "m8", machine("m9", target={"size": BIG}))).encode()
    url, sent = f"{field.stack.host.url}/api/migrations/{migration}", {"x-functions-key": field.stack.key}
    first, second = (
        httpx.patch(url, content=body, headers=sent | {"if-match": '"plan-1"'}, timeout=60, trust_env=False)
        for body in (body, body.replace(BIG.encode(), b"Standard_D4s_v5"))
    )
    assert (first.status_code, second.status_code) == (200, 412)
    assert "somebody changed it meanwhile" in second.json()["detail"]
    assert states(field.play(migration)) == {"m8": "Finalized", "m9": "Finalized"}
    assert (size_of(field, migration, "m9"), size_of(field, migration, "m8") == BIG) == (BIG, False)
