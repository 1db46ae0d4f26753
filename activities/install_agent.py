"""Install agent: the appliance sees the machine, whoever installed the Mobility service on it."""

from datetime import timedelta

from activities.by_hand import ask, wait_at
from activities.interrupting import strike
from activities.judging import judged_again
from activities.planned import Planned, planned
from activities.replication_server import container_here, pushed, side_of
from activities.submitting import earlier, submit_once
from activities.waking import disarm, disarm_vault, gate_watch
from shared.concerns.facts import SourceFacts
from shared.contracts import LOOK_AGENT
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.problems import Refused
from shared.requests import Look, Seen
from shared.site_recovery.configuration_server import Adding
from shared.site_recovery.jobs import get_job
from shared.site_recovery.mappings import ContainerRef
from shared.site_recovery.provider import Sought
from shared.site_recovery.servers import KnownMachine
from shared.waits import WaitKind

bp = Blueprint()

A_MINUTE = 60
SHOWS_WITHIN = timedelta(minutes=30)  # after the installer ended well


@serves(bp, LOOK_AGENT)
def look_agent(look: Look) -> Seen:
    """Settle when the machine shows among those that the appliance discovered, found by its private address."""
    strike(look)
    machine = planned(look)
    where = container_here(machine.plan)
    found = _known(look, machine, where)
    if found is not None or not machine.row.private_ip:
        machine = judged_again(look)
        found = found or _known(look, machine, where)
    if found is not None and (found.agent or pushed(machine.plan)):
        return _settled(look, machine, found)
    if found is None and machine.plan.scenario in side_of(machine.plan).adds_from:
        _add(look, machine, where)
    if look.tag == "by-hand":
        return _by_hand(look, machine, found)
    if look.now - look.since > SHOWS_WITHIN:
        raise Refused(
            f"the agent of {look.machine} was installed but does not show at the appliance",
            id="agent-not-registered",
            title="The agent does not register",
            advice="Look at the agent's log on the machine and at the appliance's discovered machines, then retry.",
        )
    machines.change(look, waiting_for=f"{machine.plan.replication.appliance.name} to know the machine")
    return Seen(patience=A_MINUTE)


def _known(look: Look, machine: Planned, where: ContainerRef) -> KnownMachine | None:
    """Give the machine as its server knows it; one listing serves all machines that look in the same minute."""
    row, minute = machine.row, f"{look.now:%Y-%m-%dT%H:%M}"
    return side_of(machine.plan).find_machine(
        machine.vault, where, Sought(ip=row.private_ip, source_id=row.source_id, minute=minute)
    )


def _settled(look: Look, machine: Planned, found: KnownMachine) -> Seen:
    """Keep what the machine is known as."""
    disarm(look, WaitKind.GATE, gate_watch(look.migration))
    disarm_vault(look, WaitKind.JOB, machine.vault)
    machines.change(look, waiting_for="", release="", evidence={"discoveredMachine": found.id})
    events.write(look, "agent-registered", _seen(look, machine))
    return Seen(settled=True)


def _by_hand(look: Look, machine: Planned, found: KnownMachine | None) -> Seen:
    """Wait until the agent shows; where its server cannot tell, whoever installed it says so."""
    if found is None or found.agent is not None:
        wait_at(look, "install-agent")
    elif ask(look, "install-agent") is not None:
        return _settled(look, machine, found)
    return Seen(patience=A_MINUTE)


def _seen(look: Look, machine: Planned) -> str:
    """Say what is known now."""
    later = "; its agent is pushed when replication is enabled" if pushed(machine.plan) else ""
    return f"{machine.plan.replication.appliance.name} sees {look.machine}{later}"


def _add(look: Look, machine: Planned, where: ContainerRef) -> None:
    """Add the machine by its private address, once a round. Raises what Site Recovery says when that fails."""
    windows = SourceFacts.model_validate(machine.row.source).os_family == "windows"
    asked = Adding(name=look.machine, ip=machine.row.private_ip, windows=windows)

    def send(request: str) -> str:
        return side_of(machine.plan).add_machine(machine.vault, where, asked, request)

    submitted = earlier(look, machine, "add-machine") or submit_once(look, machine, "add-machine", send)
    job = get_job(machine.vault, submitted.job)
    if job is not None and not job.running:
        disarm_vault(look, WaitKind.JOB, machine.vault)
        job.raise_failure()
