"""What an installed agent registers with: a file that only a person can make, from the text that the machine told."""

from activities.flow.interruption import raise_if_stopped
from activities.gates.manual_gate import ask
from activities.source_scripts.source_commands import ended_command, patience_of, take_end
from shared.contracts.contracts import POLL_AGENT_FILE, POLL_INSTALLATION
from shared.contracts.requests import Poll, PollResult
from shared.contracts.sources import Installation, SourceCommand
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import machine_context
from shared.roads.registry import road_of
from shared.scheduling.patience import AN_HOUR

bp = Blueprint()

GATE = "configure-agent"
NEEDS_FILE = 17  # what the agent scripts end with
BEGINS, ENDS = "the text of this machine begins\n", "azferry-agent: the text of this machine ends"
LONGEST = 12_000  # characters that a row of the ledger has room for; the text has some hundred


@serves(bp, POLL_INSTALLATION)
def poll_installation(poll: SourceCommand) -> Installation:
    """Settle when the installer has ended, and tell whether it needs a file; raises what it said when it failed."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    ended = ended_command(poll, machine)
    if ended is None:
        return Installation(patience=patience_of(poll))
    if ended.exit_code != NEEDS_FILE:
        take_end(poll, ended)
        return Installation(settled=True)
    wanted = road_of(machine.plan).agent_registers_with
    machines.change(poll, waiting_for="", evidence=Evidence(agent_text=text_in(ended.stdout)))
    events.write(poll, "agent-needs-file", f"the Mobility service is installed; to register it needs {wanted}")
    return Installation(settled=True, needs_file=True)


@serves(bp, POLL_AGENT_FILE)
def poll_agent_file(poll: Poll) -> PollResult:
    """Settle when a person says that the file is in place. Raises `Refused` when the person said no."""
    raise_if_stopped(poll)
    return PollResult(settled=True) if ask(poll, GATE, int(poll.tag or 1)) is not None else PollResult(patience=AN_HOUR)


def text_in(output: str) -> str:
    """Give the text that the machine told of itself; empty where it told none."""
    return output.partition(BEGINS)[2].partition(ENDS)[0].strip()[:LONGEST]
