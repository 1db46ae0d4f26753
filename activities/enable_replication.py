"""Enable replication, and its undoing: a machine becomes a protected item, or stops being one."""

from datetime import timedelta

from activities import between_regions
from activities.fenced import clear_the_name
from activities.judging import judged_again
from activities.planned import Planned, planned
from activities.replication_server import container_of, source_here, target_here
from activities.set_replication_policy import policy_name, provider_of
from activities.standing_by import stop_standing_by
from activities.submitting import ASKED, adopt, earlier, not_allowed, running_job, submit_once
from activities.waking import arm_vault, disarm_vault
from shared import ids
from shared.contracts import DISABLE_REPLICATION, ENABLE_REPLICATION, LOOK_GONE
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.problems import Later, Refused
from shared.requests import Look, Seen, Submitted
from shared.site_recovery import failover
from shared.site_recovery.items import Enabling, Item, ItemRef, enable, get_item, item_of, kind_of
from shared.site_recovery.policies import Policy, get_policy
from shared.site_recovery.remembered import Remembered
from shared.waits import WaitKind

bp = Blueprint()

FAILED = ("EnablingFailed", "DisablingFailed")  # nothing replicates, and the name is taken
REMOVING = timedelta(minutes=1)
GONE_WITHIN = 60  # seconds between looks that nobody asked for
_POLICIES = Remembered[Policy]()


@serves(bp, ENABLE_REPLICATION)
def start_replication(look: Look) -> Submitted:
    """Enable, unless the item is there already; one whose enabling failed is removed first, as the service demands."""
    machine = planned(look)
    if before := earlier(look, machine, "enable"):
        return before
    machine = judged_again(look)  # on roads that look at no machine between its server's registration and here
    if between_regions.applies_to(machine.plan):
        between_regions.keep_size(look, machine)
    ref = item_ref(machine)
    item = get_item(machine.vault, ref)
    machines.change(look, item_id=ref.id(machine.vault))
    if item is None:
        clear_the_name(look, machine)
        asked, provider = asked_of(machine), provider_of(machine.plan)
        return submit_once(
            look, machine, "enable", lambda request: enable(machine.vault, ref, provider, asked, request)
        )
    if item.protection_state in FAILED:
        return remove_failed(look, machine, item)
    machines.change(look, evidence={"adopted": True})  # it may have been enabled with another target
    following = adopt(look, machine, item, "EnableProtection")
    return following or Submitted()


def item_ref(machine: Planned) -> ItemRef:
    """Give the item of a machine: the one it has, else the one that its names make."""
    if machine.row.item_id:
        return item_of(machine.row.item_id)
    where = container_of(machine)
    name = ids.protected_item_name(machine.row.migration, machine.row.name)
    kind = kind_of(provider_of(machine.plan).name)
    return ItemRef(fabric=where.fabric, container=where.container, name=name, kind=kind)


def asked_of(machine: Planned) -> Enabling:
    """Give what is asked for. Raises `Later` while something that it names does not show."""
    vault, plan = machine.vault, machine.plan
    name = policy_name(plan)
    policy = _POLICIES.of(f"{vault.id}/{name}".lower(), lambda: get_policy(vault, name))
    source = source_here(machine)
    if policy is None or source is None:
        raise Later("the policy, a part of the server or the machine does not show yet")
    source = source.but(multi_vm_group=source.multi_vm_group or group_of(machine))
    return Enabling(policy_id=policy.id, source=source, target=target_here(machine))


def group_of(machine: Planned) -> str:
    """Give the group of machines that share recovery points: the application's, where the plan wants that."""
    return machine.entry.application if machine.plan.policy.multi_vm_sync else ""


def remove_failed(look: Look, machine: Planned, item: Item) -> Submitted:
    """Take the item of an earlier round's failed attempt away, once; a later call enables anew."""
    mark = f"removal.{look.round}"
    if running_job(machine.vault, item) is None:
        if machine.row.jobs.get(mark, ASKED) != ASKED:
            raise _stuck(look, item)
        machines.change(look, jobs={mark: ASKED})
        request = ids.request_id(look.key, "removal")
        job = failover.disable(machine.vault, item.ref, provider_of(machine.plan), request)
        machines.change(look, jobs={mark: job})
        events.write(look, "failed-item-removed", "the item of an earlier, failed attempt is removed first")
    raise Later(f"{machine.row.name}: the failed attempt is being removed", REMOVING)


@serves(bp, DISABLE_REPLICATION)
def start_disabling(look: Look) -> Submitted:
    """Stop replicating a machine; nothing to do when its item is gone."""
    machine = planned(look)
    item = get_item(machine.vault, item_of(machine.row.item_id)) if machine.row.item_id else None
    if item is None:
        return Submitted()
    if before := earlier(look, machine, "disable"):
        return before
    following = adopt(look, machine, item, "DisableProtection")
    if following is not None:
        return following
    if not item.allows("DisableProtection"):
        raise not_allowed(machine, item, "DisableProtection")
    provider = provider_of(machine.plan)

    def send(request: str) -> str:
        return failover.disable(machine.vault, item.ref, provider, request)

    return submit_once(look, machine, "disable", send)


@serves(bp, LOOK_GONE)
def look_gone(look: Look) -> Seen:
    """Settle when Site Recovery does not know the item any more: replication, and its billing, have ended."""
    machine = planned(look)
    if not machine.row.item_id:
        return Seen(settled=True)
    arm_vault(look, WaitKind.ITEM_GONE, machine.vault, machine.row.item_id, text="the item to disappear")
    item = get_item(machine.vault, item_of(machine.row.item_id))
    if item is not None:
        failed = item.protection_state.endswith("Failed") and look.now - look.since > REMOVING
        if failed and running_job(machine.vault, item) is None:
            raise _stuck(look, item)
        return Seen(patience=GONE_WITHIN)
    disarm_vault(look, WaitKind.ITEM_GONE, machine.vault)
    events.write(look, "replication-removed", "Site Recovery does not know the machine any more; its billing has ended")
    stop_standing_by(look, machine.vault)
    machines.change(look, item_id="", lag_seconds=None, health="", unfit="")
    return Seen(settled=True)


def _stuck(look: Look, item: Item) -> Refused:
    return Refused(
        f"the replication of {look.machine} could not be removed: {item.protection_state_description}",
        id="removal-failed",
        title="Replication could not be removed",
        advice="Remove the item in the portal (Site Recovery, Replicated items, Disable replication), then retry.",
    )
