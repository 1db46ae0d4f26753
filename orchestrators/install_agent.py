"""Install agent: the Mobility service is on the machine and registered with the appliance."""

from itertools import count

from shared.contracts import CLOSE_GATE, INSTALL_AGENT, LOOK_AGENT, LOOK_AGENT_FILE, LOOK_INSTALLATION, SEND_COMMAND
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import Command, Gate, Look, at
from shared.waiting import arm, until

bp = Blueprint()


@orchestrates(bp, INSTALL_AGENT)
def install_agent(context: Context, place: Place) -> Waits[Done]:
    """By the management agent where there is one, else by a person; either way the appliance must see it."""
    by_hand = yield from _install(context, place)
    yield from until(context, LOOK_AGENT, at(place, Look, tag="by-hand" if by_hand else ""))
    if by_hand:
        yield from call(context, CLOSE_GATE, at(place, Gate, name="install-agent"))
    return Done()


def _install(context: Context, place: Place) -> Waits[bool]:
    """Run the installer, again each time that a person has put a file into place; True = a person installs it."""
    for number in count(1):
        asked = at(place, Command, script="install-agent", number=number, tag="" if number == 1 else str(number))
        began = yield from call(context, SEND_COMMAND, arm(context, "send_command", asked, 0))
        if not began.command:
            return bool(began.by_hand)
        look = at(place, Look, job=began.command, tag=str(number))
        ended = yield from until(context, LOOK_INSTALLATION, look)
        if not ended.needs_file:
            return False
        yield from until(context, LOOK_AGENT_FILE, look)
    return False
