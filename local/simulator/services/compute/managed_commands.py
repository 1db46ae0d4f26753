"""Managed run commands: scripts that stand beside a VM under a name, run side by side, and are not run again as they are.

From the handler's source (run-command-handler-linux 1.3) and the documentation: a script is run once for each content; the last
4 KB of each output are kept; 25 of them at most (reported); taking one away ends it. On Linux one whose time is up has failed.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ....script_results import Ran, plain, ran
from ...arm import Call, Reply
from ...clock import iso
from ...errors import ArmError, conflict
from ...operations import Operation
from ...resources import Resource
from ...timeline import Event
from ...world import World
from .. import lro
from ..kinds import Kind, require_group
from .compute import Compute, compute_of
from .guests import Guest, Outcome
from .quota import VM
from .run_command import GIVES_UP, kept, outcome_of

COMMAND = Kind("Microsoft.Compute", ("virtualMachines", "runCommands"))
MOST = 25
_LIMIT = re.compile(
    r"\btimeout -k \d+ (\d+)$|if \(\$process\.WaitForExit\(\[int\]'(\d+)'\)\)", re.MULTILINE
)  # of the app's own wrapper
_TIME_UP = 124
_KILLED = -1


@dataclass
class Execution:
    """One run of a script; `ends` is planned."""

    script: str
    outcome: Outcome
    state: str = "Pending"
    started: datetime | None = None
    ended: datetime | None = None
    message: str = ""
    ran: Ran | None = None
    ends: Event | None = None


def put(call: Call) -> Reply:
    """Answer 201 (or 200), and run the script unless this very one was run already."""
    vm, properties = _vm(call), call.properties()
    compute = compute_of(call.world)
    guest, place = compute.guest(vm["id"]), COMMAND.id(call.params)
    if guest.power != "running":
        raise conflict("Cannot modify extensions in the VM when the VM is not running.", "OperationNotAllowed")
    known = call.world.resources.get(place)
    if known is None and len(list(call.world.resources.under(vm["id"], COMMAND.name))) >= MOST:
        text = f"The maximum number of managed Run commands (max={MOST}, current={MOST}) has been exceeded."
        raise ArmError(409, "OperationNotAllowed", text)  # reported; unknown: its code
    same = known is not None and _content(known["properties"]) == _content(properties)
    document = call.world.resources.put(
        {**call.json_object(), "id": place, "name": call.params["runCommands"], "type": COMMAND.name}
    )
    document["properties"] = {**properties, "provisioningState": "Updating" if known else "Creating"}
    wait = 0.0 if same else _begin(call.world, compute, guest, document)
    _, headers = lro.begin(call, VM.provider, vm["location"], wait, lambda job: _provisioned(call, place, guest, job))
    headers.pop("Location")
    effect = "found again" if same else f"runs {document['name']}"
    return Reply(200 if known else 201, dict(document), headers, effect=effect)


def show(call: Call, document: Resource) -> Resource:
    """Return a command; with `$expand=instanceView` how its script stands lies within it."""
    if call.query.get("$expand", "").lower() != "instanceview":
        return document
    execution = compute_of(call.world).executions.get(document["id"].lower())
    view = _view(execution) if execution else {"executionState": "Pending"}
    return {**document, "properties": {**document["properties"], "instanceView": view}}


def remove(call: Call) -> Reply:
    """Answer 202: the script is ended where it runs, and the command goes; one that is not there is a 204."""
    require_group(call)
    found = call.world.resources.get(COMMAND.id(call.params))
    if found is None:
        return Reply(204)
    _forget(compute_of(call.world), found["id"])
    call.world.delete_resource(found["id"])
    location = str(found.get("location", "westeurope"))
    _, headers = lro.begin(call, VM.provider, location, call.world.durations.of("vm.command-removal"))
    return Reply(202, headers=headers, effect=f"took {found['name']} away")


def _vm(call: Call) -> Resource:
    try:
        return VM.stored(call)
    except ArmError as error:
        if error.status != 404 or "Group" in error.code:
            raise
        text = f"Can not perform requested operation on nested resource. Parent resource '{call.params['virtualMachines']}' not found."
        raise ArmError(404, "ParentResourceNotFound", text) from None


def _content(properties: Resource) -> tuple[Any, ...]:
    return (properties.get("source"), properties.get("parameters"), properties.get("timeoutInSeconds"))


def _begin(world: World, compute: Compute, guest: Guest, document: Resource) -> float:
    """Plan the script's run; return after how many seconds the resource is provisioned."""
    _forget(compute, document["id"])
    if not guest.agent_ready:
        return world.durations.of("vm.agent-timeout")
    script = str((document["properties"].get("source") or {}).get("script", ""))
    outcome = outcome_of(compute, guest, plain(script))
    execution = compute.executions[document["id"].lower()] = Execution(script, outcome)
    start = world.durations.of("vm.command-start")
    most = float(document["properties"].get("timeoutInSeconds") or 0)
    world.timeline.after(start, lambda: _started(world, guest, execution, most))
    asynchronous = bool(document["properties"].get("asyncExecution"))
    return start if asynchronous else start + _seconds(world, execution, most)


def _started(world: World, guest: Guest, execution: Execution, most: float) -> None:
    execution.state, execution.started = "Running", world.now
    if execution.outcome.result == "restarted":
        return  # unknown: how it shows after a restart; assumed: as it was told the last time
    boot = guest.since
    seconds = _seconds(world, execution, most)
    execution.ends = world.timeline.after(seconds, lambda: _end(world, guest, execution, boot))


def _seconds(world: World, execution: Execution, most: float) -> float:
    """Return how long a script runs: as long as it wants, or until its wrapper ends it, or its agent."""
    limits = [each for each in (_limit(execution), most) if each]
    if execution.outcome.result == "timeOut":
        return min(limits, default=GIVES_UP)
    wanted = execution.outcome.seconds if execution.outcome.tells_seconds else world.durations.of("vm.script")
    return min([wanted, *limits])


def _limit(execution: Execution) -> float:
    """Return after how many seconds the script's own wrapper ends it; 0 = never."""
    found = _LIMIT.search(execution.script)
    if found is None:
        return 0
    return float(found[1]) if found[1] else float(found[2]) / 1_000


def _end(world: World, guest: Guest, execution: Execution, boot: datetime | None) -> None:
    if guest.since != boot or guest.power != "running":
        return  # it was stopped or started anew meanwhile: nobody tells how the script stands
    outcome, ran_for = execution.outcome, (world.now - (execution.started or world.now)).total_seconds()
    limit = _limit(execution)
    up = bool(limit) and ran_for >= limit
    code = _TIME_UP if up else outcome.exit_code if outcome.result == "failure" else 0
    killed = outcome.result == "killed" or (outcome.result == "timeOut" and not up)
    left = execution.ran = ran(execution.script, outcome.stdout, code, ended=not killed)
    execution.ended, seen = world.now, _KILLED if killed else left.exit_code
    execution.state = "Failed" if seen else "Succeeded"
    if seen and outcome.result == "timeOut" and not up and guest.os_type == "Windows":
        execution.state = "TimedOut"
    execution.message = (
        f"Execution failed: command terminated with exit status={seen}" if seen else "Execution completed"
    )


def _provisioned(call: Call, place: str, guest: Guest, job: Operation) -> None:
    found = call.world.resources.get(place)
    if found is None:
        return lro.fail(job, call, "OperationPreempted", "The run command was deleted.")
    if place.lower() not in compute_of(call.world).executions:
        found["properties"]["provisioningState"] = "Failed"
        text = f"VM '{guest.name}' has not reported status for VM agent or extensions."
        return lro.fail(job, call, "VMAgentStatusCommunicationError", text)
    found["properties"]["provisioningState"] = "Succeeded"
    return None


def _view(execution: Execution) -> dict[str, Any]:
    view: dict[str, Any] = {"executionState": execution.state}
    if execution.started is None:
        return view
    view |= {"executionMessage": execution.message, "startTime": iso(execution.started)}
    if execution.ended is None or execution.ran is None:
        return {**view, "output": "", "error": "", "exitCode": 0}
    shown = {"output": kept(execution.ran.stdout), "error": kept(execution.outcome.stderr)}
    return {**view, **shown, "exitCode": execution.ran.exit_code, "endTime": iso(execution.ended)}


def _forget(compute: Compute, place: str) -> None:
    execution = compute.executions.pop(place.lower(), None)
    if execution is not None and execution.ends is not None:
        execution.ends.cancel()
