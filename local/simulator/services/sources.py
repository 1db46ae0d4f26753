"""What the other stand-ins tell of source machines: agents that register, machines that are switched off and on."""

from datetime import datetime
from typing import Any

from ..provider import ControlCall, ControlRoute, Provider
from ..timeline import Event
from ..world import World


def _setup(world: World) -> None:
    world.services["registrations.pending"] = {}


def _register(call: ControlCall) -> Any:
    """Plan the registration of the agent of an address: `at` is the moment (absent: now), null takes it back."""
    ip = str(call.body["ip"])
    pending: dict[str, Event] = call.world.services["registrations.pending"]
    if planned := pending.pop(ip, None):
        planned.cancel()
    if call.body.get("at", "") is not None:
        moment = datetime.fromisoformat(call.body["at"]) if "at" in call.body else call.world.now

        def register() -> None:
            _change(call.world, ip, agent_registered=True)

        pending[ip] = call.world.timeline.at(moment, register)
        call.world.settle()
    return {"known": call.world.machine_by_ip(ip) is not None}


def _power(call: ControlCall) -> Any:
    """Switch the machine of an address off or on."""
    return {"known": _change(call.world, str(call.body["ip"]), powered_on=bool(call.body["on"]))}


def _change(world: World, ip: str, **change: bool) -> bool:
    machine = world.machine_by_ip(ip)
    if machine:
        world.tell_machine(machine.model_copy(update=change))
    return machine is not None


SOURCES = Provider(
    "source machines",
    control=(
        ControlRoute("POST", "/control/registrations", _register),
        ControlRoute("POST", "/control/power", _power),
    ),
    setup=_setup,
)
