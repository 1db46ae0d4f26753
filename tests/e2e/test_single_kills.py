"""The host is killed once, in each phase by itself: the same end state, and nothing is done twice."""

import re
from collections import Counter

import pytest

from shared.itinerary import ITINERARY
from tests.e2e.killing import gate_opens, happened, ledger_of, play, waits_for
from tests.e2e.stack_harness import PROTECTED, machine, nobody, plan, states, target, waits_at, wave

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
THE_HOST_DIES = True
AS_RECORDED = True

IN_THE_WORLD = 40
# In these phases something is waited for, and the host is killed meanwhile; in the others just after they began.
MEANWHILE = {
    "register_appliance": waits_for("the appliance to"),  # the quarter of an hour of its registration
    "initial_sync": waits_for("the first copy"),
    "accept_test_vm": gate_opens("test"),
    "approval": gate_opens("cutover"),
    "await_window": waits_for("the cutover window"),
    "quiesce": happened("quiesced"),
    "stop_source": happened("stop-requested"),
    "fail_over": happened("failover-submitted"),
    "accept": gate_opens("accept"),
    "complete_migration": happened("completion-submitted"),
    "protect_target": happened("protect-submitted"),
    "decommission_source": gate_opens("decommission"),
}
BEGINNINGS = {
    step.phase: happened(f"{step.phase.replace('_', '-')}-began") for step in ITINERARY if step.phase not in MEANWHILE
}
PHASES = MEANWHILE | BEGINNINGS
NUMBERS = {phase: number for number, phase in enumerate(PHASES, 1)}
ONCE = Counter(  # what the whole road does in the vault
    {
        "vaults/write": 1,
        "replicationPolicies/write": 1,
        "replicationProtectionContainerMappings/write": 1,
        "replicationProtectedItems/write": 1,
        "testFailover/action": 1,
        "testFailoverCleanup/action": 1,
        "unplannedFailover/action": 1,
        "remove/action": 1,
    }
)
SCRIPTS = ["is not reachable", "AzureRcmCli|UnifiedAgentConfigurator", "systemctl stop shop"]


def road(name, vault, machine_name):
    """One machine that walks every phase, with everything that a plan can ask for."""
    shop = machine(
        machine_name,
        scripts={"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"},
        verify=[{"service": "shop"}],
    )
    only = wave(
        "one",
        shop,
        gates={"test": "manual", "cutover": "manual"},
        cutover={"mode": "machine", "windows": [{"start": "+PT5H", "length": "PT8H"}]},
        acceptance={"timer": "PT2H"},
    )
    decommission = {"mode": "terminate", "grace": "PT1H", "keepImage": True}
    return plan(name, only, target=target(vault), finish={"decommission": decommission, "protectTarget": PROTECTED})


def in_vault(field, vault):
    """How often each operation did something in a vault."""
    return Counter({"/".join(name.split("/")[-2:]): count for name, count in field.done(vault).items()})


def sent(field, name):
    """How often each script was sent to a source machine."""
    scripts = field.commands(name)
    return [sum(bool(re.search(words, script)) for script in scripts) for words in SCRIPTS]


def images(field, name):
    """The images that were made of a source machine."""
    found = field.ec2.describe_images(Owners=["self"])["Images"]
    return [each["Name"] for each in found if each["Name"].endswith(f"-{name}")]


@pytest.mark.parametrize("phase", PHASES)
def test_a_host_killed_once_in_a_phase_comes_to_the_same_end_and_does_nothing_twice(field, monkeypatch, phase):
    vault, name = f"rsv-{NUMBERS[phase]}-k", f"m{NUMBERS[phase]}"
    migration = field.start(road(f"killed-{NUMBERS[phase]}", vault, name))
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, PHASES[phase])
    assert len(killed) == 1
    assert states(picture) == {name: "Decommissioned"}
    assert picture.migration.outcome == "Succeeded"
    assert in_vault(field, vault) == ONCE
    assert sent(field, name) == [1, 1, 1]
    assert len(images(field, name)) == 1
    assert field.power(name) == {name: "terminated"}
    history = field.what(migration)
    assert history.count("rules-opened") == history.count("rules-closed") == 1


# --- retry, rollback and cancellation ---------------------------------------------------------------------------------

RETRY = ("round-began", "failover-submitted")
EARLY = ("rollback-began", "start-services-sent")
LATE = ("target-fenced", "source-back", "disable-submitted")
CANCEL = ("cancel-began", "disable-submitted")
ROUNDS = [*((RETRY, each) for each in RETRY), *((EARLY, each) for each in EARLY)]
ROUNDS += [*((LATE, each) for each in LATE), *((CANCEL, each) for each in CANCEL)]


def set_out(field, kind, moment):
    """Start the road of a machine of its own; gives the migration, the machine and the vault."""
    number = len(PHASES) + ROUNDS.index((kind, moment)) + 1
    vault, name = f"rsv-{number}-k", f"m{number}"
    return field.start(road(f"killed-{number}", vault, name)), name, vault


@pytest.mark.parametrize("moment", RETRY)
def test_a_host_killed_in_a_retry_fails_over_once_more_only(field, monkeypatch, moment):
    migration, name, vault = set_out(field, RETRY, moment)
    field.fault("job-fails", scenario="UnplannedFailover", match=name, code="28031")
    assert states(field.play(migration)) == {name: "Failed"}
    field.door.command(migration, "retry")
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, happened(moment, 2))
    assert len(killed) == 1
    assert states(picture) == {name: "Decommissioned"}
    assert in_vault(field, vault) == ONCE + Counter({"unplannedFailover/action": 1})  # the one that failed, and this
    assert sent(field, name) == [1, 1, 1]


@pytest.mark.parametrize("moment", EARLY)
def test_a_host_killed_in_a_rollback_before_the_failover_keeps_the_replication(field, monkeypatch, moment):
    migration, name, vault = set_out(field, EARLY, moment)
    field.play(migration, until=lambda seen: "the cutover window" in seen.machines[0].waiting_for)
    pointless = field.fault("no-recovery-points", match=name, times=None)
    field.door.command(migration, "cutover", wave="one")
    field.play(migration, until=lambda seen: "newer than the rest" in seen.machines[0].waiting_for)
    field.door.command(migration, "rollback", [name], comment="not today")
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, happened(moment, 2), nobody("cutover"))
    field.mend(pointless)
    assert len(killed) == 1
    assert states(picture) == {name: "ReadyForCutover"}
    assert field.power(name) == {name: "running"}
    assert in_vault(field, vault) == ONCE - Counter(("unplannedFailover/action", "remove/action"))
    assert len([each for each in field.commands(name) if "systemctl start shop" in each]) == 1


@pytest.mark.parametrize("moment", LATE)
def test_a_host_killed_in_a_rollback_after_the_failover_restores_the_source_once(field, monkeypatch, moment):
    migration, name, vault = set_out(field, LATE, moment)
    field.play(migration, nobody("accept"), until=waits_at("accept"))
    field.door.command(migration, "rollback", [name], comment="the customers complain")
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, happened(moment, 2), nobody("accept"))
    assert len(killed) == 1
    assert states(picture) == {name: "RolledBack"}
    assert picture.migration.outcome == "RolledBack"
    assert field.power(name) == {name: "running"}
    assert in_vault(field, vault)["unplannedFailover/action"] == 1
    assert in_vault(field, vault)["remove/action"] == 1
    assert field.done(f"/{name}/")["Microsoft.Compute/virtualMachines/deallocate/action"] == 1


@pytest.mark.parametrize("moment", CANCEL)
def test_a_host_killed_in_a_cancellation_removes_the_replication_once(field, monkeypatch, moment):
    migration, name, vault = set_out(field, CANCEL, moment)
    field.play(migration, nobody("test"), until=waits_at("test"))
    field.door.command(migration, "cancel")
    with ledger_of(field, monkeypatch):
        picture, killed = play(field, migration, happened(moment, 2), nobody("test"))
    assert len(killed) == 1
    assert states(picture) == {name: "Cancelled"}
    assert picture.migration.outcome == "Cancelled"
    assert field.power(name) == {name: "running"}
    done = in_vault(field, vault)
    assert (done["testFailoverCleanup/action"], done["unplannedFailover/action"]) == (1, 0)
    assert done["remove/action"] + done["replicationProtectedItems/delete"] == 1
