"""Install agent: the Mobility service is on the machine and registered with the appliance."""

from itertools import count

from shared.contracts.contracts import (
    CLOSE_GATE,
    INSTALL_AGENT,
    POLL_AGENT,
    POLL_AGENT_FILE,
    POLL_INSTALLATION,
    SEND_COMMAND,
)
from shared.contracts.requests import GatePoll, Poll, where
from shared.contracts.sources import SourceCommand
from shared.durable.seam import Blueprint, Context, Waits, call, orchestrates
from shared.durable.waiting import arm, asleep, first, until
from shared.models import Done, Scope

bp = Blueprint()


@orchestrates(bp, INSTALL_AGENT)
def install_agent(context: Context, scope: Scope) -> Waits[Done]:
    """By the management agent where there is one, else by a person; either way the appliance must see it."""
    by_hand = yield from _install(context, scope)
    scope = scope.replace(enters="")
    yield from until(context, POLL_AGENT, Poll(**where(scope), tag="by-hand" if by_hand else ""))
    if by_hand:
        yield from call(context, CLOSE_GATE, GatePoll(**where(scope), name="install-agent"))
    return Done()


def _install(context: Context, scope: Scope) -> Waits[bool]:
    """Run the installer, again each time that a person has put a file into place; True = a person installs it."""
    for number in count(1):
        command = SourceCommand(
            **where(scope), script="install-agent", number=number, tag="" if number == 1 else str(number)
        )
        began = yield from first(context, SEND_COMMAND, arm(context, "send_command", command, 0))
        scope = scope.replace(enters="")
        if not began.command:
            return bool(began.by_hand)
        look = command.replace(job=began.command, tag=str(number), enters="")
        yield from asleep(context, began.patience)
        ended = yield from until(context, POLL_INSTALLATION, look)
        if not ended.needs_file:
            return False
        yield from until(context, POLL_AGENT_FILE, look)
    return False
