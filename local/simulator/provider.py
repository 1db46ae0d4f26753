"""The seam for a resource provider: its routes, its state, its control calls.

A provider is a module (or package) under `local/simulator/` that makes one `Provider` and is listed in
`providers.py`. What it can rely on:

- **Routes** (`arm.Route`): templates match in any case; handlers are plain functions `(Call) -> Reply` that raise
  `errors.ArmError` (see `not_found`, `bad_request`, `conflict`) and run one after another, each an atomic step. The
  core does authentication, api-version, throttling, request ids, faults and the log. `Reply.effect` is logged.
- **State**: stored documents live in `call.world.resources` (`put`, `get`, `delete`, `under`; delete through
  `world.delete_resource(id)` so that others hear of it). State of your own lives in `world.services["name"]`, made in
  `setup(world)`, which runs for a new world and again after a reset. Nothing may live at module level.
- **Time**: `call.now` / `world.now` is virtual. Plan the future with `world.timeline.after(seconds, function)`; events
  are lived in order before each request and after each jump of the clock; inside one, `world.now` is its moment.
  Durations come from `world.durations.of("name")` (defaults in `durations.py`).
- **Long operations**: `op = operations_of(world).start(world.new_guid(), call.now, result)`, later
  `op.finish("Succeeded", world.now)`, and reply `accepted(call, op.id, resource_path, status_path)`. Serve the two URLs
  with `result_reply(call, op)` and `status_reply(call, op)` (operations.py). Many ARM providers answer a PUT with 201/200
  and a body whose `properties.provisioningState` moves: then simply keep the document and change it by an event.
- **VMs**: the compute provider puts its own `vms.VmMaker` into `world.vms` in `setup`; Site Recovery calls it.
- **Machines**: `world.machines` holds source machines by lower-case name; append to `world.machine_watchers` to hear of
  new or changed ones (OffAzure sites do).
- **Control**: `ControlRoute("POST", "/control/x/{name}", handler)` with `(ControlCall) -> JSON`.
- **Closing**: append async functions to `world.closers` (listeners); they run when the simulator stops or is reset.
  Handlers, events and closers all run on the simulator's loop.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .arm import Route
from .world import World


@dataclass(frozen=True)
class ControlCall:
    """A call of the control API; `body` is JSON (None when empty)."""

    world: World
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class ControlRoute:
    """One call of the control API; a ValueError (pydantic's too) becomes a 400, a KeyError a 404."""

    method: str
    path: str
    handler: Callable[[ControlCall], Any]


def _no_setup(_: World) -> None:
    return


@dataclass(frozen=True)
class Provider:
    """What a provider module registers."""

    name: str
    routes: tuple[Route, ...] = ()
    control: tuple[ControlRoute, ...] = ()
    setup: Callable[[World], None] = field(default=_no_setup)
