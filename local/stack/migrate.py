"""`migrate`: a whole migration on a fresh stack, from an empty machine to the table of what came of it."""

import json
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from cli.problem import of, text
from cli.profiles_beside import ProfilesBeside
from shared.plan.documents import read_document
from shared.plan.profiles import TargetProfiles
from shared.plan.reader import read_plan
from shared.plan.underlaying import underlaid
from shared.problems import Problem

from ..world.build import build, world_for
from ..world.hyperv import register_hosts, switch
from ..world.model import World
from ..world.premises import lend_a_hand, register_server
from ..world.seeding import hand_agent_file, register_appliance
from .actor import stand_still
from .api_client import Door, Picture
from .folder import new_folder
from .part import StackError
from .progress import shown
from .rehearsal import Rehearsal
from .scripted_operators import People
from .stack import Stack, running
from .summary import save_reports, tell

BY = "local-stack"
ON_PREMISES = ("vmware-to-azure", "physical-to-azure")


@dataclass(frozen=True)
class Scene:
    """A plan as it is on disk, and the world that it finds."""

    plan_path: Path
    plan: dict[str, Any]
    world: World
    body: bytes = b""


def read_scene(plan_path: Path, profiles: TargetProfiles | None = None) -> Scene:
    """Read a plan and the world beside it, or the one derived from it; what a profile gives stands in the plan then.

    Raises StackError with every fault in plain words, before anything is started.
    """
    known = profiles or ProfilesBeside(plan_path)
    try:
        body = plan_path.read_bytes()
        read_plan(body, "", profiles=known)
        plan = underlaid(read_document(body, ""), known).document
    except OSError as missing:
        raise StackError(f"{plan_path} cannot be read: {missing.strerror}") from None
    except Problem as wrong:
        raise StackError(f"{plan_path} is no plan that can be played\n{text(of(wrong))}") from None
    if plan.pop("profile", None):
        body = json.dumps(plan).encode()
    return Scene(plan_path, plan, world_for(plan_path, plan), body)


def migrate(plan_path: Path, clock: str, console: Console) -> int:
    """Play the migration of a plan; give the exit code: 0 only when it succeeded."""
    scene = read_scene(plan_path)
    folder = new_folder()
    console.print(Text(f"Logs and reports: {folder}"), soft_wrap=True)
    with running(folder, clock) as stack:
        stand_still(stack.places.clock)
        build(scene.world, stack.world_places)
        with closing(door_of(stack)) as door:
            picture, reports = _play(stack, door, scene, console)
    return tell(console, picture, reports)


def _play(stack: Stack, door: Door, scene: Scene, console: Console) -> tuple[Picture, list[Path]]:
    """Submit the plan, play it to its end, save its report."""
    migration = door.submit(scene.body)
    with shown(console) as show:
        people = People(door, scene.world.gates, partial(register, stack, scene), partial(lend, stack, scene))
        picture = Rehearsal(stack, people, show).play(migration)
    return picture, save_reports(door, migration, stack.folder)


def door_of(stack: Stack, by: str = BY) -> Door:
    """Give the app's API."""
    return Door(stack.host.url, stack.key, by)


def register(stack: Stack, scene: Scene, migration: str, wave: str = "") -> None:
    """Do what the gate asks for: register what a wave's machines replicate through with the vault."""
    target = _of_road(scene.plan, wave, "target")
    vault = target["vault"]
    group = vault.get("resourceGroup") or target["resourceGroup"]
    root = f"/subscriptions/{target['subscriptionId']}/resourceGroups/{group}"
    place = f"{root}/providers/Microsoft.RecoveryServices/vaults/{vault['name']}"
    scenario, server = _of_road(scene.plan, wave, "scenario") or "aws-to-azure", scene.world.premises.server
    if scenario in ON_PREMISES and server is not None:
        key = _key(stack, migration, wave, server.kind)
        register_server(stack.places.simulator, server, place, key)
    elif scenario == "hyperv-to-azure":
        register_hosts(stack.places.simulator, scene.world.hyperv, place)
    else:
        kind = scene.world.aws.appliance.kind if scene.world.aws.appliance else ""
        register_appliance(stack.places.simulator, scene.world, place, _key(stack, migration, wave, kind))


def lend(stack: Stack, scene: Scene, gate: str, machine: str) -> None:
    """Do at a machine what its gate asks for."""
    entries = [
        each for wave in scene.plan.get("waves") or () for each in wave["machines"] if each.get("name") == machine
    ]
    known = {machine, *(str(each["source"].get(by)) for each in entries for by in ("name", "privateIp"))}
    lend_a_hand(stack.places.simulator, scene.world.premises, gate, known)
    switch(stack.places.simulator, scene.world.hyperv, gate, known)
    if gate == "configure-agent":
        hand_agent_file(stack.places.ssm, known)


def _of_road(plan: dict[str, Any], wave: str, field: str) -> Any:
    """Give what a wave with a road of its own says, else what the plan says."""
    own = next((each.get(field) for each in plan.get("waves") or () if each["name"] == wave), None)
    return own or plan.get(field)


def _key(stack: Stack, migration: str, wave: str, kind: str) -> str:
    """Give the key that a configuration server registers with; an appliance's is made in the portal, which is not here."""
    if kind != "configurationServer":
        return ""
    with closing(door_of(stack)) as door:
        return door.registration_key(migration, wave)
