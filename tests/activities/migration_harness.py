"""A migration in the stand-ins, walked to any place of its itinerary by the real orchestrators in virtual time.

    ferry.begin("web1", "db1")             # the plan is taken in, its world is built, the appliance registers
    ferry.prepare()                        # the plan's own phases: assess ... set_replication_policy
    ferry.walk("web1", until="fail_over")  # the machine's phases before fail_over
    ferry.walk("web1")                     # ... and all the rest

Bodies are called as the worker calls them (JSON in and out). No watcher runs: waits end by their patience, which costs
nothing. The simulator's clock is the only clock: `ferry.cloud.now()`, `ferry.cloud.later(seconds)`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import import_module
from typing import Any

import boto3
import httpx

from local.world.build import Places, build
from local.world.derive import derive
from local.world.hyperv import register_hosts
from local.world.model import World
from local.world.seeding import register_appliance
from shared.azure.arm_id import parse
from shared.contracts import contracts
from shared.contracts.requests import PhaseExit, Poll, SomeScope, where
from shared.contracts.rounds import Round
from shared.decisions.people import played
from shared.durable import fan_out
from shared.durable.seam import Activity, read
from shared.ids import instance_id, root_of
from shared.intake.register import take_in
from shared.itinerary import CUTTING_OVER, ITINERARY, LANDING, PLAN_STEPS, PREPARING, is_before
from shared.ledger import machines
from shared.ledger.expanded_plans import save_expanded
from shared.ledger.machine_row import MachineRow
from shared.models import Request, Scope
from shared.plan.model import Plan
from shared.problems import Busy
from shared.roads.registry import road_of
from shared.roads.table import row_of
from shared.roads.target_names import network_id
from shared.site_recovery.items import Item
from shared.states import MachineState
from tests.activities.setup_snapshots import retraced
from tests.clouds import VAULT, Cloud, group_id, target
from tests.ledger_rows import put
from tests.orchestrators.happy_path import bodies
from tests.play import Stage
from tests.served import functions

REGION = "eu-west-1"
WAVE = "first"
MACHINE_STEPS = (*PREPARING, *(phase for phase in CUTTING_OVER if phase != "await_window"), *LANDING)
MENU = [*vars(contracts).values(), *vars(fan_out).values()]
ACTIVITIES = {each.name: each for each in MENU if isinstance(each, Activity)}


def plan_of(*names: str, name: str = "acme", **changes: Any) -> dict[str, Any]:
    """A plan of one wave with these machines at 10.0.2.21 and up, and no gate; `changes` replace whole parts of it."""
    listed = [
        {"name": machine, "source": {"privateIp": f"10.0.2.{21 + number}"}} for number, machine in enumerate(names)
    ]
    wave = {"name": WAVE, "gates": {"test": "auto", "cutover": "auto"}, "cutover": {"mode": "machine"}}
    plan = {
        "name": name,
        "replication": {"agent": {"config": "s3://agents/{machine}.json"}},
        "source": {"aws": {"region": REGION, "vpcId": "vpc-0abc1234"}},
        "target": target(
            cacheResourceGroup=VAULT.resource_group,
            vault={"name": VAULT.name, "resourceGroup": VAULT.resource_group, "create": True},
        ),
        "waves": [wave | {"machines": listed}],
    }
    if "scenario" in changes:
        del plan["replication"]  # on other roads no machine fetches a file for its agent
    return plan | changes


@dataclass
class FakeClient:
    """The durable client as activities use it: remembers what was asked."""

    started: list[tuple[str, str, Any]] = field(default_factory=list)
    raised: list[tuple[str, str]] = field(default_factory=list)

    async def start_new(self, name: str, instance_id: str, client_input: Any) -> str:
        self.started.append((name, instance_id, client_input))
        return instance_id

    async def get_status(self, instance_id: str) -> Any:
        return None

    async def raise_event(self, instance_id: str, event_name: str, event_data: Any) -> None:
        self.raised.append((instance_id, event_name))


@lru_cache(maxsize=1)
def ec2_at(url: str) -> Any:
    """The tests' own client of EC2: making one takes a tenth of a second."""
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    return boto3.client("ec2", endpoint_url=url, region_name=REGION, **keys)


def _served() -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
    """Every activity without a client as the worker calls it, by name."""
    return {each.get_function_name(): each.get_user_function() for each in functions()}


@dataclass
class MigrationHarness:
    """All stand-ins, and a migration in them."""

    cloud: Cloud
    places: Places
    client: FakeClient = field(default_factory=FakeClient)
    migration: str = ""
    plan: Plan | None = None
    world: World | None = None
    instances: dict[str, str] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)  # by machine, where they were not walked to: see in_step.py
    wave: str = WAVE
    round: int = 1

    # --- the world ---------------------------------------------------------------------------------------------------

    def begin(self, *names: str, plan: dict[str, Any] | None = None) -> None:
        """Build the world of a plan (one of these machines, unless a whole plan is given) and take the plan in."""
        document = plan or plan_of(*names)
        self.build(document)
        self.take_in(document)

    @retraced
    def build(self, plan: dict[str, Any]) -> None:
        """Make the world that a plan describes; its appliance is not registered yet."""
        self.world = derive(plan)
        self.instances = dict(build(self.world, self.places))

    @retraced
    def register(self) -> None:
        """Register appliance or hosts with the vault, which must be there; they are healthy 15 minutes later."""
        assert self.world
        if self.world.aws.appliance:
            register_appliance(self.places.simulator, self.world, VAULT.id)
        register_hosts(self.places.simulator, self.world.hyperv, VAULT.id)

    @retraced
    def take_in(self, plan: dict[str, Any]) -> None:
        """Take a plan in and begin its first round."""
        self.plan = Plan.model_validate(plan)
        self.wave = self.plan.waves[0].name
        self.migration = take_in(self.plan, played("ann@example.com"), self.cloud.now()).migration
        self.ask("begin_round", self.place(kind=Round))

    @retraced
    def enlist(self, **more: Any) -> None:
        """Write the rows of the plan's machines as assessment does, without any cloud."""
        assert self.plan
        save_expanded(self.migration, self.plan)
        now = self.cloud.now()
        machines.create_many(
            MachineRow(
                migration=self.migration,
                name=entry.name,
                wave=wave.name,
                application=entry.application,
                boot_group=entry.boot_group,
                source_id=f"i-{entry.name}",
                since=now,
                stamp=now,
                **more,
            )
            for wave, entry in self.plan.entries()
        )

    def stands(self, machine: str, **changes: Any) -> MachineRow:
        """Put changes into a machine's row, as some activity did before."""
        return put(self.place(machine), **changes)

    def comes_to(self, machine: str, phase: str) -> None:
        """Let a machine that went nowhere yet stand where its walk comes to a phase."""
        if self.row(machine).state == MachineState.NOT_READY:
            before = [step for step in ITINERARY if is_before(step.phase, phase)][-1]
            self.stands(machine, state=before.state_after or before.state)

    def effects(self, operation: str) -> list[str]:
        """What requests of a role action (a glob) did in Azure, whether or not the answer arrived."""
        done = [entry["effect"] for entry in self.cloud.log(operation)]
        return [effect for effect in done if effect and not effect.startswith("refused")]

    @retraced
    def furnish_target(self) -> None:
        """Put what the plan's machines go to: groups, networks, the cache account."""
        assert self.plan
        for group in {self.plan.target.resource_group, parse(road_of(self.plan).cache_account(self.plan)).group}:
            self.cloud.put(group_id(group))
        for vnet in filter(None, (network_id(self.plan, test=test) for test in (False, True))):
            subnet = {"name": "app", "properties": {"addressPrefix": "10.9.1.0/24"}}
            space = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": [subnet]}
            self.cloud.put(vnet, properties=space)
            self.cloud.ask("POST", "resources", {"id": f"{vnet}/subnets/app", "properties": subnet["properties"]})
        self.cloud.put(
            road_of(self.plan).cache_account(self.plan), kind="StorageV2", sku={"name": "Standard_LRS"}, properties={}
        )

    def gone(self, arm_id: str) -> None:
        """Take something out of Azure."""
        self.cloud.ask("DELETE", f"resources?id={arm_id}")

    def unprotect(self, machine: str) -> None:
        """Remove a machine's replication as somebody does in the portal; a minute later it is gone."""
        path = f"{self.row(machine).item_id}?api-version=2025-08-01"
        self.cloud.control.delete(path, headers={"Authorization": "Bearer x"}).raise_for_status()
        self.cloud.later(60)

    def ec2(self) -> Any:
        """EC2 as a person sees it; one client a session, nobody closes it."""
        return ec2_at(self.places.aws)

    def ssm(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Tell the SSM stand-in's control API."""
        return httpx.request(method, f"{self.places.ssm}/control/{path}", json=body).raise_for_status()

    def commands(self, *, looks: bool = False) -> list[dict[str, Any]]:
        """Every command that was sent through SSM; those of the assessment, which only look, where asked."""
        sent = self.ssm("GET", "commands").json()
        return [
            each for each in sent if looks or not each["Comment"].startswith(("azferry:inspect-", "azferry:reach-"))
        ]

    # --- requests ----------------------------------------------------------------------------------------------------

    def place(self, machine: str = "", phase: str = "", kind: type[SomeScope] = Scope, **more: Any) -> SomeScope:  # type: ignore[assignment]  # the default is the plain kind
        """A request at a place of this migration, now; machines are in its first wave unless `wave` says otherwise."""
        wave = more.pop("wave", self.wave if machine else "")
        values = {"now": self.cloud.now(), "wave": wave, "round": self.round} | more
        return kind(migration=self.migration, machine=machine, phase=phase, **values)

    def look(self, machine: str = "", phase: str = "", turn: int = 1, kind: type[Any] = Poll, **more: Any) -> Any:
        """A look that somebody waits with: instance and event as an orchestrator gives them, since now."""
        place = self.place(machine, phase)
        waiting = {"instance": instance_id(place), "event": f"look:{turn}", "since": place.now}
        return kind(**{**where(place), **waiting, **more})

    def ask(self, activity: str, request: Request) -> Any:
        """Call an activity as the worker does; gives its reply, raises its refusal or its `Busy`."""
        contract = ACTIVITIES[activity]
        wire = request.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return self._answer(contract)(wire)

    def row(self, machine: str) -> MachineRow:
        """The ledger's row of a machine."""
        found = machines.get(self.migration, machine)
        assert found
        return found

    # --- the road ----------------------------------------------------------------------------------------------------

    def prepare(self, until: str = "") -> None:
        """Walk the plan's own phases, all of them or those before `until`; the appliance is registered and healthy."""
        for phase in self._walked(PLAN_STEPS[: PLAN_STEPS.index(until) if until else None]):
            self._prepare(phase)

    @retraced
    def _prepare(self, phase: str) -> None:
        if phase == "register_appliance":
            self.register()
            self.cloud.later(900)
        here = self.place(phase=phase)
        self.ask("enter", Poll(**where(here), owner=root_of(self.migration, 1)))
        self.play(phase, here)

    def walk(self, *names: str, until: str = "") -> None:
        """Walk machines one after the other from where they stand, to the end or to just before `until`."""
        for name in names:
            row = self.row(name)
            begun = MACHINE_STEPS.index(row.phase) + 1 if row.phase in MACHINE_STEPS else 0
            for phase in self._walked(MACHINE_STEPS[begun : MACHINE_STEPS.index(until) if until else None]):
                self.step(name, phase)

    def _walked(self, phases: tuple[str, ...]) -> list[str]:
        """Leave out what the plan's road does not walk."""
        found = row_of(self.plan.scenario, self.plan.replication.mode) if self.plan else None
        return [phase for phase in phases if found is None or phase in found.phases]

    @retraced
    def step(self, machine: str, phase: str) -> None:
        """Walk one phase of a machine, and let go of it."""
        here = self.place(machine, phase)
        owner = f"walk-{machine}"
        self.ask("enter", Poll(**where(here), owner=owner))
        self.play(phase, here)
        self.ask("leave", PhaseExit(**where(here.replace(now=self.cloud.now())), owner=owner))

    def play(
        self, orchestrator: str, request: Request, instance: str = "", **instead: Callable[[dict[str, Any]], Any]
    ) -> Any:
        """Play a real orchestrator on the real activities (but those given); virtual time moves as far as it waits."""
        known = bodies()
        acts = {name: self._acting(contract) for name, contract in ACTIVITIES.items()}
        stage = Stage(children=known, **(acts | instead))
        stage.now = self.cloud.now()
        acting["stage"] = stage
        name = instance or (instance_id(request) if isinstance(request, Scope) else "root")
        return stage.play(known[orchestrator][1], request, name)

    def acting(self, name: str) -> Callable[[dict[str, Any]], Any]:
        """The activity of a name as a stage calls it, for a test that does something beside it."""
        return self._acting(ACTIVITIES[name])

    def _acting(self, contract: Activity[Any, Any]) -> Callable[[dict[str, Any]], Any]:
        answer = self._answer(contract)

        def act(wire: dict[str, Any]) -> Any:
            self._come_to(acting["stage"].now)
            return answer(wire)

        return act

    def _come_to(self, moment: datetime) -> None:
        if moment > self.cloud.now():
            self.cloud.ask("POST", "clock", {"to": moment.isoformat()})

    def _answer(self, contract: Activity[Any, Any]) -> Callable[[dict[str, Any]], Any]:
        def answer(wire: dict[str, Any]) -> Any:
            if contract.name in WITH_CLIENT:
                body = getattr(import_module(f"activities.{WITH_CLIENT[contract.name]}"), BODY[contract.name])
                return asyncio.run(body(self.client, contract.takes.model_validate(wire)))
            reply = SERVED[contract.name](wire)
            if "later" in reply:
                raise Busy(reply["later"]["detail"], timedelta(seconds=reply["later"]["after"]))
            return read(contract.gives, reply)

        return answer


WITH_CLIENT = {
    "announce": "flow.vault_watcher",
    "start_watch": "flow.vault_watcher",
    "begin_roll_back": "flow.ownership",
}
BODY = {"announce": "announce_all", "start_watch": "start_watch", "begin_roll_back": "begin_roll_back"}
SERVED = _served()
acting: dict[str, Stage] = {}
