"""Install agent: the appliance sees the machine, whoever installed the Mobility service on it."""

from datetime import timedelta

from activities.gate_texts import text
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.waking import arm, disarm, gate_watch
from shared import gates
from shared.contracts import LOOK_AGENT
from shared.durable import Blueprint, serves
from shared.gates import Gate
from shared.ledger import events, machines
from shared.problems import Refused
from shared.requests import Look, Seen
from shared.site_recovery.containers import appliance_of
from shared.site_recovery.discovery import DiscoveredMachine, find_by_ip
from shared.site_recovery.fabrics import get_fabric
from shared.states import MachineState
from shared.waits import WaitKind

bp = Blueprint()

A_MINUTE = 60
SHOWS_WITHIN = timedelta(minutes=30)  # after the installer ended well


@serves(bp, LOOK_AGENT)
def look_agent(look: Look) -> Seen:
    """Settle when the machine shows among those that the appliance discovered, found by its private address."""
    strike(look)
    machine = planned(look)
    found = _discovered(machine)
    if found is not None:
        disarm(look, WaitKind.GATE, gate_watch(look.migration))
        machines.change(look, waiting_for="", release="", evidence={"discoveredMachine": found.id})
        events.write(look, "agent-registered", f"the appliance sees {look.machine}")
        return Seen(settled=True)
    if look.tag == "by-hand":
        return _by_hand(look)
    if look.now - look.since > SHOWS_WITHIN:
        raise Refused(
            f"the agent of {look.machine} was installed but does not show at the appliance",
            id="agent-not-registered",
            title="The agent does not register",
            advice="Look at the agent's log on the machine and at the appliance's discovered machines, then retry.",
        )
    machines.change(look, waiting_for="the agent to show at the appliance")
    return Seen(patience=A_MINUTE)


def _by_hand(look: Look) -> Seen:
    """Ask a person to install it, as long as it takes."""
    arm(look, WaitKind.GATE, gate_watch(look.migration), subject="install-agent", text="a person to install the agent")
    said, release = text(look, "install-agent")
    gates.open_gate(
        Gate(
            migration=look.migration,
            name="install-agent",
            wave=look.wave,
            machine=look.machine,
            round=look.round,
            text=said,
            release=release,
            since=look.since,
            pending=(look.machine,),
        )
    )
    machines.change(look, state=MachineState.AWAITING_USER_ACTION, waiting_for=said, release=release)
    return Seen(patience=A_MINUTE)


def _discovered(machine: Planned) -> DiscoveredMachine | None:
    """Find the machine among those of the appliance's sites."""
    appliance = appliance_of(machine.vault, machine.plan.replication.appliance.name)
    fabric = get_fabric(machine.vault, appliance.fabric)
    site = fabric.custom_details.physical_site_id or fabric.custom_details.vmware_site_id if fabric else ""
    return find_by_ip(machine.vault, site, machine.row.private_ip) if site else None
