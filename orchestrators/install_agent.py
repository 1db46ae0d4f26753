"""Install agent: the Mobility service is on the machine and registered with the appliance."""

from shared.contracts import CLOSE_GATE, INSTALL_AGENT, LOOK_AGENT, LOOK_COMMAND, SEND_COMMAND
from shared.durable import Blueprint, Context, Waits, call, orchestrates
from shared.models import Done, Place
from shared.requests import Command, Gate, Look, at
from shared.waiting import arm, until

bp = Blueprint()


@orchestrates(bp, INSTALL_AGENT)
def install_agent(context: Context, place: Place) -> Waits[Done]:
    """By the management agent where there is one, else by a person; either way the appliance must see it."""
    asked = at(place, Command, script="install-agent")
    began = yield from call(context, SEND_COMMAND, arm(context, "send_command", asked, 0))
    if began.command:
        yield from until(context, LOOK_COMMAND, at(place, Look, job=began.command))
    yield from until(context, LOOK_AGENT, at(place, Look, tag="by-hand" if began.by_hand else ""))
    if began.by_hand:
        yield from call(context, CLOSE_GATE, at(place, Gate, name="install-agent"))
    return Done()
