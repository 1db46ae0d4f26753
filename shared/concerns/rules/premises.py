"""Rules about machines outside any cloud: what only people there can do and see."""

from collections.abc import Iterator

from shared.concerns.registry import MachineCase, known, rule
from shared.plan.rules.premises import OUTSIDE


@rule(
    "network-not-seen",
    "information",
    "Nobody but its own people sees the network between the machine and its server",
    "Let the machine reach the appliance (or the configuration and process server) on ports 443 and 9443, and let "
    "those reach Azure on 443 without TLS inspection.",
    applies_to=OUTSIDE,
)
def _network(case: MachineCase) -> Iterator[str]:
    if case.plan.replication.mode != "agentless":
        yield f"{case.plan.replication.appliance.name} must be reachable from it on ports 443 and 9443"


@rule(
    "shut-down-by-hand",
    "information",
    "A person shuts the server down at cutover, and starts it again where the machine goes back",
    "See that somebody is there in the cutover window; the gates shut-down-source and start-source wait for them.",
    applies_to=("physical-to-azure",),
)
def _by_hand(case: MachineCase) -> Iterator[str]:
    yield f"{case.machine.name} is a physical server"


@rule(
    "scripts-by-hand",
    "information",
    "A person runs the plan's scripts on the machine: nothing else can",
    "The gates stop-services and start-services show them word for word; see that somebody is there.",
    applies_to=(*OUTSIDE, "hyperv-to-azure"),
)
def _scripts(case: MachineCase) -> Iterator[str]:
    own = case.wave.scripts_of(case.machine)
    if own.stop_services or own.start_services:
        yield "the plan names scripts"


@rule(
    "boot-disk-assumed",
    "information",
    "The vCenter does not tell which disk the machine boots from: LUN 0 of the first controller is taken",
    "Where that is wrong, say `osDisk: true` of the right one among the machine's disks in a new plan; rehearse it: a "
    "machine with the wrong disk does not boot.",
    applies_to=("vmware-to-azure",),
)
def _boot_disk(case: MachineCase) -> Iterator[str]:
    disks, named = case.source.disks or (), any(each.os_disk for each in case.machine.target.disks)
    if case.plan.replication.mode == "agentless" and len(disks) > 1 and not named:
        yield f"{next((disk.device for disk in disks if disk.root), disks[0].device)} of {len(disks)} disks"


@rule(
    "vmware-tools-not-running",
    "warning",
    "VMware Tools do not answer: Site Recovery cannot shut the machine down at failover",
    "Install or start VMware Tools; else a person shuts the machine down when the gate shut-down-source asks.",
    applies_to=("vmware-to-azure",),
)
def _tools(case: MachineCase) -> Iterator[str]:
    if not known(case.source.guest_tools, "guest_tools"):
        yield "VMware Tools are not running on it"
