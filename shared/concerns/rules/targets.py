"""Rules about the target: names, sizes, storage, vault, permissions."""

from collections.abc import Iterator

from shared.concerns.fitting import Reason, misfits, needs_of
from shared.concerns.registry import TO_AZURE, Case, MachineCase, Sighting, known, plan_rule, rule, same_region
from shared.concerns.target_facts import SizeFacts, VmFacts

LONGEST_WINDOWS_NAME = 15  # NetBIOS
FENCED = "fenced-target-left"


@rule(
    "windows-name-too-long",
    "warning",
    "Its name in Azure is longer than Windows computer names may be",
    "Choose a name of at most 15 characters, or see that nothing looks for the machine by its NetBIOS name.",
)
def _long_name(case: MachineCase) -> Iterator[str]:
    windows = known(case.source.os_family, "os_family") == "windows"
    if windows and len(case.target_name) > LONGEST_WINDOWS_NAME:
        yield f"{case.target_name} has {len(case.target_name)} characters"


@rule(
    "windows-name-of-digits",
    "critical",
    "Its name in Azure consists of digits only, which Windows does not allow",
    "Choose a name with a letter in it.",
)
def _digits(case: MachineCase) -> Iterator[str]:
    if known(case.source.os_family, "os_family") == "windows" and case.target_name.isdigit():
        yield f"the name is {case.target_name}"


@rule(
    "target-name-taken",
    "critical",
    "A machine of that name exists in the target resource group",
    "Choose another name, or remove the machine that has it.",
)
def _taken(case: MachineCase) -> Iterator[Sighting]:
    explained = case.standing.failing_over or case.source.moved_by  # that VM is the machine itself
    vm = None if explained else _namesake(case)
    if vm is not None and not _is_fenced(case, vm):
        yield Sighting(f"{vm.name} exists in {vm.group}", vm.name)


@rule(
    "target-name-promised",
    "critical",
    "Another running migration makes a machine of that name in the target resource group",
    "Choose another name, or wait until that migration has ended.",
)
def _promised(case: MachineCase) -> Iterator[str]:
    if case.source.name_promised_to:
        yield f"{case.target_name} in {case.target_group} is promised to migration {case.source.name_promised_to}"


@rule(
    FENCED,
    "critical",
    "The VM that a rollback switched off still has the machine's name in Azure",
    "Look at it and delete it (its disks may stay), then retry. Acknowledge, and the retry deletes it itself: the VM and its "
    "network cards go, its disks stay.",
    acknowledgeable=True,
)
def _fenced(case: MachineCase) -> Iterator[str]:
    vm = _namesake(case) if case.standing.fenced else None
    if vm is not None and _is_fenced(case, vm):
        yield f"{vm.name} in {vm.group} was switched off by the rollback and would block the next failover"


def _namesake(case: MachineCase) -> VmFacts | None:
    """Give the VM that has the machine's name in its resource group already."""
    wanted = (case.target_group, case.target_name.lower())
    return next((vm for vm in known(case.target.vms, "vms") if (vm.group, vm.name.lower()) == wanted), None)


def _is_fenced(case: MachineCase, vm: VmFacts) -> bool:
    """Tell whether it is the very VM that was switched off, and no other that was made under its name since."""
    return bool(vm.guid) and vm.guid.lower() == case.standing.fenced.lower()


@rule(
    "size-not-in-region",
    "critical",
    "The size asked for is not offered in the region",
    "Choose a size that `az vm list-skus` lists for the region, or leave it out.",
)
def _nosize_of(case: MachineCase) -> Iterator[str]:
    if case.size and size_of(case, case.size) is None:
        yield f"{case.size} is not offered in {case.plan.target.region}"


@rule(
    "size-restricted",
    "critical",
    "The size asked for is not open to this subscription",
    "Choose another size, or ask Azure support to open it.",
)
def _restricted(case: MachineCase) -> Iterator[Sighting]:
    yield from (Sighting(each, case.size) for each in misfits_of(case, "restricted"))


def misfits_of(case: MachineCase, reason: Reason) -> Iterator[str]:
    """Give what keeps a machine from the size that its plan names, for one reason; nothing where it names none."""
    size = size_of(case, case.size) if case.size else None
    if size:
        yield from misfits(size, needs_of(case.plan.target, case.machine.target, case.source), reason)


def size_of(case: Case, name: str) -> SizeFacts | None:
    """Give a size by name."""
    return known(case.sizes_by_name, "sizes").get(name.lower())


@rule(
    "hybrid-benefit-not-used",
    "information",
    "Windows will be billed with its licence",
    "If you have licences with Software Assurance, give `licence: WindowsServer`.",
)
def _licence(case: MachineCase) -> Iterator[str]:
    licence = case.machine.target.licence or case.plan.target.licence
    if known(case.source.os_family, "os_family") == "windows" and licence == "NoLicenseType":
        yield "licence is NoLicenseType"


@plan_rule(
    "region-not-available",
    "critical",
    "The subscription cannot use the region",
    "Choose a region that `az account list-locations` lists.",
)
def _region(case: Case) -> Iterator[str]:
    if not known(case.target.region_known, "region_known"):
        yield f"{case.plan.target.region} is not available to {case.plan.target.subscription_id}"


@plan_rule(
    "resource-group-missing",
    "critical",
    "The target resource group does not exist",
    "Create it, or let the app make it (vault: {create: true}).",
)
def _no_group(case: Case) -> Iterator[str]:
    if not case.plan.target.vault.create and not known(case.target.resource_group_exists, "resource_group_exists"):
        yield f"there is no resource group {case.plan.target.resource_group}"


@plan_rule(
    "vault-missing",
    "critical",
    "The Recovery Services vault does not exist",
    "Create it, or let the app make it (vault: {create: true}).",
)
def _no_vault(case: Case) -> Iterator[str]:
    if not case.plan.target.vault.create and not known(case.target.vault, "vault").exists:
        yield f"there is no vault {case.plan.target.vault.name}"


@plan_rule(
    "vault-in-other-region",
    "critical",
    "The vault lies in another region than the target: machines would be made in the vault's region",
    "Use a vault of the target region.",
    applies_to=TO_AZURE,
)
def _far_vault(case: Case) -> Iterator[str]:
    vault = known(case.target.vault, "vault")
    region = known(vault.region, "vault.region") if vault.exists else case.plan.target.vault.region
    if region and not same_region(region, case.plan.target.region):
        yield f"{case.plan.target.vault.name} is in {region}"


@plan_rule(
    "vault-in-source-region",
    "critical",
    "The vault lies in the region of the sources: it would be lost together with them",
    "Use a vault in any other region.",
    applies_to=("azure-to-azure",),
)
def _near_vault(case: Case) -> Iterator[str]:
    vault, wanted = known(case.target.vault, "vault"), case.plan.target
    source = known(case.target.source_region, "source_region")
    region = known(vault.region, "vault.region") if vault.exists else wanted.vault.region or wanted.region
    if same_region(region, source):
        yield f"{wanted.vault.name} {'is' if vault.exists else 'would be made'} in {region}"


@plan_rule(
    "permissions-missing",
    "critical",
    "The app lacks permissions in Azure",
    "Give its identity what is named, at the resource group that is named: the custom roles of docs/permissions.md hold all of it, "
    "built-in ones (Site Recovery Contributor, Virtual Machine Contributor, Network Contributor, Reader) do, too.",
)
def _permissions(case: Case) -> Iterator[str]:
    missing = known(case.target.missing_actions, "missing_actions")
    if missing:
        yield "; ".join(missing)
