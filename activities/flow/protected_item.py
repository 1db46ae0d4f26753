"""The protected item of a machine: which it is, what enabling asks for, and the end of one that failed."""

from datetime import timedelta

from activities.flow.job_submission import ASKED, running_job
from shared import ids
from shared.contracts.requests import Poll, Submitted
from shared.ledger import events, machines
from shared.ledger.machine_context import MachineContext
from shared.problems import Busy, Refused
from shared.roads.registry import road_of
from shared.roads.replication_policy import policy_name
from shared.roads.target_spec import target_of_machine
from shared.site_recovery import failover
from shared.site_recovery.items import Enabling, Item, ItemRef, item_of
from shared.site_recovery.policies import ReplicationPolicy, get_policy
from shared.site_recovery.remembered import Remembered

FAILED = ("EnablingFailed", "DisablingFailed")  # nothing replicates, and the name is taken
REMOVING = timedelta(minutes=1)
_POLICIES = Remembered[ReplicationPolicy]()


def item_ref(machine: MachineContext) -> ItemRef:
    """Give the item of a machine: the one it has, else the one that its names make."""
    if machine.row.item_id:
        return item_of(machine.row.item_id)
    road = road_of(machine.plan)
    where = road.container_of(machine)
    name = ids.protected_item_name(machine.row.migration, machine.row.name)
    return ItemRef(fabric=where.fabric, container=where.container, name=name, kind=road.item_kind)


def asked_of(machine: MachineContext) -> Enabling:
    """Give what is asked for. Raises `Busy` while something that it names does not show."""
    vault, plan = machine.vault, machine.plan
    name = policy_name(plan)
    policy = _POLICIES.of(f"{vault.id}/{name}".lower(), lambda: get_policy(vault, name))
    source = road_of(plan).source_input(machine)
    if policy is None or source is None:
        raise Busy("the policy, a part of the server or the machine does not show yet")
    source = source.replace(multi_vm_group=source.multi_vm_group or group_of(machine))
    return Enabling(policy_id=policy.id, source=source, target=target_of_machine(machine))


def group_of(machine: MachineContext) -> str:
    """Give the group of machines that share recovery points: the application's, where the plan wants that."""
    return machine.entry.application if machine.plan.policy.multi_vm_sync else ""


def remove_failed(poll: Poll, machine: MachineContext, item: Item) -> Submitted:
    """Take the item of an earlier round's failed attempt away, once; a later call enables anew."""
    mark = f"removal.{poll.round}"
    if running_job(machine.vault, item) is None:
        if machine.row.jobs.get(mark, ASKED) != ASKED:
            raise _stuck(poll, item)
        machines.change(poll, jobs={mark: ASKED})
        # the event before the request: while a job has the item nobody comes here again
        events.write(poll, "failed-item-removed", "the item of an earlier, failed attempt is removed first")
        request = ids.request_id(poll.key, "removal")
        job = failover.disable(machine.vault, item.ref, road_of(machine.plan).provider, request)
        machines.change(poll, jobs={mark: job})
    raise Busy(f"{machine.row.name}: the failed attempt is being removed", REMOVING)


def _stuck(poll: Poll, item: Item) -> Refused:
    return Refused(
        f"the replication of {poll.machine} could not be removed: {item.protection_state_description}",
        id="removal-failed",
        title="Replication could not be removed",
        advice="Remove the item in the portal (Site Recovery, Replicated items, Disable replication), then retry.",
    )
