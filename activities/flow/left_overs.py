"""What Site Recovery leaves behind of a migrated machine: all of it is listed, and what the plan wants gone is removed.

Removed is only what Site Recovery named as this machine's before its completion, and what nothing uses. What cannot be
removed is listed with the reason: it stops no machine.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from activities.flow.wanted_protection import wanted
from activities.source_scripts.agent_removal import RemovalEnd, begin, read_end, sent_url
from shared import ids
from shared.azure import compute, disks, guest
from shared.azure.arm_id import ArmId, parse
from shared.ledger import events, machines
from shared.ledger.evidence import Evidence, LeftOver, LeftOverKind, LeftState, Removal
from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.problems import Busy, CloudRefused
from shared.roads.registry import road_of
from shared.site_recovery.remembered import Remembered

A_MOMENT: Final = timedelta(seconds=20)
LONGEST_DELETION: Final = timedelta(minutes=15)  # what Azure still shows then is listed as it is
REMOVE: Final = "remove"
LISTED_EVERY: Final = 300  # seconds
_LISTED = Remembered[frozenset[str]]()


def settled(scope: Scope, machine: MachineContext) -> tuple[LeftOver, ...]:
    """Give what is left behind, when nothing of it is on its way out any more. Raise `Busy` before."""
    found = tuple(_disks(scope, machine))
    _note(scope, found)
    found = tuple(_deleted(scope, each) if each.state == LeftState.REMOVING else each for each in found)
    agent = tuple(_agent(scope, machine))
    if going := [each for each in found if each.state == LeftState.REMOVING]:
        raise Busy(f"Azure deletes {len(going)} replica disks of {scope.machine}", A_MOMENT)
    return (*found, *agent, _cache(machine))


def _note(scope: Scope, found: tuple[LeftOver, ...]) -> None:
    """Write down what is to be deleted before it is: once it is gone, nobody knows of it."""
    for each in found:
        if each.state == LeftState.REMOVING and each.at == scope.now:
            what = f"leftover-deletion-{ids.short_hash(each.id, 8)}"
            events.write(scope, what, f"Azure is asked to delete what was left behind: {each.words}")
    machines.change(scope, evidence=Evidence(left_overs=found))


def _deleted(scope: Scope, disk: LeftOver) -> LeftOver:
    try:
        disks.delete_disk(disk.id, ids.request_id(scope.key, disk.id))
    except CloudRefused as refused:
        return disk.replace(state=LeftState.LEFT, detail=f"{disk.detail}; {refused.facts.detail}")
    return disk


def _disks(scope: Scope, machine: MachineContext) -> Iterator[LeftOver]:
    evidence = machine.row.evidence
    known = {each.id: each for each in evidence.left_overs}
    own = {each.lower() for each in evidence.vm.disk_ids} if evidence.vm else set()
    for disk_id in evidence.item.replica_disks if evidence.item else ():
        if disk_id.lower() in own:
            continue  # Site Recovery made the machine's own disk of it
        before = known.get(disk_id, LeftOver(kind=LeftOverKind.REPLICA_DISK, id=disk_id))
        try:
            now = _disk(scope, machine, before)
        except CloudRefused as refused:
            now = before.replace(state=LeftState.UNKNOWN, detail=refused.facts.detail)
        if now is not None:
            yield now


def _disk(scope: Scope, machine: MachineContext, before: LeftOver) -> LeftOver | None:
    """Give how a disk stands; None for one that Site Recovery deleted itself."""
    disk = disks.get_disk(before.id) if before.state == LeftState.REMOVING or _may_be_there(scope, before.id) else None
    if disk is None:
        done = before.state in (LeftState.REMOVING, LeftState.REMOVED)
        return before.replace(state=LeftState.REMOVED) if done else None
    size = f"{disk.size_gb} GB"
    if not disk.is_free:
        user = disk.managed_by.rpartition("/")[2] or disk.state
        return before.replace(state=LeftState.IN_USE, detail=f"{size}, in use ({user})")
    if machine.plan.finish.left_overs.replica_disks != REMOVE:
        return before.replace(state=LeftState.LEFT, detail=size)
    if before.state != LeftState.REMOVING:
        return before.replace(state=LeftState.REMOVING, detail=size, at=scope.now)
    if scope.now - before.at < LONGEST_DELETION:
        return before
    return before.replace(
        state=LeftState.LEFT, detail=f"{size}; Azure took its deletion at {before.at:%H:%M} UTC, and still shows it"
    )


def _may_be_there(scope: Scope, disk_id: str) -> bool:
    """Tell whether a disk was there minutes ago; machines that arrive together share one listing of their resource group."""
    at = parse(disk_id)
    listed = _LISTED.of(listing_key(at, scope.now), lambda: disks.list_disks(at.subscription, at.group))
    return disk_id.lower() in (listed or ())


def listing_key(at: ArmId, now: datetime) -> str:
    """Give what a listing of a resource group is remembered by; one that is minutes old is made anew."""
    return f"{at.subscription}/{at.group}/{int(now.timestamp() // LISTED_EVERY)}".lower()


def _agent(scope: Scope, machine: MachineContext) -> Iterator[LeftOver]:
    """Yield the Mobility service, which stays in the VM until somebody takes it off (documented)."""
    row, road = machine.row, road_of(machine.plan)
    if not (road.brings_mobility_service and row.target_vm_id):
        return
    found = LeftOver(kind=LeftOverKind.MOBILITY_SERVICE, id=row.target_vm_id)
    if machine.plan.finish.left_overs.mobility_service != REMOVE:
        why = "it is removed before the machine is protected" if wanted(scope) else "it stays until somebody removes it"
        yield found.replace(state=LeftState.LEFT, detail=why)
        return
    end = _taken_off(scope, machine)
    yield found.replace(state=LeftState.REMOVED if end.gone else LeftState.LEFT, detail=end.why)


def _taken_off(scope: Scope, machine: MachineContext) -> RemovalEnd:
    row = machine.row
    if row.evidence.mobility_service.get(scope.round) == Removal.REMOVED:
        return RemovalEnd(gone=True)
    vm = compute.get_vm(row.target_vm_id)
    if vm is None:
        return RemovalEnd(gone=False, why="the VM is not there any more")
    url = sent_url(scope, row)
    if not url:
        if why := begin(scope, vm):
            return RemovalEnd(gone=False, why=why)
        raise Busy(f"the Mobility service is removed from {vm.name}", A_MOMENT)
    result = guest.read_script(vm, url)
    if not result.ended:
        raise Busy(f"the Mobility service is removed from {vm.name}", max(A_MOMENT, timedelta(seconds=result.after)))
    return read_end(scope, vm, result)


def _cache(machine: MachineContext) -> LeftOver:
    """Give the account through which it replicated: nothing in it tells which machine it was of, so nothing is removed."""
    return LeftOver(
        kind=LeftOverKind.CACHE_STORAGE,
        id=road_of(machine.plan).cache_account(machine.plan),
        state=LeftState.UNKNOWN,
        detail="Site Recovery may have left blobs in it; which machine they were of, nothing tells",
    )
