"""Quiesce: nothing changed since the assessment, the copy keeps up, and a newer recovery point proves it."""

from datetime import timedelta

from activities.facts.before_stop import refuse_what_would_fail
from activities.fail_over import sends_the_rest
from activities.fenced import clear_the_name
from activities.ground import not_protected
from activities.interrupting import strike
from activities.overrun import check_window
from activities.planned import Planned, planned
from activities.waking import arm_vault, disarm_vault
from shared.concerns.changes import drift
from shared.concerns.facts import SourceFacts
from shared.contracts import CHECK_DRIFT, LOOK_RECOVERY_POINT, MARK_QUIESCED
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.plan.model import Plan
from shared.problems import CloudRefused, Refused
from shared.requests import Look, Seen
from shared.serving import down, unchanged
from shared.site_recovery.items import Item, get_item, item_of
from shared.site_recovery.recovery_points import newest_after
from shared.sources.sides import side
from shared.waits import WaitKind

bp = Blueprint()

PROOF_WITHIN = timedelta(minutes=60)  # crash-consistent points come every five minutes
SOON = 300


@serves(bp, CHECK_DRIFT)
def check_drift(place: Place) -> Done:
    """Compare the source with what was assessed, and the copy's delay with the plan's threshold. Raises `Refused`."""
    machine = planned(place)
    read = side(machine.plan).read(_only(machine), {place.machine})
    now = read.facts.get(place.machine, SourceFacts(found=False))
    changed = drift(SourceFacts.model_validate(machine.row.source), now)
    if changed:
        raise Refused(
            f"{place.machine} changed since it was assessed: {'; '.join(changed)}",
            id="source-drifted",
            title="The source machine changed",
            advice="Undo the change, or retry the machine in a new migration so that it is assessed again.",
        )
    _check_copy(place, machine)
    _settle(place, machine)
    clear_the_name(place, machine)
    return Done()


def _only(machine: Planned) -> Plan:
    """Give the plan cut down to one machine, so that one call to the source is enough."""
    wave = machine.wave.model_copy(update={"machines": (machine.entry,)})
    return machine.plan.model_copy(update={"waves": (wave,)})


def _settle(place: Place, machine: Planned) -> None:
    """Take away what was found while the machine waited for its window, and is put right."""
    if any(one.id == "source-drifted" for one in machine.row.concerns):
        machines.change(place, concerns=tuple(one for one in machine.row.concerns if one.id != "source-drifted"))


def _check_copy(place: Place, machine: Planned) -> None:
    """Raise `CloudRefused` when the copy is not healthy or lags too far behind."""
    item = get_item(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None:
        raise not_protected(place)
    lag = item.replication.lag_seconds
    most = machine.wave.cutover.max_lag.total_seconds()
    if lag is not None and lag > most:
        raise CloudRefused(
            f"the copy of {machine.row.name} lags {lag} s behind, the plan allows {most:.0f} s",
            id="lag-too-long",
            advice="Wait until the copy has caught up (network, churn), then retry.",
        )
    if item.replication_health.lower() == "critical":
        raise _critical(machine, item)


def _critical(machine: Planned, item: Item) -> CloudRefused:
    error = next((error for error in item.health_errors if error.error_level == "Error"), None)
    return CloudRefused(
        f"the replication of {machine.row.name} is in critical health" + (f": {error.error_message}" if error else ""),
        code=error.error_code if error else "",
        causes=error.possible_causes if error else "",
        advice=(error.recommended_action if error else "") or "Look at the item in the portal, then retry.",
    )


@serves(bp, MARK_QUIESCED)
def mark_quiesced(place: Place) -> Done:
    """Note since when the source rests."""
    machine = planned(place)
    stopped = machine.wave.scripts_of(machine.entry).stop_services
    service = down(place.now) if stopped else unchanged
    waits = "a recovery point newer than the rest"
    machines.change(place, marks={"quiesced": place.now}, waiting_for=waits, service=service)
    events.write(place, "quiesced", f"{place.machine} rests; waiting for a recovery point that is newer")
    return Done()


@serves(bp, LOOK_RECOVERY_POINT)
def look_recovery_point(look: Look) -> Seen:
    """Settle with the proof in the ledger. Raises `Refused` when none comes: the source was not touched."""
    strike(look)
    machine = planned(look)
    check_window(look, machine.row)
    if sends_the_rest(machine.plan, machine.wave):
        refuse_what_would_fail(look, machine)
        return _left_to_failover(look)
    item = machine.row.item_id
    threshold = look.newer_than.isoformat()
    arm_vault(look, WaitKind.RECOVERY_POINT, machine.vault, item, threshold=threshold, urgent=True, text="the proof")
    if look.first:  # no point can be newer than this very moment; the watcher sees the next one in a listing
        return Seen(patience=SOON)
    point = newest_after(machine.vault, item_of(item), look.newer_than)
    if point is not None:
        disarm_vault(look, WaitKind.RECOVERY_POINT, machine.vault)
        refuse_what_would_fail(look, machine)
        proof = {"recoveryPoint": point.name, "recoveryPointTime": str(point.recovery_point_time)}
        machines.change(look, waiting_for="", evidence=proof)
        events.write(look, "proof", f"recovery point {point.name} of {point.recovery_point_time} is newer", data=proof)
        return Seen(settled=True)
    if look.now - look.since >= PROOF_WITHIN:
        disarm_vault(look, WaitKind.RECOVERY_POINT, machine.vault)
        raise Refused(
            f"no recovery point of {look.machine} newer than {threshold} came within {PROOF_WITHIN}",
            id="no-recovery-point",
            title="No proof that nothing is lost",
            advice="The source was not touched. Look at the replication's health, then retry.",
        )
    return Seen(patience=SOON)


def _left_to_failover(look: Look) -> Seen:
    """Wait for no recovery point where the failover itself sends what is missing, once the source is off."""
    machines.change(look, waiting_for="")
    said = "no recovery point is waited for: the failover itself shuts the machine down and sends the last changes"
    events.write(look, "proof-left-to-failover", said)
    return Seen(settled=True)
