"""Commands: scripts run on a source machine through its management agent, sent once, looked at until they end."""

from datetime import timedelta
from typing import Any

from activities import trying
from activities.by_hand import ask
from activities.interrupting import strike
from activities.planned import Planned, planned
from activities.replication_server import pushed
from activities.scripts import script_of
from activities.senders import described, sender, settle
from activities.server_location import locate
from shared import ids
from shared.concerns.facts import SourceFacts
from shared.contracts import LOOK_COMMAND, SEND_COMMAND
from shared.durable import Blueprint, serves
from shared.guest_scripts.wrapper import GuestScript, wrap
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import NEVER, Place
from shared.problems import Refused
from shared.requests import Began, Command, Look, Seen
from shared.serving import Serving, in_doubt, up
from shared.sources.aws.ssm import CommandResult, Script
from shared.sources.sides import side

bp = Blueprint()

A_MOMENT, LONGEST = 10, 60  # seconds between looks at a running command
NEVER_DELIVERED = timedelta(hours=2)  # AWS gives up the delivery after an hour (documented: the default)
CLOCK_SKEW = timedelta(minutes=10)
TRIED = "tried from the machine itself: everything that it has to reach answers"
CHECK = "check-connectivity"
TRYING = ("aws-to-azure", "azure-to-azure")  # where a command can be run on machines
SERVICES_BACK = "servicesBack"  # the mark of a machine whose services were started again
ADVICE = {
    "install-agent": "Read the output; docs/agents.md explains the exit code. Mend it and retry.",
    "check-connectivity": "Open the way from the machine to what does not answer (its own firewall, routes, ACLs, proxies) "
    "and retry.",
    "stop-services": "Mend the plan's script or stop the services by hand, then retry.",
    "start-services": "Start the services by hand.",
}


@serves(bp, SEND_COMMAND)
def send_command(asked: Command) -> Began:
    """Send a script once; nothing is sent when the plan has none, or when no agent answers (then a person installs)."""
    strike(asked)
    machine = planned(asked)
    facts = SourceFacts.model_validate(machine.row.source)
    if asked.script == "install-agent" and pushed(machine.plan):
        return Began()
    if asked.script == "install-agent" and not (machine.plan.replication.agent.install == "ssm" and facts.ssm_online):
        return Began(by_hand=True)
    if asked.script == CHECK and not facts.ssm_online:
        return _not_tried(asked, machine)
    script = _script(asked, machine, facts)
    if script is None:  # of the installer: nobody knows the appliance's address
        return Began(by_hand=asked.script == "install-agent" or _stays_down(asked, machine.row))
    if not side(machine.plan).has_power:  # no cloud runs it, so none can run a script in it
        return _by_hand(asked)
    if not facts.ssm_online:
        raise Refused(
            f"{asked.script} cannot run on {asked.machine}: no management agent answers there",
            id="no-agent",
            title="No management agent",
            advice="Run the script by hand and leave it out of the plan, or bring the agent up (SSM on EC2, the VM agent in Azure) and retry.",
        )
    return _send(asked, machine, facts, script)


def _not_tried(asked: Command, machine: Planned) -> Began:
    """Say that nobody tried the way, where somebody would have if there were an agent."""
    if machine.plan.scenario in TRYING:
        events.write(
            asked, "way-not-tried", f"no management agent answers on {asked.machine}: nothing was tried from it"
        )
    return Began()


def _stays_down(asked: Command, row: MachineRow) -> bool:
    """Tell whether only a person can bring services back: the plan stopped them, and names no script for the way back.

    A source that was off and started since has brought up its services by itself.
    """
    return asked.script == "start-services" and services_rest(row) and row.service.at != Serving.SOURCE


def services_rest(row: MachineRow) -> bool:
    """Tell whether services were to be stopped for the cutover, and were not started again since."""
    return (row.mark("servicesAsked") or NEVER) > (row.mark(SERVICES_BACK) or NEVER)


def _by_hand(asked: Command) -> Began:
    """Let a person do it; a rollback has services started again even if nobody said that they were stopped."""
    if asked.script == "stop-services":
        machines.change(asked, marks={"servicesAsked": asked.now}, service=in_doubt(asked.now))
    return Began(by_hand=True)


def _script(asked: Command, machine: Planned, facts: SourceFacts) -> GuestScript | None:
    """Give the script, with the server's address where it needs one."""
    plan, windows = machine.plan, facts.os_family == "windows"
    if asked.script == CHECK and plan.scenario == "azure-to-azure":
        return trying.script(trying.urls_of(plan.target.cache_storage_account), windows=windows)
    needed = asked.script in ("install-agent", CHECK)
    server = locate(plan) if needed and plan.scenario == "aws-to-azure" else None
    if needed and server is None:
        return None
    address = server.address if server else ""
    return script_of(asked.script, plan, machine.wave, machine.entry, windows=windows, appliance_ip=address)


def _nonce(place: Place) -> str:
    """Give what the mark of this step's script carries: the same for who sends it and who reads it."""
    return ids.short_hash(f"{place.key}.script")


def _send(asked: Command, machine: Planned, facts: SourceFacts, wanted: GuestScript) -> Began:
    """Send it under a token by which it is found again."""
    timeout = int(machine.plan.replication.agent.timeout.total_seconds())
    who, windows = sender(machine), facts.os_family == "windows"
    script = Script(
        instance=machine.row.source_id,
        windows=windows,
        lines=wrap(wanted, who.channel, _nonce(asked), windows=windows),
        token=ids.command_token(asked.key, _numbered(asked)),
        since=asked.since - CLOCK_SKEW,
        timeout=timeout,
    )
    if asked.script == "stop-services":  # a rollback starts them again, even if we die before we know that it was sent
        machines.change(asked, marks={"servicesAsked": asked.now}, service=in_doubt(asked.now))
    command = who.send(asked, machine, script)
    said = f"the script {asked.script} on the machine"
    machines.change(asked, waiting_for=said, release="", jobs={f"{_numbered(asked)}.{asked.round}": command})
    events.write(asked, f"{asked.script}-sent", said, data={"command": command})
    return Began(command=command)


def _numbered(asked: Command) -> str:
    return asked.script if asked.number == 1 else f"{asked.script}-{asked.number}"


@serves(bp, LOOK_COMMAND)
def look_command(look: Look) -> Seen:
    """Settle when the command has ended well; raises what it said when it did not.

    Without a command a person does it, at the gate of the script's name.
    """
    strike(look)
    if not look.job:
        return _done_by_hand(look)
    ended = ended_command(look)
    if ended is None:
        return Seen(patience=patience_of(look))
    take_end(look, ended)
    return Seen(settled=True)


def ended_command(look: Look) -> CommandResult | None:
    """Give what a command came to, None while it runs. Raises `Refused` when it never ends."""
    machine = planned(look)
    result = settle(sender(machine).read(machine, look.job), _nonce(look))
    if not result.running:
        return result
    _check_patience(look, machine, _script_of(machine, look))
    return None


def take_end(look: Look, result: CommandResult) -> None:
    """Write down that a command has ended well. Raises `Refused` with what it said when it did not."""
    script = _script_of(planned(look), look)
    if not result.succeeded:
        said = f"{script} on {look.machine} ended as {described(result)}"
        events.write(look, f"{script}-failed", said, data={"command": look.job})
        raise Refused(
            said,
            id="command-failed",
            title="A script failed on the source machine",
            advice=ADVICE.get(script, "Read the output and retry."),
            extra={"command": look.job},
        )
    machines.change(look, waiting_for="", **_meaning(look, script))
    said = TRIED if script == CHECK else f"{script.replace('-', ' ')} ended well"
    events.write(look, f"{script}-ended", said)


def _done_by_hand(look: Look) -> Seen:
    """Settle when a person says that it is done."""
    if ask(look, look.tag) is None:
        return Seen(patience=LONGEST)
    machines.change(look, **_meaning(look, look.tag))
    return Seen(settled=True)


def _meaning(look: Look, script: str) -> dict[str, Any]:
    """Give what a script that ended well means for the machine's row."""
    if script != "start-services":
        return {}
    return {"marks": {SERVICES_BACK: look.now}, "service": up(Serving.SOURCE, look.now)}


def patience_of(look: Look) -> int:
    """Look often at first: most scripts take seconds, and some of them are downtime."""
    return min(LONGEST, max(A_MOMENT, int((look.now - look.since).total_seconds() / 4)))


def _check_patience(look: Look, machine: Planned, script: str) -> None:
    """Raise `Refused` when a command neither ends nor times out: its machine or its agent is gone."""
    if look.now - look.since < machine.plan.replication.agent.timeout + NEVER_DELIVERED:
        return
    raise Refused(
        f"{script} on {look.machine} neither ended nor timed out",
        id="command-lost",
        title="A script never ended",
        advice="See that the machine and its management agent run, then retry.",
        extra={"command": look.job},
    )


def _script_of(machine: Planned, look: Look) -> str:
    """Tell which script a command was."""
    by_command = {command: mark.rpartition(".")[0] for mark, command in machine.row.jobs.items()}
    name = by_command.get(look.job, "the script")
    return "install-agent" if name.startswith("install-agent-") else name
