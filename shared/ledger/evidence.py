"""What the phases of a machine prove and remember, each in its own field; one that is empty is not kept.

Each writer changes what it sets and nothing else: `Evidence(image="ami-1")` leaves all other fields as they stand.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from shared.ledger.versioned_row import Growing
from shared.models import NEVER, Preserving, Sparse


class Checked(StrEnum):
    """How far the plan's checks of a VM came."""

    INSIDE = "inside"  # their script was sent; where its result is read stands in the row's `scripts`
    OUTSIDE = "outside"  # nothing runs inside: ports and pages are tried
    PASSED = "passed"


class Removal(StrEnum):
    """How far the removal of the Mobility service came."""

    SENT = "sent"  # its script was; where its result is read stands in the row's `scripts`
    BY_HAND = "byHand"  # a person is asked
    REMOVED = "removed"


class ScriptState(StrEnum):
    """How far a script of the plan's own came on the VM in Azure."""

    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class ScriptRun(Preserving):
    """The latest run of a script of the plan's own on a VM in Azure; its output stands in its event."""

    name: str = ""
    test: bool = Sparse(default=False, description="on the test copy")
    vm: str = Field(default="", description="the id that Azure gives a VM for life")
    command: str = Field(default="", description="what the run is called in Azure, another one in each round")
    state: ScriptState = ScriptState.SENT
    since: datetime = NEVER
    ended: datetime | None = Sparse(default=None)
    code: int | None = Field(default=None, description="its exit code")

    @property
    def text(self) -> str:
        """Say where it failed, and how."""
        how = "did not come to its end" if self.code is None else f"ended with exit code {self.code}"
        return f"{self.name} {how} {'in the rehearsal' if self.test else 'at the cutover'}"


class LeftOverKind(StrEnum):
    """What Site Recovery may leave behind of a machine."""

    REPLICA_DISK = "replicaDisk"  # held the copy
    MOBILITY_SERVICE = "mobilityService"  # inside the migrated VM
    CACHE_STORAGE = "cacheStorage"  # the account through which it replicated


WORDS_OF: Final = {
    LeftOverKind.REPLICA_DISK: "disk",
    LeftOverKind.MOBILITY_SERVICE: "the Mobility service on",
    LeftOverKind.CACHE_STORAGE: "cache account",
}


class LeftState(StrEnum):
    """How something stands that was left behind."""

    LEFT = "left"
    IN_USE = "inUse"  # something has it: it is never removed
    REMOVING = "removing"
    REMOVED = "removed"
    UNKNOWN = "unknown"  # it could not be looked at


class LeftOver(Preserving):
    """Something that is left behind of a machine once its migration is complete."""

    kind: LeftOverKind
    id: str = Field(default="", description="its ARM id; of the Mobility service that of the VM")
    state: LeftState = LeftState.LEFT
    detail: str = ""
    at: datetime = Sparse(default=NEVER, description="when its removal began")

    @property
    def words(self) -> str:
        """Say in a sentence what it is, and how it stands."""
        what = f"{WORDS_OF[self.kind]} {self.id.rpartition('/')[2]}"
        return what + (f" ({self.detail})" if self.detail else "")


class AssignedWindow(Preserving):
    """The opening in which a machine cuts over; no end = it cuts over outside of any window."""

    closes: datetime | None = Sparse(default=None)
    overrun: Literal["finish", "stop", "rollback"] = "finish"


class Fenced(Preserving):
    """What is left in Azure of a machine that was rolled back after its failover."""

    id: str = ""
    guid: str = Field(default="", description="the id that Azure gives a VM for life")
    disk_ids: tuple[str, ...] = ()
    nic_ids: tuple[str, ...] = ()


class MigratedVm(Preserving):
    """The VM in Azure as it was when it was verified; what else Azure said of it then stands beside, as it was said."""

    id: str = ""
    name: str = ""
    location: str = Sparse(default="")
    vm_id: str = Sparse(default="", description="the GUID that the guest sees")
    size: str = Sparse(default="")
    os_name: str = Sparse(default="")
    nic_ids: tuple[str, ...] = Sparse(default=())
    disk_ids: tuple[str, ...] = Sparse(default=())
    created: datetime | None = Sparse(default=None)


class ReplicatedItem(Preserving):
    """What Site Recovery replicated, as it was before its removal; what else was said of it stands beside, as it was said."""

    id: str = ""
    name: str = ""
    protection_state: str = Sparse(default="")
    active_location: str = Sparse(default="", description="Primary or Recovery")
    policy_id: str = Sparse(default="")
    last_successful_failover_time: datetime | None = Sparse(default=None)
    replica_disks: tuple[str, ...] = Sparse(default=(), description="ids of the disks that held the copy")


class TargetProtection(Preserving):
    """Where a machine is protected to once it lives in Azure."""

    region: str = ""
    vault: str = Field(default="", description="its ARM id")
    item: str = Field(default="", description="its ARM id")


class KeptSource(Preserving):
    """Why the source of a machine was not decommissioned."""

    by: str = Field(default="", description="empty = nobody said so: it was left out")
    why: str = ""
    at: datetime = NEVER


class RejectedRun(Preserving):
    """Somebody ended the run of its recovery plan: in that round the machine is not failed over, or tested, by itself."""

    round: int = 0
    phase: str = ""
    detail: str = ""


class Evidence(Growing):
    """What is known of one machine beside its state."""

    adopted: bool = Sparse(default=False, description="its item was there already: it may have another target")
    discovered_machine: str = Sparse(default="", description="as its server knows it")
    agent_text: str = Sparse(default="", description="that its agent told of itself, to register it by")
    sizes: Mapping[str, str] = Sparse(default={}, description="region -> the size chosen for its VM")
    cutover_window: AssignedWindow | None = Sparse(default=None)
    recovery_point: str = Sparse(default="", description="newer than its rest: the proof")
    recovery_point_time: datetime | None = Sparse(default=None)
    run_rejected: RejectedRun | None = Sparse(default=None)
    failed_over_to: str = Sparse(default="", description="the recovery point that the plan names")
    verification_test: Checked | None = Sparse(default=None, description="of the test copy")
    test_address: str = Sparse(default="", description="of the test copy, in the test network, where people look at it")
    verification: Checked | None = Sparse(default=None, description="of the migrated machine")
    target_scripts: Mapping[str, ScriptRun] = Sparse(default={}, description="how each script of the plan's own ran")
    vm: MigratedVm | None = Sparse(default=None)
    item: ReplicatedItem | None = Sparse(default=None)
    fenced_target: Fenced | None = Sparse(default=None, description="that a rollback switched off")
    mobility_service: Mapping[int, Removal] = Sparse(
        default={}, description="round -> its removal from the migrated machine"
    )
    protection: TargetProtection | None = Sparse(default=None)
    source_kept: KeptSource | None = Sparse(default=None)
    left_overs: tuple[LeftOver, ...] = Sparse(default=(), description="behind the migration, as it was looked at last")
    source_parts: tuple[str, ...] = Sparse(default=(), description="ids of what stays when the source's VM is deleted")
    image: str = Sparse(default="", description="that was made of the source")

    def failed_scripts(self, names: Collection[str]) -> tuple[str, ...]:
        """Say which of some scripts failed; of one that succeeded at the cutover its rehearsal counts no more."""
        runs = [each for each in self.target_scripts.values() if each.name in names]
        well = {each.name for each in runs if not each.test and each.state == ScriptState.SUCCEEDED}
        return tuple(each.text for each in runs if each.state == ScriptState.FAILED and each.name not in well)

    @property
    def shown(self) -> "Evidence":
        """What people may see: not what only a newer version knows to be no secret."""
        return Evidence(**{name: getattr(self, name) for name in self.model_fields_set & KNOWN})


KNOWN: Final = Evidence.model_fields.keys()
