"""A fleet on the local stack: its plan, its world, and one migration of it from submission to its end."""

import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from local.stack.api_client import Door, Picture
from local.stack.migrate import Scene, door_of, register
from local.stack.rehearsal import Rehearsal
from local.stack.scripted_operators import People
from local.stack.stack import Stack, running
from local.world.build import build
from local.world.derive import derive
from local.world.model import Appliance, Release, World
from tests.bench.counting import count_in_log, cpu_seconds

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"
TOKEN = {"authorization": "Bearer local-stack"}
VAULT = {"name": "rsv-ferry", "resourceGroup": "rg-fleet", "create": True}
REPLICATING, CUTTING_OVER, WAVE = 200, 100, 50
AN_APPLIANCE = 200  # machines that one takes; the next ones go through another
AT_ONCE = Release(after="PT0S", by="bench", comment="bench")  # type: ignore[arg-type]  # pydantic reads the text


@dataclass(frozen=True)
class Run:
    """A migration that has ended, while its stack is still up."""

    stack: Stack
    door: Door
    world: World
    plan: dict[str, Any]
    migration: str
    picture: Picture
    wall: float
    accepted_within: float
    host_cpu: float

    def control(self, place: str, /, **filters: str) -> Any:
        """Ask the simulator's control API."""
        return _get(f"{self.stack.places.simulator}/control/{place}", filters)

    def systems_manager(self) -> dict[str, int]:
        """Give how often each operation of Systems Manager was called."""
        return dict(_get(f"{self.stack.places.ssm}/control/calls", {}))

    def arm(self, path: str, version: str = "2025-08-01") -> list[dict[str, Any]]:
        """List something of the vault at the simulator."""
        root = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{VAULT['resourceGroup']}"
        place = (
            f"{self.stack.places.simulator}{root}/providers/Microsoft.RecoveryServices/vaults/{VAULT['name']}/{path}"
        )
        found: list[dict[str, Any]] = []
        url, query = place, {"api-version": version}
        while url:
            page = _get(url, query)
            found += page["value"]
            url, query = page.get("nextLink") or "", {}
        return found


def _get(url: str, query: dict[str, str]) -> Any:
    answer = httpx.get(url, params=query or None, headers=TOKEN, timeout=120, trust_env=False)
    return answer.raise_for_status().json()


AGENT = {"agent": {"config": "s3://agents/{machine}.json"}}


def fleet_plan(count: int) -> dict[str, Any]:
    """Return a plan that needs nobody but at the appliances; waves side by side, every machine by itself."""
    names = [f"m{number:05d}" for number in range(count)]
    waves = [
        {
            "name": f"w{first // WAVE:03d}",
            "gates": {"test": "auto", "cutover": "auto"},
            "cutover": {"mode": "machine"},
            "scripts": {"stopServices": "systemctl stop shop"},  # the proof that nothing is lost is downtime then
            "machines": [
                {"name": name, "source": {"privateIp": _ip(int(name[1:]))}} for name in names[first : first + WAVE]
            ],
            **({"replication": {"appliance": {"name": appliance(first)}, **AGENT}} if first >= AN_APPLIANCE else {}),
        }
        for first in range(0, count, WAVE)
    ]
    return {
        "name": f"fleet-{count}",
        "scenario": "aws-to-azure",
        "replication": AGENT,
        "source": {"aws": {"region": "eu-west-1"}},
        "target": {
            "subscriptionId": SUBSCRIPTION,
            "region": "westeurope",
            "resourceGroup": "rg-fleet",
            "network": {"vnet": "vnet-prod", "subnet": "app", "testVnet": "vnet-test", "testSubnet": "app"},
            "cacheStorageAccount": "stferrycache",
            "vault": VAULT,
        },
        "limits": {"replicating": REPLICATING, "cuttingOver": CUTTING_OVER, "failureTolerance": "100%"},
        "waves": waves,
    }


def appliance(number: int) -> str:
    """Name the appliance that a machine goes through."""
    return f"ferry-appliance{number // AN_APPLIANCE or ''}"


def _ip(number: int) -> str:
    """Give an address in a /16, past the ones that AWS keeps."""
    return f"10.0.{1 + number // 200}.{10 + number % 200}"


@contextmanager
def played(count: int, folder: Path, slower: float = 1.0) -> Iterator[Run]:
    """Migrate a fleet with the skipping clock; the stack stays up for the length of a `with` block.

    `slower`: how many times as long first copies take.
    """
    plan = fleet_plan(count)
    world = roomy(derive(_by_one_appliance(plan)), count)
    count_in_log()
    with running(folder) as stack:
        build(world, stack.world_places)
        _slow_down(stack, slower)
        with closing(door_of(stack)) as door:
            yield _play(stack, door, world, plan)


def _by_one_appliance(plan: dict[str, Any]) -> dict[str, Any]:
    """Give the plan as if all its waves went through the first appliance: a world that is derived has only one."""
    waves = [{name: value for name, value in wave.items() if name != "replication"} for wave in plan["waves"]]
    return {**plan, "waves": waves}


def _slow_down(stack: Stack, times: float) -> None:
    """Have machines copied that many times as slowly."""
    place = f"{stack.places.simulator}/control/durations"
    rates = _get(place, {})["rates"]
    changed = {"rates": {"machine": rates["machine"] / times}}
    httpx.patch(place, json=changed, headers=TOKEN, timeout=60, trust_env=False).raise_for_status()


def roomy(world: World, count: int) -> World:
    """Raise the quotas of the target so far that the whole fleet fits, and have appliances enough beside the first."""
    names = (
        "cores",
        "virtualMachines",
        "standardDSv5Family",
        "standardESv5Family",
        "standardFSv2Family",
        "standardBSFamily",
    )
    rows = [{"name": name, "limit": 100 + 20 * count} for name in names]
    azure = world.azure.model_dump() | {"quotas": rows}
    aws = world.aws.model_dump()
    further = range(AN_APPLIANCE, count, AN_APPLIANCE)
    last = aws["instances"][-1]  # the first appliance
    more = ({**last, "name": appliance(each), "ip": f"10.0.250.{each // AN_APPLIANCE}"} for each in further)
    aws["instances"] = [*aws["instances"], *more]
    return World.model_validate(world.model_dump() | {"azure": azure, "aws": aws})


def _play(stack: Stack, door: Door, world: World, plan: dict[str, Any]) -> Run:
    begun, cpu = time.perf_counter(), cpu_seconds(stack.host.pid)
    migration = door.submit(json.dumps(plan).encode())
    accepted = time.perf_counter() - begun
    people = People(door, (AT_ONCE,), partial(_register, stack, Scene(Path("plan.json"), plan, world)))
    picture = Rehearsal(stack, people).play(migration)
    if picture.migration.outcome != "Succeeded":
        raise RuntimeError(f"the fleet did not arrive: {picture.migration.outcome} {_problems(picture)}")
    wall = time.perf_counter() - begun
    return Run(stack, door, world, plan, migration, picture, wall, accepted, cpu_seconds(stack.host.pid) - cpu)


def _register(stack: Stack, scene: Scene, migration: str, wave: str) -> None:
    """Register the appliance that a wave goes through: the world's first, or the one of the wave's number."""
    name = appliance(int(wave[1:]) * WAVE) if wave else appliance(0)
    aws = scene.world.aws.model_copy(update={"appliance": Appliance(name=name, instance=name)})
    register(stack, replace(scene, world=scene.world.model_copy(update={"aws": aws})), migration, wave)


def _problems(picture: Picture) -> list[str]:
    found = [f"{each.name} {each.state}: {each.problem.detail}" for each in picture.machines if each.problem]
    return ([picture.migration.problem.detail] if picture.migration.problem else []) + found[:5]
