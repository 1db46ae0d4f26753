"""Register appliance: found or launched, its registration waited for, its components looked at one by one."""

from collections.abc import Callable

from activities.gate_texts import text
from activities.interrupting import strike
from activities.open_security_groups import open_for
from activities.replication_server import ailing, find_server, is_healthy
from activities.server_gates import REGISTER as GATE
from activities.server_gates import go_on, hold
from activities.server_location import ServerAt, located
from activities.waking import arm, disarm, gate_watch
from shared import gates, ids, plans
from shared.concerns.registry import Concern
from shared.contracts import LAUNCH_APPLIANCE, LOOK_APPLIANCE, READ_PREPARATION
from shared.durable import Blueprint, serves
from shared.gates import Gate
from shared.ledger import events, migrations
from shared.models import Done, Place
from shared.requests import ApplianceSeen, Look, PreparedFor
from shared.site_recovery.fabrics import Appliance
from shared.sources.aws.appliance import RELEASES, Launching, launch_appliance
from shared.sources.aws.appliance_group import ensure_group
from shared.sources.aws.side import place_of
from shared.steering import door
from shared.waits import WaitKind

bp = Blueprint()

A_MINUTE = 60
SETTLED_HERE = ("appliance-not-registered",)


@serves(bp, READ_PREPARATION)
def read_preparation(place: Place) -> PreparedFor:
    """Give what the plan says of the appliance."""
    wanted = plans.plan_at(place).replication.appliance
    return PreparedFor(launch=wanted.launch, registration_timeout=int(wanted.registration_timeout.total_seconds()))


@serves(bp, LAUNCH_APPLIANCE)
def launch(place: Place) -> Done:
    """Launch the appliance in the plan's subnet, once, and open its ports for the machines."""
    plan = plans.plan_at(place)
    wanted = plan.replication.appliance
    server = located(plan)
    if server is None:
        asked = Launching(
            name=wanted.name,
            subnet=wanted.subnet_id,
            groups=(ensure_group(place_of(plan), wanted.name, wanted.subnet_id, place.migration),),
            token=ids.client_token(place.key, "appliance"),
            migration=place.migration,
            image_id=wanted.image_id,
            releases=RELEASES[plan.replication.mode],
            instance_type=wanted.instance_type,
        )
        instance = launch_appliance(place_of(plan), asked)
        events.write(place, "appliance-launched", f"the appliance {wanted.name} was launched as {instance.id}")
        server = ServerAt(name=wanted.name, instance=instance, addresses=(instance.private_ip,))
    open_for(place, plan, server)
    return Done()


@serves(bp, LOOK_APPLIANCE)
def look_appliance(look: Look) -> ApplianceSeen:
    """Look at the appliance; with the gate's tag it waits for the registration, else it tells the health."""
    strike(look)
    plan = plans.plan_at(look)
    found = find_server(plan)
    if look.tag == GATE:
        return _registration(look, found)
    if is_healthy(found):
        migrations.change(look, waiting_for="", release="", concerns=_settled_by(plan.server))
        events.write(look, "appliance-healthy", f"{plan.server} is healthy")
        return ApplianceSeen(settled=True, registered=True, healthy=True)
    advice = _advice(found)
    if found is not None:
        migrations.change(look, waiting_for=f"the appliance to become healthy: {advice}", release="")
    return ApplianceSeen(registered=found is not None, advice=advice, patience=A_MINUTE)


def _settled_by(server: str) -> Callable[[tuple[Concern, ...]], tuple[Concern, ...]]:
    """Drop what assessment said of a server that is registered and healthy now."""

    def left(found: tuple[Concern, ...]) -> tuple[Concern, ...]:
        return tuple(one for one in found if one.id not in SETTLED_HERE or not one.evidence.startswith(server))

    return left


def _registration(look: Look, found: Appliance | None) -> ApplianceSeen:
    """Settle when the appliance is seen, or when a person confirmed that it was registered."""
    arm(look, WaitKind.GATE, gate_watch(look.migration), subject=GATE, text="the appliance's registration")
    said, release = text(look, GATE)
    if found is None:
        gate = gates.open_gate(
            Gate(
                migration=look.migration,
                wave=look.wave,
                name=GATE,
                round=look.round,
                text=said,
                release=release,
                since=look.since,
            )
        )
        decision = gate.decided()
        if decision is None:
            hold(look, said, release)
            return ApplianceSeen(patience=A_MINUTE)
        door.retell(look.migration, gate, decision)
    disarm(look, WaitKind.GATE, gate_watch(look.migration))
    events.write(
        look, "appliance-registered", "the appliance was registered" if found else "registration was confirmed"
    )
    go_on(look, GATE)
    migrations.change(look, waiting_for="the appliance to show up with all its components", release="")
    return ApplianceSeen(settled=True, registered=found is not None, confirmed=found is None)


def _advice(found: Appliance | None) -> str:
    """Say what is missing or not well."""
    return ailing(found) if found else "it does not show in the vault yet; this takes up to 15 minutes"
