"""What an installed agent registers with: a file that only a person can make, from the text that the machine told."""

from activities.by_hand import ask
from activities.commands import ended_command, patience_of, take_end
from activities.interrupting import strike
from activities.planned import planned
from shared.contracts import LOOK_AGENT_FILE, LOOK_INSTALLATION
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.requests import Installation, Look, Seen

bp = Blueprint()

GATE = "configure-agent"
NEEDS_FILE = 17  # what the agent scripts end with
TEXT = "agentText"  # of a machine, in its evidence
BEGINS, ENDS = "the text of this machine begins\n", "azferry-agent: the text of this machine ends"
LONGEST = 12_000  # characters that a row of the ledger has room for; the text has some hundred
AN_HOUR = 3_600


@serves(bp, LOOK_INSTALLATION)
def look_installation(look: Look) -> Installation:
    """Settle when the installer has ended, and tell whether it needs a file; raises what it said when it failed."""
    strike(look)
    ended = ended_command(look)
    if ended is None:
        return Installation(patience=patience_of(look))
    if ended.exit_code != NEEDS_FILE:
        take_end(look, ended)
        return Installation(settled=True)
    wanted = "its configuration file" if planned(look).plan.replication.mode == "appliance" else "the passphrase"
    machines.change(look, waiting_for="", evidence={TEXT: text_in(ended.stdout)})
    events.write(look, "agent-needs-file", f"the Mobility service is installed; to register it needs {wanted}")
    return Installation(settled=True, needs_file=True)


@serves(bp, LOOK_AGENT_FILE)
def look_agent_file(look: Look) -> Seen:
    """Settle when a person says that the file is in place. Raises `Refused` when the person said no."""
    strike(look)
    return Seen(settled=True) if ask(look, GATE, int(look.tag or 1)) is not None else Seen(patience=AN_HOUR)


def text_in(output: str) -> str:
    """Give the text that the machine told of itself; empty where it told none."""
    return output.partition(BEGINS)[2].partition(ENDS)[0].strip()[:LONGEST]
