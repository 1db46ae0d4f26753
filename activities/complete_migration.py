"""Complete migration: the evidence first, then replication is removed with the reason that ends the billing."""

from activities.enable_replication import item_ref
from activities.interrupting import strike
from activities.planned import planned
from activities.submitting import adopt, earlier, not_allowed, submit_once
from shared.azure import compute
from shared.contracts import KEEP_EVIDENCE, START_COMPLETION
from shared.durable import Blueprint, serves
from shared.ledger import events, machines
from shared.models import Done, Place
from shared.requests import Look, Submitted
from shared.site_recovery import failover
from shared.site_recovery.items import get_item

bp = Blueprint()


@serves(bp, KEEP_EVIDENCE)
def keep_evidence(place: Place) -> Done:
    """Keep what Site Recovery and Azure say of the machine: once removed, nothing of the item can be read again."""
    machine = planned(place)
    item = get_item(machine.vault, item_ref(machine))
    if item is None or not item.allows("CompleteMigration"):  # it is being removed already: what was kept is better
        return Done()
    vm = compute.get_vm(machine.row.target_vm_id) if machine.row.target_vm_id else None
    kept = {
        "item": item.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True),
        "vm": vm.model_dump(mode="json", by_alias=True, exclude_defaults=True) if vm is not None else {},
    }
    machines.change(place, evidence=kept)
    events.write(place, "evidence-kept", "what Site Recovery and Azure said before the completion was kept")
    return Done()


@serves(bp, START_COMPLETION)
def start_completion(look: Look) -> Submitted:
    """Submit the completion where Site Recovery offers it; nothing to do when the item is gone already."""
    strike(look)
    machine = planned(look)
    if before := earlier(look, machine, "completion"):
        return before
    item = get_item(machine.vault, item_ref(machine))
    if item is None:
        return Submitted()
    following = adopt(look, machine, item, "DisableProtection")
    if following is not None:
        return following
    if not item.allows("CompleteMigration"):
        raise not_allowed(machine, item, "CompleteMigration")

    def send(request: str) -> str:
        return failover.complete_migration(machine.vault, item.ref, request)

    return submit_once(look, machine, "completion", send)
