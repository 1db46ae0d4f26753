"""Install agent: the appliance sees the machine, whoever installed the Mobility service on it."""

from datetime import timedelta

from activities.facts.reassessment import judged_again
from activities.flow.interruption import raise_if_stopped
from activities.flow.job_submission import earlier, submit_once
from activities.flow.wait_rows import disarm, disarm_vault, gate_watch
from activities.gates.manual_gate import ask, wait_at
from shared.contracts.contracts import POLL_AGENT
from shared.contracts.requests import Poll, PollResult
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext, machine_context
from shared.problems import Refused
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE
from shared.site_recovery.configuration_server import Adding
from shared.site_recovery.jobs import get_job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import Sought
from shared.site_recovery.servers import KnownMachine, ServerSide

bp = Blueprint()

BY_HAND = "by-hand"  # the tag of who waits for a person that installs it
SHOWS_WITHIN = timedelta(minutes=30)  # after the installer ended well


@serves(bp, POLL_AGENT)
def poll_agent(poll: Poll) -> PollResult:
    """Settle when the machine shows among those that the appliance discovered, found by its private address."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    road = road_of(machine.plan)
    where = road.container(machine.plan)
    found = _known(poll, machine, where)
    if found is not None or not machine.row.private_ip:
        machine = judged_again(poll, machine)
        found = found or _known(poll, machine, where)
    if found is not None and (found.agent or road.pushes_agent(machine.plan)):
        return _settled(poll, machine, found)
    if found is None and road.adds_machines:
        _add(poll, machine, where)
    if poll.tag == BY_HAND:
        return _by_hand(poll, machine, found)
    if poll.now - poll.since > SHOWS_WITHIN:
        raise Refused(
            f"the agent of {poll.machine} was installed but does not show at the appliance",
            id="agent-not-registered",
            title="The agent does not register",
            advice="Look at the agent's log on the machine and at the appliance's discovered machines, then retry.",
        )
    machines.change(poll, waiting_for=f"{machine.plan.replication.appliance.name} to know the machine")
    return PollResult(patience=A_MINUTE)


def _known(poll: Poll, machine: MachineContext, where: ContainerRef) -> KnownMachine | None:
    """Give the machine as its server knows it; one listing serves all machines that look in the same minute."""
    row, minute = machine.row, f"{poll.now:%Y-%m-%dT%H:%M}"
    sought = Sought(ip=row.private_ip, source_id=row.source_id, minute=minute)
    return _server(machine).find_machine(machine.vault, where, sought)


def _server(machine: MachineContext) -> ServerSide:
    """Return what the machine replicates through. Raise `Refused` on a road without a server."""
    server = road_of(machine.plan).server
    if server is None:
        raise Refused(
            f"{machine.row.name} replicates without a server that could know it",
            id="no-server",
            title="There is no server on this road",
            advice="Nothing has to be installed on this machine: leave the phase out (skip).",
        )
    return server


def _settled(poll: Poll, machine: MachineContext, found: KnownMachine) -> PollResult:
    """Keep what the machine is known as."""
    if poll.tag == BY_HAND:
        disarm(poll, WaitKind.GATE, gate_watch(poll.migration))
    if road_of(machine.plan).adds_machines:
        disarm_vault(poll, WaitKind.JOB, machine.vault)
    machines.change(poll, waiting_for="", release="", evidence=Evidence(discovered_machine=found.id))
    events.write(poll, "agent-registered", _seen(poll, machine))
    return PollResult(settled=True)


def _by_hand(poll: Poll, machine: MachineContext, found: KnownMachine | None) -> PollResult:
    """Wait until the agent shows; where its server cannot tell, whoever installed it says so."""
    if found is None or found.agent is not None:
        wait_at(poll, "install-agent")
    elif ask(poll, "install-agent") is not None:
        return _settled(poll, machine, found)
    return PollResult(patience=A_MINUTE)


def _seen(poll: Poll, machine: MachineContext) -> str:
    """Say what is known now."""
    later = (
        "; its agent is pushed when replication is enabled" if road_of(machine.plan).pushes_agent(machine.plan) else ""
    )
    return f"{machine.plan.replication.appliance.name} sees {poll.machine}{later}"


def _add(poll: Poll, machine: MachineContext, where: ContainerRef) -> None:
    """Add the machine by its private address, once a round. Raises what Site Recovery says when that fails."""
    windows = machine.row.source.os_family == "windows"
    adding = Adding(name=poll.machine, ip=machine.row.private_ip, windows=windows)

    def send(request: str) -> str:
        return _server(machine).add_machine(machine.vault, where, adding, request)

    submitted = earlier(poll, machine, "add-machine") or submit_once(poll, machine, "add-machine", send)
    job = get_job(machine.vault, submitted.job)
    if job is not None and not job.running:
        disarm_vault(poll, WaitKind.JOB, machine.vault)
        job.raise_failure()
