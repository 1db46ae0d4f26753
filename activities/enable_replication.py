"""Enable replication, and its undoing: a machine becomes a protected item, or stops being one."""

from activities.facts.fenced_target import clear_the_name
from activities.facts.reassessment import judged_again
from activities.flow.job_submission import adopt, earlier, not_allowed, running_job, submit_once
from activities.flow.protected_item import FAILED, REMOVING, _stuck, asked_of, item_ref, remove_failed
from activities.flow.wait_rows import arm_vault, disarm_vault
from activities.flow.waiting_copies import stop_standing_by
from shared.contracts.contracts import POLL_GONE, START_DISABLING, START_REPLICATION
from shared.contracts.requests import Poll, PollResult, Submitted
from shared.coordination.waits import WaitKind
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence
from shared.ledger.machine_context import machine_context
from shared.ledger.serving import Serving
from shared.roads.registry import road_of
from shared.site_recovery import failover
from shared.site_recovery.items import enable, get_item, item_of
from shared.site_recovery.shared_looks import look_for

bp = Blueprint()

GONE_WITHIN = 60  # seconds between looks that nobody asked for


@serves(bp, START_REPLICATION)
def start_replication(poll: Poll) -> Submitted:
    """Enable, unless the item is there already; one whose enabling failed is removed first, as the service demands."""
    machine = machine_context(poll)
    if before := earlier(poll, machine, "enable"):
        return before
    machine = judged_again(poll, machine)  # on roads that look at no machine between its server's registration and here
    road_of(machine.plan).before_enabling(poll, machine)
    ref = item_ref(machine)
    item = look_for(machine.vault, ref)
    machines.change(poll, item_id=ref.id(machine.vault))
    if item is None:
        clear_the_name(poll, machine)
        enabling, provider = asked_of(machine), road_of(machine.plan).provider
        return submit_once(
            poll, machine, "enable", lambda request: enable(machine.vault, ref, provider, enabling, request)
        )
    if item.protection_state in FAILED:
        return remove_failed(poll, machine, item)
    machines.change(poll, evidence=Evidence(adopted=True))  # it may have been enabled with another target
    following = adopt(poll, machine, item, "EnableProtection")
    return following or Submitted()


@serves(bp, START_DISABLING)
def start_disabling(poll: Poll) -> Submitted:
    """Stop replicating a machine; nothing to do when its item is gone."""
    machine = machine_context(poll)
    item = get_item(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None:
        return Submitted()
    if before := earlier(poll, machine, "disable"):
        return before
    following = adopt(poll, machine, item, "DisableProtection")
    if following is not None:
        return following
    if not item.allows("DisableProtection"):
        raise not_allowed(machine, item, "DisableProtection")
    provider = road_of(machine.plan).provider

    def send(request: str) -> str:
        return failover.disable(machine.vault, item.ref, provider, request)

    return submit_once(poll, machine, "disable", send)


@serves(bp, POLL_GONE)
def poll_gone(poll: Poll) -> PollResult:
    """Settle when Site Recovery does not know the item any more: replication, and its billing, have ended."""
    machine = machine_context(poll)
    if not machine.row.item_id:
        return PollResult(settled=True)
    item = get_item(machine.vault, item_of(machine.row.item_id))
    if item is not None:
        # armed after the look: one that goes in between is missing in the watcher's next listing
        arm_vault(poll, WaitKind.ITEM_GONE, machine.vault, machine.row.item_id, text="the item to disappear")
        failed = item.protection_state.endswith("Failed") and poll.now - poll.since > REMOVING
        if failed and running_job(machine.vault, item) is None:
            raise _stuck(poll, item)
        return PollResult(patience=GONE_WITHIN)
    disarm_vault(poll, WaitKind.ITEM_GONE, machine.vault)
    events.write(poll, "replication-removed", "Site Recovery does not know the machine any more; its billing has ended")
    if machine.row.service.at != Serving.TARGET:  # else its copy is not looked at since its cutover began
        stop_standing_by(poll, machine.vault)
    machines.change(poll, item_id="", lag_seconds=None, health="", unfit=None)
    return PollResult(settled=True)
