"""Rules about machines of Hyper-V hosts, and about VMM."""

from collections.abc import Iterator
from datetime import timedelta

from shared.concerns.registry import HYPERV, Case, MachineCase, plan_rule, rule
from shared.plan.values import from_duration

LONGEST_RETENTION = timedelta(hours=24)  # documented for Hyper-V
INTERVALS = (timedelta(seconds=30), timedelta(minutes=5))  # documented: changes are sent so often


@rule(
    "device-not-replicated",
    "critical",
    "The machine has a device that Hyper-V replication cannot copy",
    "Replace it by a virtual hard disk of the machine's own, or move it another way.",
    applies_to=HYPERV,
)
def _devices(case: MachineCase) -> Iterator[str]:
    yield from case.source.devices or ()


@rule(
    "already-protected",
    "critical",
    "The machine is replicated already, by somebody else",
    "Disable that replication in the portal, or take the machine out of the plan.",
    applies_to=HYPERV,
)
def _protected(case: MachineCase) -> Iterator[str]:
    if case.source.protected_as and not case.standing.replicated:
        yield f"it is {case.source.protected_as.rpartition('/')[2]} in the vault"


@rule(
    "system-not-told",
    "critical",
    "Its host does not tell whether the machine runs Windows or Linux, which replication has to be told",
    "Start the machine with its integration services up to date, wait a quarter of an hour, then retry.",
    applies_to=HYPERV,
)
def _system(case: MachineCase) -> Iterator[str]:
    if (
        case.source.instance_id and case.source.os_family is None and not case.standing.replicated
    ):  # a failover stopped it
        yield "no guest answers its host"


@rule(
    "system-disk-assumed",
    "information",
    "Its host does not tell which disk the machine boots from: the first is taken",
    "Look at the order of its disks in Hyper-V; rehearse it: a machine with the wrong disk does not boot.",
    applies_to=HYPERV,
)
def _assumed(case: MachineCase) -> Iterator[str]:
    disks = case.source.disks or ()
    if len(disks) > 1:
        first = next((disk.device for disk in disks if disk.root), disks[0].device)
        yield f"{first} of {len(disks)} disks"


@plan_rule(
    "hyperv-retention-too-long",
    "critical",
    "Recovery points of Hyper-V machines are kept for 24 hours at most",
    "Keep them 24 hours at most.",
    applies_to=HYPERV,
)
def _retention(case: Case) -> Iterator[str]:
    if case.plan.policy.recovery_point_retention > LONGEST_RETENTION:
        yield f"recoveryPointRetention is {from_duration(case.plan.policy.recovery_point_retention)}"


@plan_rule(
    "hyperv-interval",
    "warning",
    "Hyper-V sends changes every 30 seconds or every 5 minutes, whatever else the plan says",
    "Set crashConsistentEvery to PT30S or PT5M.",
    applies_to=HYPERV,
)
def _interval(case: Case) -> Iterator[str]:
    if case.plan.policy.crash_consistent_every not in INTERVALS:
        yield f"crashConsistentEvery is {from_duration(case.plan.policy.crash_consistent_every)}"


@plan_rule(
    "vmm-announced-to-end",
    "warning",
    "Microsoft announced the end of Site Recovery with VMM for 1 March 2023; its support matrix of March 2026 still lists it",
    "Register the hosts themselves instead (source.hyperv.site), or see in the portal that your VMM server still registers.",
    applies_to=HYPERV,
)
def _vmm(case: Case) -> Iterator[str]:
    if case.plan.source.hyperv is not None and case.plan.source.hyperv.vmm is not None:
        yield f"the machines come through {case.plan.source.hyperv.server}"
