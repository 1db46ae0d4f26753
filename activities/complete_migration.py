"""Complete migration: the evidence first, then replication is removed with the reason that ends the billing."""

from activities.flow.interruption import raise_if_stopped
from activities.flow.job_submission import adopt, earlier, not_allowed, submit_once
from activities.flow.phase_entry import enters
from activities.flow.protected_item import item_ref
from shared.azure import compute
from shared.contracts.contracts import START_COMMIT, START_COMPLETION
from shared.contracts.requests import Poll, Submitted
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence, MigratedVm, ReplicatedItem
from shared.ledger.machine_context import MachineContext, machine_context
from shared.models import Model
from shared.roads.registry import road_of
from shared.site_recovery import failover
from shared.site_recovery.items import Item, get_item

bp = Blueprint()


def _ending(machine: MachineContext) -> str:
    """Give the operation that ends replication of a machine that was failed over."""
    return "DisableProtection" if road_of(machine.plan).provider.commits else "CompleteMigration"


@serves(bp, START_COMMIT)
@enters
def start_commit(poll: Poll) -> Submitted:
    """Commit the failover where the provider wants that before replication is disabled; nothing to do elsewhere."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    if not road_of(machine.plan).provider.commits:
        return Submitted()
    if before := earlier(poll, machine, "commit"):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None or not item.allows("Commit"):
        following = adopt(poll, machine, item, "Commit") if item is not None else None
        return following or Submitted()
    return submit_once(poll, machine, "commit", lambda request: failover.commit(machine.vault, item.ref, request))


@serves(bp, START_COMPLETION)
def start_completion(poll: Poll) -> Submitted:
    """Keep the evidence, then submit the completion where Site Recovery offers it; an item that is gone needs none."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    if before := earlier(poll, machine, "completion"):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        return Submitted()
    following = adopt(poll, machine, item, "DisableProtection")
    if following is not None:
        return following
    if not item.allows(_ending(machine)):
        raise not_allowed(machine, item, _ending(machine))
    provider = road_of(machine.plan).provider
    _keep_evidence(poll, machine, item)

    def send(request: str) -> str:
        if provider.commits:
            return failover.disable(machine.vault, item.ref, provider, request)
        return failover.complete_migration(machine.vault, item.ref, request)

    return submit_once(poll, machine, "completion", send)


def _keep_evidence(poll: Poll, machine: MachineContext, item: Item) -> None:
    """Keep what Site Recovery and Azure say of the machine: once removed, nothing of the item can be read again."""
    item_facts = _told(item) | {"replicaDisks": item.replication.replica_disks}
    replicated = Evidence(item=ReplicatedItem.model_validate(item_facts))
    machines.change(poll, evidence=replicated.with_change(_vm(machine)))
    events.write(poll, "evidence-kept", "what Site Recovery and Azure said before the completion was kept")


def _vm(machine: MachineContext) -> Evidence:
    """Give what Azure says of the machine's VM; nothing where that was kept when it booted, or there is none."""
    kept, vm_id = machine.row.evidence.vm, machine.row.target_vm_id
    vm = compute.get_vm(vm_id) if vm_id and kept is None else None
    return Evidence() if vm is None else Evidence(vm=MigratedVm.model_validate(_told(vm)))


def _told(what: Model) -> dict[str, object]:
    return what.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
