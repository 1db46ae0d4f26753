"""The control API of the core: faults, durations, settings, log, machines, stored resources."""

from dataclasses import fields
from typing import Any

from .faults import KINDS, Fault
from .machines import SourceMachine
from .provider import ControlCall, ControlRoute
from .world import Settings


def _faults(call: ControlCall) -> Any:
    return {"kinds": KINDS, "faults": call.world.faults.listing()}


def _order_fault(call: ControlCall) -> Any:
    call.world.faults_change()
    return {"id": call.world.faults.order(Fault.model_validate(call.body))}


def _withdraw_fault(call: ControlCall) -> Any:
    call.world.faults_change()
    call.world.faults.withdraw(call.params.get("name"))
    return {}


def _durations(call: ControlCall) -> Any:
    durations = call.world.durations
    return {"seconds": durations.seconds, "rates": durations.rates, "factor": durations.factor}


def _change_durations(call: ControlCall) -> Any:
    body = _object(call.body)
    seconds = {name: float(value) for name, value in body.get("seconds", {}).items()}
    rates = {name: float(value) for name, value in body.get("rates", {}).items()}
    factor = body.get("factor")
    call.world.durations.change(seconds, rates, None if factor is None else float(factor))
    return _durations(call)


def _settings(call: ControlCall) -> Any:
    world = call.world
    found = {spec.name: getattr(world.settings, spec.name) for spec in fields(Settings)}
    return {**found, "throttled": world.throttle.enabled}


def _change_settings(call: ControlCall) -> Any:
    for name, value in _object(call.body).items():
        if name == "throttled":
            call.world.throttle.enabled = bool(value)
        elif hasattr(call.world.settings, name):
            setattr(call.world.settings, name, value)
        else:
            raise ValueError(f"there is no setting '{name}'")
    return _settings(call)


def _log(call: ControlCall) -> Any:
    return call.world.log.read(call.query)


def _log_summary(call: ControlCall) -> Any:
    return call.world.log.summary(call.query)


def _clear_log(call: ControlCall) -> Any:
    call.world.log.clear()
    return {}


def _machines(call: ControlCall) -> Any:
    return {"machines": [machine.model_dump(by_alias=True) for machine in call.world.machines.values()]}


def _add_machines(call: ControlCall) -> Any:
    body = call.body if isinstance(call.body, list) else [call.body]
    machines = [SourceMachine.model_validate(each) for each in body]
    for machine in machines:
        call.world.tell_machine(machine)
    return {"added": [machine.name for machine in machines]}


def _change_machine(call: ControlCall) -> Any:
    machine = call.world.machines[call.params["name"].lower()]
    changed = SourceMachine.model_validate({**machine.model_dump(by_alias=True), **_object(call.body)})
    call.world.tell_machine(changed)
    return changed.model_dump(by_alias=True)


def _agent_registered(call: ControlCall) -> Any:
    body = _object(call.body)
    machine = call.world.machine_by_ip(str(body["ip"]))
    if machine is None:
        raise KeyError(body["ip"])
    changed = machine.model_copy(update={"agent_registered": bool(body.get("registered", True))})
    call.world.tell_machine(changed)
    return changed.model_dump(by_alias=True)


def _resource(call: ControlCall) -> Any:
    found = call.world.resources.get(call.query["id"])
    if found is None:
        raise KeyError(call.query["id"])
    return found


def _put_resources(call: ControlCall) -> Any:
    body = call.body if isinstance(call.body, list) else [call.body]
    call.world.faults_change()  # an account that comes back lets data flow from now on, not for the time that it was gone
    return {"put": [call.world.resources.put(_object(each))["id"] for each in body]}


def _delete_resource(call: ControlCall) -> Any:
    return {"deleted": call.world.delete_resource(call.query["id"])}


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


CONTROL: tuple[ControlRoute, ...] = (
    ControlRoute("GET", "/control/faults", _faults),
    ControlRoute("POST", "/control/faults", _order_fault),
    ControlRoute("DELETE", "/control/faults", _withdraw_fault),
    ControlRoute("DELETE", "/control/faults/{name}", _withdraw_fault),
    ControlRoute("GET", "/control/durations", _durations),
    ControlRoute("PATCH", "/control/durations", _change_durations),
    ControlRoute("GET", "/control/settings", _settings),
    ControlRoute("PATCH", "/control/settings", _change_settings),
    ControlRoute("GET", "/control/log", _log),
    ControlRoute("GET", "/control/log/summary", _log_summary),
    ControlRoute("DELETE", "/control/log", _clear_log),
    ControlRoute("GET", "/control/machines", _machines),
    ControlRoute("POST", "/control/machines", _add_machines),
    ControlRoute("PATCH", "/control/machines/{name}", _change_machine),
    ControlRoute("POST", "/control/agents", _agent_registered),
    ControlRoute("GET", "/control/resources", _resource),
    ControlRoute("POST", "/control/resources", _put_resources),
    ControlRoute("DELETE", "/control/resources", _delete_resource),
)
