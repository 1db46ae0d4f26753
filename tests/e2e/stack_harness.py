"""A running stack with a world in it, and the plans, people and looks that end-to-end tests need."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx

from local.stack.actor import Actor
from local.stack.api_client import Decision, Door, Picture
from local.stack.environment import CARETAKERS, QUEUES, without
from local.stack.migrate import Scene, lend, register
from local.stack.rehearsal import Rehearsal
from local.stack.scripted_operators import People
from local.stack.stack import NO_SETTINGS, Stack, running
from local.world.build import build
from local.world.model import Release, World
from tests.clouds import SUBSCRIPTION, target

BY = "tester"
UNATTENDED = without(CARETAKERS)  # for roads with days of waiting, in which nothing is lost
NOTHING_QUEUED = without(QUEUES)  # for stacks to whose queues nobody writes: they are not polled
QUICK = 0.1  # of the time that jobs of Site Recovery take: who waits for them looks a few times all the same
MACHINES = tuple(f"m{number}" for number in range(1, 61))  # of which a world has the first few
FEW = 12
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)  # between looks at a migration
TARGET = target(vault={"name": "rsv-ferry", "resourceGroup": "rg-ferry", "create": True})
# What lies beyond: a network of another region, and a plan's words for protecting machines to it.
BEYOND = {
    "name": "vnet-dr",
    "group": "rg-target",
    "cidr": "10.40.0.0/16",
    "subnets": {"app": "10.40.0.0/16"},
    "location": "northeurope",
}
PROTECTED = {
    "region": "northeurope",
    "network": {"vnet": "vnet-dr", "subnet": "app", "resourceGroup": "rg-target"},
    "vault": {"name": "rsv-dr", "create": True},
}


def instance(number: int) -> dict[str, Any]:
    """A small machine, so that its first copy takes minutes."""
    return {
        "name": MACHINES[number],
        "id": f"i-0e2e{number:04d}",
        "ip": f"10.0.2.{20 + number}",
        "image": ("ubuntu-22.04", "windows-2019", "rhel-8")[number % 3],
        "disks": [{"sizeGb": 60, "usedGb": 2}],
        "securityGroups": ["machines"],
        "bootSeconds": 30,
    }


def world(machines: int = FEW) -> World:
    appliance = {"name": "ferry-appliance", "ip": "10.0.2.4", "image": "windows-2022", "type": "m5.2xlarge"}
    space = {"vnet-prod": "10.20.0.0/16", "vnet-test": "10.30.0.0/16"}
    return World.model_validate(
        {
            "aws": {
                "securityGroups": [{"name": "machines"}, {"name": "appliance"}],
                "instances": [
                    *(instance(number) for number in range(machines)),
                    {**appliance, "disks": [80, 620], "securityGroups": ["appliance"]},
                ],
                "appliance": {"name": "ferry-appliance", "instance": "ferry-appliance"},
            },
            "azure": {
                "subscriptionId": SUBSCRIPTION,
                "groups": ["rg-target", "rg-ferry"],
                "networks": [
                    {"name": name, "group": "rg-target", "cidr": cidr, "subnets": {"app": cidr}}
                    for name, cidr in space.items()
                ]
                + [BEYOND],
                "accounts": [{"name": "stcache", "group": "rg-target"}],
            },
        }
    )


def target(vault: str) -> dict[str, Any]:
    """The target by way of a vault of its own, which is not there yet."""
    return {**TARGET, "vault": {**TARGET["vault"], "name": vault}}


def machine(name: str, **more: Any) -> dict[str, Any]:
    """A machine of a plan."""
    return {"name": name, "source": {"privateIp": f"10.0.2.{20 + MACHINES.index(name)}"}, **more}


def wave(name: str, *machines: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    """A wave that needs nobody, unless `gates` says otherwise."""
    listed = [machine(each) if isinstance(each, str) else each for each in machines]
    return {"name": name, "gates": {"test": "auto", "cutover": "auto"}, **more, "machines": listed}


def plan(name: str, *waves: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A plan of these waves."""
    parts = {"name": name, "scenario": "aws-to-azure", "source": {"aws": {"region": "eu-west-1"}}, "target": TARGET}
    if "scenario" not in more:
        parts["replication"] = {"agent": {"config": "s3://agents/{machine}.json"}}
    return {**parts, "limits": {"failureTolerance": "100%"}, **more, "waves": list(waves)}


class Seldom(Rehearsal):
    """Looks at most once a virtual minute, more seldom where nothing changes: looking at each step was a quarter of what a host does."""

    _next: datetime | None = None  # look
    _stop: datetime | None = None  # somebody acts then
    _pause = SHORTEST_PAUSE
    longest = LONGEST_PAUSE
    _before: object = None  # what was seen last

    def forget(self) -> None:
        super().forget()
        self._next = self._stop = None

    def _is_worth_a_look(self, actor: Actor, now: datetime) -> bool:
        """Tell whether it is time to; else no jump passes the moment at which it is."""
        due = min((each for each in (self._next, self._stop) if each is not None), default=now)
        if now < due:
            actor.stop_at(due)
            return False
        return True

    def _look(self, migration: str, now: datetime) -> tuple[Picture, bool]:
        picture, acted = super()._look(migration, now)
        seen = (picture.migration.status, picture.migration.attention, picture.gates, states(picture))
        self._pause = SHORTEST_PAUSE if acted or seen != self._before else min(self._pause * 1.5, self.longest)
        self._before, self._next = seen, now + self._pause
        return picture, acted

    def _next_stop(self, picture: Picture, now: datetime) -> datetime | None:
        self._stop = super()._next_stop(picture, now)
        return self._stop

    def _without_turn(self, actor: Actor, migration: str) -> Picture | None:
        """See only whether it has ended, behind which nobody has a turn: what is half done is not looked at."""
        ended = self._people.door.glance(migration).ended
        return self._look(migration, actor.now())[0] if ended else None


class StackHarness:
    """The stack, its world and its people."""

    def __init__(self, stack: Stack, around: World) -> None:
        self.stack = stack
        self.world = around
        self.ids = build(self.world, stack.world_places)
        self.door = Door(stack.host.url, stack.key, BY)
        self.control = httpx.Client(base_url=f"{stack.places.simulator}/control/", timeout=30, trust_env=False)
        self._plans: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self.door.close()
        self.control.close()
        if "ec2" in vars(self):
            self.ec2.close()

    def start(self, wanted: dict[str, Any]) -> str:
        """Submit a plan; give the migration."""
        return self.knows(self.door.submit(json.dumps(wanted).encode()), wanted)

    def knows(self, migration: str, wanted: dict[str, Any]) -> str:
        """Note the plan of a migration that somebody else started; give the migration."""
        self._plans[migration] = wanted
        return migration

    def all_of(self, name: str) -> list[str]:
        """Give the migrations of a plan."""
        answer = httpx.get(
            f"{self.stack.host.url}/api/migrations", headers={"x-functions-key": self.stack.key}, trust_env=False
        )
        return [each["id"] for each in answer.raise_for_status().json()["value"] if each["plan"] == name]

    def first(self, name: str) -> str:
        """Wait for the first migration of a plan."""
        deadline = time.monotonic() + 60
        while not (found := self.all_of(name)):
            assert time.monotonic() < deadline, f"no migration of {name} came"
            time.sleep(0.1)
        return found[0]

    def play(
        self,
        migration: str,
        *releases: Release,
        until: Callable[[Picture], bool] | None = None,
    ) -> Picture:
        """Let the migration go on to its end, or until something is seen, which may pass within minutes.

        Other gates than those of `releases` are released after ten minutes.
        """
        looks = Seldom(self.stack, self.people(migration, *releases))
        looks.longest = SHORTEST_PAUSE if until else LONGEST_PAUSE
        return looks.play(migration, until or (lambda picture: picture.ended))

    def people(self, migration: str, *releases: Release) -> People:
        """The people who stand at the gates of a migration."""
        scene = Scene(Path("plan.yaml"), self._plans.get(migration, {"target": TARGET}), self.world)
        return People(self.door, releases, partial(register, self.stack, scene), partial(lend, self.stack, scene))

    def fault(self, kind: str, **more: Any) -> str:
        """Order a fault of the simulator; give its id."""
        return str(self.control.post("faults", json={"kind": kind, **more}).raise_for_status().json()["id"])

    def jobs_take(self, factor: float, **seconds: float) -> None:
        """Let all that takes its time in Azure take so much of it, and some steps so many seconds (of which this is taken, too)."""
        self.control.patch("durations", json={"factor": factor, "seconds": seconds}).raise_for_status()

    def mend(self, fault: str) -> None:
        """Take a fault of the simulator away."""
        self.control.delete(f"faults/{fault}").raise_for_status()

    def hits(self) -> dict[str, int]:
        """Give how often each fault was met, by id."""
        listed = self.control.get("faults").raise_for_status().json()["faults"]
        return {each["id"]: each["hits"] for each in listed}

    def scripts_end(self, name: str, *outcomes: dict[str, Any]) -> None:
        """Say how scripts end that Systems Manager runs on a source machine; those that match none end well."""
        url = f"{self.stack.places.ssm}/control/instances/{self.ids[name]}/outcomes"
        httpx.put(url, json=list(outcomes), timeout=30, trust_env=False).raise_for_status()

    def commands(self, name: str) -> list[str]:
        """Give the scripts that Systems Manager was given for a source machine."""
        sent = httpx.get(f"{self.stack.places.ssm}/control/commands", timeout=30, trust_env=False).json()
        return ["\n".join(each["Parameters"]["commands"]) for each in sent if self.ids[name] in each["InstanceIds"]]

    def checks_end(self, *outcomes: dict[str, Any]) -> None:
        """Say how run commands end in virtual machines of Azure; without any all end well."""
        self.control.delete("outcomes").raise_for_status()
        self.control.post("outcomes", json=list(outcomes)).raise_for_status()

    def log(self, **filters: str) -> list[dict[str, Any]]:
        """Read the simulator's request log."""
        answer = self.control.get("log", params={"limit": "10000", **filters})
        return list(answer.raise_for_status().json()["entries"])

    def taken(self, operation: str, *names: str, unless: str = "") -> list[int]:
        """Count how often an operation was taken for items or plans of these names; `unless` = a method that does not count."""
        accepted = [
            each for each in self.log(operation=operation) if each["status"] == 202 and each["method"] != unless
        ]
        return [sum(name.lower() in each["path"].lower().split("/") for each in accepted) for name in names]

    def done(self, word: str) -> Counter[str]:
        """Count what requests did to things with a word in their path, by operation, be their answers lost or not."""
        requests = [each for each in self.log() if word in each["path"].lower() and each["method"] != "GET"]
        return Counter(
            each["operation"] for each in requests if each["effect"] and not each["effect"].startswith("refused")
        )

    @cached_property
    def ec2(self) -> Any:
        """EC2 as a person sees it."""
        import boto3  # noqa: PLC0415 - takes a while to load

        keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
        return boto3.client("ec2", endpoint_url=self.stack.places.aws, region_name="eu-west-1", **keys)

    def power(self, *names: str) -> dict[str, str]:
        """Give the states of EC2 instances by name."""
        found = self.ec2.describe_instances(InstanceIds=[self.ids[name] for name in names])["Reservations"]
        states = {each["InstanceId"]: each["State"]["Name"] for group in found for each in group["Instances"]}
        return {name: states[self.ids[name]] for name in names}

    def guard(self, name: str, **protections: bool) -> None:
        """Protect a source machine in EC2, e.g. `DisableApiStop=True`, or no more."""
        for attribute, wanted in protections.items():
            self.ec2.modify_instance_attribute(InstanceId=self.ids[name], **{attribute: {"Value": wanted}})

    def what(self, migration: str, name: str | None = None) -> list[str]:
        """Give what happened, by short ids; to one machine where it is named."""
        events = self.door.events(migration)
        return [each["what"] for each in events if name is None or each.get("machine") == name]


@contextmanager
def field_in(
    folder: Path,
    around: World | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    storage: str = "",
    host_options: Sequence[str] = (),
) -> Iterator[StackHarness]:
    """Run a stack with a world in it: the usual one unless another is given; with an Azurite, unless storage is given."""
    options = ["--early-timers", *host_options]
    with running(folder, host_options=options, settings=settings, storage=storage) as stack:
        made = StackHarness(stack, around or world())
        try:
            yield made
        finally:
            made.close()


def states(picture: Picture) -> dict[str, str]:
    """Give the machines' states by name."""
    return {each.name: each.state for each in picture.machines}


def waits_at(gate: str) -> Callable[[Picture], bool]:
    """Tell whether somebody waits at a gate."""
    return lambda picture: any(each.name == gate for each in picture.gates)


def nobody(gate: str = "", wave_name: str = "") -> Release:
    """Leave a gate to the test."""
    return Release(gate=gate, wave=wave_name, decision="nobody")


__all__ = [
    "UNATTENDED",
    "Decision",
    "Release",
    "StackHarness",
    "field_in",
    "machine",
    "nobody",
    "plan",
    "states",
    "target",
    "waits_at",
    "wave",
]
