"""Plans and people of machines outside any cloud, for tests that walk their roads."""

from collections.abc import Callable
from typing import Any

import httpx

from local.world.hyperv import switch
from local.world.premises import lend_a_hand, register_server
from shared.contracts.requests import PhaseExit, Poll, where
from shared.contracts.rounds import Round
from shared.contracts.sources import SourceCommand
from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.operator_intents import Control, Intent
from shared.ledger import machines
from shared.states import MachineState
from tests.activities.migration_harness import MACHINE_STEPS, MigrationHarness, plan_of
from tests.activities.repeating import effects
from tests.activities.setup_snapshots import retraced
from tests.clouds import VAULT
from tests.gate_answers import record

AT_GATES = ("poll_agent", "poll_command", "stop_source_machine", "start_source_machine")
SCRIPTS = {"stopServices": "systemctl stop shop", "startServices": "systemctl start shop"}


def plan(scenario: str, *names: str, install: str = "push", **changes: Any) -> dict[str, Any]:
    """A plan of one wave; agents are pushed with the accounts that the simulated appliance keeps."""
    vmware = scenario == "vmware-to-azure"
    accounts = {
        "runAsAccount": "linux" if vmware else "root",
        "windowsRunAsAccount": "windows" if vmware else "administrator",
    }
    replication = {"appliance": accounts, "agent": {"install": install}}
    made = plan_of(*names, scenario=scenario, replication=replication, source={}, **changes)
    for machine in made["waves"][0]["machines"]:
        machine["source"] = {"name": machine["name"]}
    return made


def classic(*names: str) -> dict[str, Any]:
    """A plan of servers that go through a configuration server, the first of them with Windows."""
    made = plan("physical-to-azure", *names)
    server = {"name": "ferry-config1", "runAsAccount": "root", "windowsRunAsAccount": "administrator"}
    made["replication"] = {"mode": "configurationServer", "appliance": server, "agent": {"install": "push"}}
    for number, machine in enumerate(made["waves"][0]["machines"]):
        machine["source"] = {"privateIp": f"10.0.2.{21 + number}"}
        machine["system"] = "linux" if number else "windows"
    known = [{"concern": "replication-mode-retired", "reason": "these are its last servers"}]
    return made | {"acknowledge": known}


@retraced
def register(ferry: MigrationHarness) -> None:
    """Register the server of the premises; it is healthy a quarter of an hour later."""
    assert ferry.world
    assert ferry.world.premises.server
    register_server(ferry.places.simulator, ferry.world.premises.server, VAULT.id)
    ferry.cloud.later(900)


def begin(ferry: MigrationHarness, document: dict[str, Any]) -> None:
    """Take a plan in and walk the plan's own phases."""
    ferry.begin(plan=document)
    play(ferry, "assess", "prepare_vault")
    register(ferry)
    play(ferry, "register_appliance", "set_replication_policy")


def play(ferry: MigrationHarness, *phases: str) -> None:
    """Walk phases of the plan; nobody enters them."""
    for phase in phases:
        _play(ferry, phase)


@retraced
def _play(ferry: MigrationHarness, phase: str) -> None:
    ferry.play(phase, ferry.place(phase=phase))


def confirm(ferry: MigrationHarness, gate: str, machine: str, verdict: Verdict = Verdict.CONFIRM) -> None:
    """Do what a gate asks for, and say so."""
    lend(ferry, gate, machine)
    record(
        ferry.migration,
        ferry.wave,
        gate,
        Decision(verdict=verdict, by="bob", comment="", at=ferry.cloud.now()),
        (machine,),
    )


def walk(ferry: MigrationHarness, machine: str, until: str = "") -> None:
    """Walk a machine from where it stands to just before a phase, or to the end; a person stands at its gates."""
    row = ferry.row(machine)
    begun = MACHINE_STEPS.index(row.phase) + 1 if row.phase in MACHINE_STEPS else 0
    for phase in MACHINE_STEPS[begun : MACHINE_STEPS.index(until) if until else None]:
        _step(ferry, machine, phase)


@retraced
def _step(ferry: MigrationHarness, machine: str, phase: str) -> None:
    here = ferry.place(machine, phase)
    ferry.ask("enter", Poll(**where(here), owner="walk"))
    ferry.play(phase, here, **manned(ferry))
    ferry.ask("leave", PhaseExit(**where(here.replace(now=ferry.cloud.now())), owner="walk"))


def manned(ferry: MigrationHarness) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Give the activities that look at gates, with a person who has done what they ask before the second look."""
    return {name: _manned(ferry, name) for name in AT_GATES}


def _manned(ferry: MigrationHarness, name: str) -> Callable[[dict[str, Any]], Any]:
    act = ferry.acting(name)

    def manned_act(wire: dict[str, Any]) -> Any:
        for gate in gates.of_migration(ferry.migration):
            if gate.open and gate.machine and gate.decided(gate.machine) is None:
                confirm(ferry, gate.name, gate.machine)
        return act(wire)

    return manned_act


def lend(ferry: MigrationHarness, gate: str, machine: str) -> None:
    """Do what a gate asks for, and say nothing."""
    assert ferry.world
    lend_a_hand(ferry.places.simulator, ferry.world.premises, gate, {machine})
    switch(ferry.places.simulator, ferry.world.hyperv, gate, {machine})


def command(look: Poll, script: str) -> SourceCommand:
    """A script that is to run on a machine."""
    return SourceCommand.model_validate(look.model_dump() | {"script": script})


@retraced
def roll_back(ferry: MigrationHarness, machine: str, number: int = 2) -> None:
    """Walk a machine back with the real orchestrator in another round; a person stands at its gates."""
    machines.change(ferry.place(machine).replace(round=number), round=number, owner="")
    operator_intents.set_intent(
        Control(migration=ferry.migration, machine=machine, intent=Intent.ROLLBACK, at=ferry.cloud.now())
    )
    rollback = ferry.place(machine, "rollback", kind=Round, purpose="rollback", round=number)
    ferry.play("roll_back_machine", rollback, **manned(ferry))


def accounts(ferry: MigrationHarness) -> list[str]:
    """Give the accounts that agents were pushed with, by the names of their machines' Azure VMs."""
    listed = httpx.get(
        f"{ferry.places.simulator}{VAULT.id}/replicationProtectedItems?api-version=2025-08-01",
        headers={"Authorization": "Bearer x"},
    ).json()["value"]
    details = [each["properties"]["providerSpecificDetails"] for each in listed]
    return sorted(str(each["runAsAccountId"]).rpartition("/")[2] for each in details)


def powered(ferry: MigrationHarness, machine: str) -> bool:
    """Tell whether a machine of the premises is on."""
    known = httpx.get(f"{ferry.places.simulator}/control/machines").json()["machines"]
    return bool(next(each["poweredOn"] for each in known if each["name"] == machine))


def assert_source_serves(ferry: MigrationHarness, machine: str, *, fenced: bool) -> None:
    """See that a way back ended with its source on; one from behind the failover fenced the VM and ended replication."""
    assert powered(ferry, machine)
    assert ferry.row(machine).state == (MachineState.ROLLED_BACK if fenced else MachineState.READY_FOR_CUTOVER)
    assert len(effects(ferry, "*/virtualMachines/deallocate/action")) == fenced
    assert len(effects(ferry, "*/remove/action")) == fenced
