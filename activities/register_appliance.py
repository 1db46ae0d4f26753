"""Register appliance: found or launched, its registration waited for, its components looked at one by one."""

from collections.abc import Callable

from activities.facts.server_location import ServerAt, located
from activities.facts.server_rules import open_for
from activities.flow.interruption import raise_if_stopped
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.gates.announcement import announce
from activities.gates.appliance_gates import REGISTER as GATE
from activities.gates.appliance_gates import go_on, hold
from activities.gates.texts import text
from shared import ids
from shared.concerns.registry import Concern
from shared.contracts.contracts import LAUNCH_APPLIANCE, POLL_APPLIANCE, READ_PREPARATION
from shared.contracts.requests import Poll
from shared.contracts.sources import AppliancePollResult, Preparation
from shared.coordination import gates
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, migrations, plans
from shared.models import Done, Scope
from shared.roads.registry import road_of
from shared.scheduling.patience import A_MINUTE
from shared.site_recovery.fabrics import RegisteredAppliance
from shared.sources.aws.appliance import Launching, launch_appliance
from shared.sources.aws.appliance_group import ensure_group
from shared.sources.aws.place import place_of

bp = Blueprint()

SETTLED_HERE = ("appliance-not-registered",)


@serves(bp, READ_PREPARATION)
def read_preparation(scope: Scope) -> Preparation:
    """Give what the plan says of the appliance."""
    wanted = plans.plan_at(scope).replication.appliance
    return Preparation(launch=wanted.launch, registration_timeout=int(wanted.registration_timeout.total_seconds()))


@serves(bp, LAUNCH_APPLIANCE)
def launch(scope: Scope) -> Done:
    """Launch the appliance in the plan's subnet, once, and open its ports for the machines."""
    plan = plans.plan_at(scope)
    wanted = plan.replication.appliance
    server = located(plan)
    if server is None:
        launching = Launching(
            name=wanted.name,
            subnet=wanted.subnet_id,
            groups=(ensure_group(place_of(plan), wanted.name, wanted.subnet_id, scope.migration),),
            token=ids.client_token(scope.key, "appliance"),
            migration=scope.migration,
            image_id=wanted.image_id,
            releases=road_of(plan).server_releases,
            instance_type=wanted.instance_type,
        )
        # said before, for whoever finds it launched says nothing of it; and again, when its id is known
        events.write(scope, "appliance-launched", f"the appliance {wanted.name} is being launched")
        instance = launch_appliance(place_of(plan), launching)
        events.write(scope, "appliance-launched", f"the appliance {wanted.name} was launched as {instance.id}")
        server = ServerAt(name=wanted.name, instance=instance, addresses=(instance.private_ip,))
    open_for(scope, plan, server)
    return Done()


@serves(bp, POLL_APPLIANCE)
def poll_appliance(poll: Poll) -> AppliancePollResult:
    """Look at the appliance; with the gate's tag it waits for the registration, else it tells the health."""
    raise_if_stopped(poll)
    plan = plans.plan_at(poll)
    found = road_of(plan).find_server(plan)
    if poll.tag == GATE:
        return _registration(poll, found)
    if found is not None and found.is_healthy:
        migrations.change(poll, waiting_for="", release="", concerns=_settled_by(plan.server))
        events.write(poll, "appliance-healthy", f"{plan.server} is healthy")
        return AppliancePollResult(settled=True, registered=True, healthy=True)
    advice = _advice(found)
    if found is not None:
        migrations.change(poll, waiting_for=f"the appliance to become healthy: {advice}", release="")
    return AppliancePollResult(registered=found is not None, advice=advice, patience=A_MINUTE)


def _settled_by(server: str) -> Callable[[tuple[Concern, ...]], tuple[Concern, ...]]:
    """Drop what assessment said of a server that is registered and healthy now."""

    def left(found: tuple[Concern, ...]) -> tuple[Concern, ...]:
        return tuple(each for each in found if each.id not in SETTLED_HERE or each.subject != server)

    return left


def _registration(poll: Poll, found: RegisteredAppliance | None) -> AppliancePollResult:
    """Settle when the appliance is seen, or when a person confirmed that it was registered."""
    arm(poll, WaitKind.GATE, gate_watch(poll.migration), subject=GATE, text="the appliance's registration")
    sentence, release = text(poll, GATE)
    if found is None:
        gate = gates.open_gate(
            GateRow(
                migration=poll.migration,
                wave=poll.wave,
                name=GATE,
                round=poll.round,
                text=sentence,
                release=release,
                since=poll.since,
            )
        )
        decision = announce(poll, gate).decided()
        if decision is None:
            hold(poll, sentence, release)
            return AppliancePollResult(patience=A_MINUTE)
        door.tell(poll.migration, decision)
    disarm(poll, WaitKind.GATE, gate_watch(poll.migration))
    events.write(
        poll, "appliance-registered", "the appliance was registered" if found else "registration was confirmed"
    )
    go_on(poll, GATE)
    migrations.change(poll, waiting_for="the appliance to show up with all its components", release="")
    return AppliancePollResult(settled=True, registered=found is not None, confirmed=found is None)


def _advice(found: RegisteredAppliance | None) -> str:
    """Say what is missing or not well."""
    return found.ailments if found else "it does not show in the vault yet; this takes up to 15 minutes"
