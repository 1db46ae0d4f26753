"""Quiesce: nothing changed since the assessment, the copy keeps up, and a newer recovery point proves it."""

from datetime import timedelta

from activities.facts.before_stop import refuse_what_would_fail
from activities.facts.fenced_target import clear_the_name
from activities.flow.failover_rules import sends_the_rest
from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.retry_phase import not_protected
from activities.flow.wait_rows import arm_vault, disarm_vault
from activities.flow.window_overrun import check_window
from shared.concerns.changes import drift
from shared.concerns.source_facts import SourceFacts
from shared.contracts.contracts import CHECK_DRIFT, POLL_RECOVERY_POINT
from shared.contracts.requests import Poll, PollResult
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.event_data import EventData
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import Mark
from shared.ledger.serving import down, unchanged
from shared.models import NEVER, Done, Scope
from shared.plan.model import Plan
from shared.problems import CloudRefused, Refused
from shared.roads.registry import road_of
from shared.site_recovery.items import Item, item_of
from shared.site_recovery.recovery_points import newest_after
from shared.site_recovery.shared_looks import look_at

bp = Blueprint()

PROOF_WITHIN = timedelta(minutes=60)  # crash-consistent points come every five minutes
SOON = 300


@serves(bp, CHECK_DRIFT)
@enters
def check_drift(scope: Scope) -> Done:
    """Compare the source with what was assessed, and the copy's delay with the plan's threshold. Raises `Refused`."""
    machine = machine_context(scope)
    read = road_of(machine.plan).source.read(_only(machine), {scope.machine})
    now = read.facts.get(scope.machine, SourceFacts(found=False))
    changed = drift(machine.row.source, now)
    if changed:
        raise Refused(
            f"{scope.machine} changed since it was assessed: {'; '.join(changed)}",
            id="source-drifted",
            title="The source machine changed",
            advice="Undo the change, or retry the machine in a new migration so that it is assessed again.",
        )
    _check_copy(scope, machine)
    _settle(scope, machine)
    clear_the_name(scope, machine)
    return Done()


def _only(machine: MachineContext) -> Plan:
    """Give the plan cut down to one machine, so that one call to the source is enough."""
    wave = machine.wave.model_copy(update={"machines": (machine.entry,)})
    return machine.plan.model_copy(update={"waves": (wave,)})


def _settle(scope: Scope, machine: MachineContext) -> None:
    """Take away what was found while the machine waited for its window, and is put right."""
    if any(each.id == "source-drifted" for each in machine.row.concerns):
        machines.change(scope, concerns=tuple(each for each in machine.row.concerns if each.id != "source-drifted"))


def _check_copy(scope: Scope, machine: MachineContext) -> None:
    """Raise `CloudRefused` when the copy is not healthy or lags too far behind."""
    item = look_at(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None:
        raise not_protected(scope)
    lag = item.replication.lag_seconds
    most = machine.wave.cutover.max_lag.total_seconds()
    if lag is not None and lag > most:
        raise CloudRefused(
            f"the copy of {machine.row.name} lags {lag} s behind, the plan allows {most:.0f} s",
            id="lag-too-long",
            title="The copy lags too far behind its source",
            advice="The source still serves. Wait until the copy has caught up; if it does not, look at the network and at how much "
            "the machine writes. Then retry.",
        )
    if item.replication_health.lower() == "critical":
        raise _critical(machine, item)


def _critical(machine: MachineContext, item: Item) -> CloudRefused:
    error = next((error for error in item.health_errors if error.error_level == "Error"), None)
    return CloudRefused(
        f"the replication of {machine.row.name} is in critical health" + (f": {error.error_message}" if error else ""),
        code=error.error_code if error else "",
        causes=error.possible_causes if error else "",
        advice=(error.recommended_action if error else "") or "Look at the item in the portal, then retry.",
    )


def _note_rest(poll: Poll, machine: MachineContext) -> None:
    """Note since when the source rests, unless that is noted."""
    since = poll.newer_than
    if (machine.row.mark(Mark.QUIESCED) or NEVER) >= since:
        return
    stopped = machine.wave.scripts_of(machine.entry).stop_services
    service = down(since) if stopped else unchanged
    waits = "a recovery point newer than the rest"
    text = f"{poll.machine} rests; waiting for a recovery point that is newer"
    events.write(poll.replace(now=since), "quiesced", text)
    machines.change(poll, marks={Mark.QUIESCED: since}, waiting_for=waits, service=service)


@serves(bp, POLL_RECOVERY_POINT)
def poll_recovery_point(poll: Poll) -> PollResult:
    """Settle with the proof in the ledger. Raises `Refused` when none comes: the source was not touched.

    Since when the source rests is noted before anything else.
    """
    machine = machine_context(poll)
    _note_rest(poll, machine)
    raise_if_stopped(poll)
    check_window(poll, machine.row)
    if sends_the_rest(machine.plan, machine.wave):
        refuse_what_would_fail(poll, machine)
        return _left_to_failover(poll)
    item = machine.row.item_id
    threshold = poll.newer_than.isoformat()
    arm_vault(poll, WaitKind.RECOVERY_POINT, machine.vault, item, threshold=threshold, urgent=True, text="the proof")
    if poll.first:  # no point can be newer than this very moment; the watcher sees the next one in a listing
        return PollResult(patience=SOON)
    point = newest_after(machine.vault, item_of(item), poll.newer_than)
    if point is not None:
        disarm_vault(poll, WaitKind.RECOVERY_POINT, machine.vault)
        refuse_what_would_fail(poll, machine)
        proof = Evidence(recovery_point=point.name, recovery_point_time=point.recovery_point_time)
        machines.change(poll, waiting_for="", evidence=proof)
        data = EventData(recovery_point=point.name, recovery_point_time=point.recovery_point_time)
        events.write(poll, "proof", f"recovery point {point.name} of {point.recovery_point_time} is newer", data=data)
        return PollResult(settled=True)
    if poll.now - poll.since >= PROOF_WITHIN:
        disarm_vault(poll, WaitKind.RECOVERY_POINT, machine.vault)
        raise Refused(
            f"no recovery point of {poll.machine} newer than {threshold} came within {PROOF_WITHIN}",
            id="no-recovery-point",
            title="No proof that nothing is lost",
            advice="The source was not touched. Look at the replication's health, then retry.",
        )
    return PollResult(patience=SOON)


def _left_to_failover(poll: Poll) -> PollResult:
    """Wait for no recovery point where the failover itself sends what is missing, once the source is off."""
    machines.change(poll, waiting_for="")
    text = "no recovery point is waited for: the failover itself shuts the machine down and sends the last changes"
    events.write(poll, "proof-left-to-failover", text)
    return PollResult(settled=True)
