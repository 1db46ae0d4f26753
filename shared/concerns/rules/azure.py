"""Rules about VMs that go from one Azure region to another; what the app cannot see is said to the operator."""

from collections.abc import Iterator

from shared.concerns.fitting import needs_of
from shared.concerns.nearest_size import loses_local_disk, nearest_size, why_not_the_same
from shared.concerns.registry import BETWEEN_REGIONS, Case, MachineCase, known, plan_rule, rule, same_region
from shared.concerns.rules.targets import size_of
from shared.concerns.target_facts import SizeFacts
from shared.plan.rules.tags import MOST_TAGS

ALREADY = "AlreadyProtected"  # assumed: how the eligibility results name a VM that replicates already


@rule(
    "unmanaged-disks",
    "critical",
    "It has unmanaged disks: files in a storage account",
    "Convert them to managed disks (az vm convert), then retry.",
    applies_to=BETWEEN_REGIONS,
)
def _unmanaged(case: MachineCase) -> Iterator[str]:
    devices = [disk.device for disk in known(case.source.disks, "disks") if not disk.managed]
    if devices:
        yield ", ".join(devices)


@rule(
    "disk-encrypted-in-guest",
    "critical",
    "Disks are encrypted inside the VM (Azure Disk Encryption)",
    "This version does not carry the keys to the target region: decrypt the disks, or move the VM by hand in the portal.",
    applies_to=BETWEEN_REGIONS,
)
def _encrypted(case: MachineCase) -> Iterator[str]:
    devices = [disk.device for disk in known(case.source.disks, "disks") if known(disk.encrypted, "disks.encrypted")]
    if devices:
        yield ", ".join(devices)


@rule(
    "ephemeral-os-disk",
    "critical",
    "It boots from an ephemeral disk, which is local to its host and cannot be replicated",
    "Make the VM anew with a managed OS disk, or deploy it from its template in the target region.",
    applies_to=BETWEEN_REGIONS,
)
def _ephemeral(case: MachineCase) -> Iterator[str]:
    if case.source.ephemeral_os_disk:
        yield "its OS disk is ephemeral"


@rule(
    "not-eligible",
    "critical",
    "Site Recovery says that it would not replicate the VM",
    "Put right what it says, then retry.",
    applies_to=BETWEEN_REGIONS,
)
def _not_eligible(case: MachineCase) -> Iterator[str]:
    yield from (
        reason for reason in known(case.source.ineligible, "ineligible") if ALREADY not in reason.partition(":")[0]
    )


@rule(
    "replicated-already",
    "warning",
    "Site Recovery replicates the VM already",
    "If an earlier attempt of this migration did it, it goes on with that. Else disable that replication first: enabling "
    "will be refused.",
    applies_to=BETWEEN_REGIONS,
)
def _replicated(case: MachineCase) -> Iterator[str]:
    if case.standing.replicated or case.source.replicated_by:
        return
    yield from (reason for reason in case.source.ineligible or () if ALREADY in reason.partition(":")[0])


@rule(
    "size-chosen",
    "information",
    "The plan names no size: the same is taken in the target region, or the nearest that is offered there",
    "Give `target: {size: …}` where another one is wanted.",
    applies_to=BETWEEN_REGIONS,
)
def _size_chosen(case: MachineCase) -> Iterator[str]:
    if case.size:
        return
    now = known(case.source.size, "size")
    then = _nearest(case)
    if then is not None and then.name.lower() == now.lower():
        yield f"it is {now} now and stays {then.name}"
    elif then is not None:
        yield f"it is {now} now and becomes {then.name}: {_why(case, now)}"


def _nearest(case: MachineCase) -> SizeFacts | None:
    """Give the size that is taken where the plan names none."""
    needs = needs_of(case.plan.target, case.machine.target, case.source)
    return nearest_size(known(case.source.size, "size"), needs, known(case.target.sizes, "sizes"))


def _why(case: MachineCase, now: str) -> str:
    needs = needs_of(case.plan.target, case.machine.target, case.source)
    return why_not_the_same(now, needs, known(case.target.sizes, "sizes"))


@rule(
    "too-many-tags",
    "critical",
    "The VM's own tags, which come along, and those of the plan are more than one resource may have",
    "Leave some out of the plan, or take them off the VM.",
    applies_to=BETWEEN_REGIONS,
)
def _too_many_tags(case: MachineCase) -> Iterator[str]:
    tag_sets = (known(case.source.tags, "tags"), case.plan.target.tags, case.machine.target.tags)
    count = len({name.lower() for tags in tag_sets for name in tags})
    if count > MOST_TAGS:
        yield f"they are {count}; Azure takes {MOST_TAGS}"


@rule(
    "local-disk-lost",
    "warning",
    "Its size has a local disk now (drive D:, /mnt), its size in Azure's other region has none",
    "See that nothing needs it (page file, tempdb, scratch space), or name a size with a d among the letters behind its number "
    "(Standard_D2ds_v5). What is on a local disk is not replicated in any case.",
    applies_to=BETWEEN_REGIONS,
)
def _local_disk(case: MachineCase) -> Iterator[str]:
    then = size_of(case, case.size) if case.size else _nearest(case)
    if then and loses_local_disk(then, needs_of(case.plan.target, case.machine.target, case.source)):
        yield f"{case.source.size} has one, {then.name} has none"


@rule(
    "no-size-fits",
    "critical",
    "The target region offers no size that holds the VM",
    "Choose another region or zone, give a size by hand, or ask Azure support to open one.",
    applies_to=BETWEEN_REGIONS,
)
def _no_size(case: MachineCase) -> Iterator[str]:
    now = known(case.source.size, "size")
    if not case.size and _nearest(case) is None:
        yield f"it is {now} now, which it cannot stay: {_why(case, now)}; no other size has all that it needs"


@plan_rule(
    "vault-region-not-offered",
    "critical",
    "The region offers no Recovery Services vaults",
    "Name a region in target.vault.region that does, other than the source's; Azure's page of products by region lists them.",
    applies_to=BETWEEN_REGIONS,
)
def _no_vaults(case: Case) -> Iterator[str]:
    vault, target = known(case.target.vault, "vault"), case.plan.target
    region = target.vault.region or target.region
    offered = known(case.target.vault_regions, "vault_regions")
    if not vault.exists and not any(same_region(region, each) for each in offered):
        yield f"{target.vault.name} would be made in {region}"


@plan_rule(
    "outbound-access",
    "warning",
    "The VMs need a way out to Site Recovery; the app does not see inside their networks",
    "Let them reach, by HTTPS: Storage and AzureActiveDirectory of their region, AzureSiteRecovery and EventHub of the "
    "target region (service tags), or with a firewall proxy *.blob.core.windows.net, login.microsoftonline.com, "
    "*.hypervrecoverymanager.windowsazure.com and *.servicebus.windows.net.",
    applies_to=BETWEEN_REGIONS,
)
def _outbound(case: Case) -> Iterator[str]:
    yield f"{sum(1 for _ in case.plan.entries())} entries in {known(case.target.source_region, 'source_region')}"


@plan_rule(
    "authentication-proxy",
    "warning",
    "A proxy that asks for a sign-in keeps the VMs from replicating",
    "See that no authenticating proxy controls the way out of the VMs; exempt the addresses of `outbound-access` from it.",
    applies_to=BETWEEN_REGIONS,
)
def _proxy(_: Case) -> Iterator[str]:
    yield "whether the machines use one cannot be seen from outside"


@plan_rule(
    "root-certificates",
    "warning",
    "Without the latest root certificates a VM cannot register with Site Recovery",
    "Windows: install the latest updates, which bring them (in a closed network by your own way of updating). Linux: follow "
    "the distributor to have the latest root certificates and revocation list on the VM.",
    applies_to=BETWEEN_REGIONS,
)
def _certificates(_: Case) -> Iterator[str]:
    yield "which certificates the machines have cannot be seen from outside"
