"""Rules about the cache storage account: where it lies, of what kind it is, who may write to it."""

from collections.abc import Iterator

from shared.concerns.registry import BETWEEN_REGIONS, EVERYWHERE, HYPERV, TO_AZURE, Case, known, plan_rule, same_region
from shared.concerns.target_facts import StorageFacts

KINDS = ("Storage", "StorageV2")  # assumed: block-blob and file accounts hold no page blobs
FOR_HIGH_CHURN = "BlockBlobStorage"  # between Azure regions a premium one is supported (documented)


@plan_rule(
    "cache-storage-missing",
    "critical",
    "The cache storage account does not exist",
    "Create a general-purpose v2 account in the target region, or correct its name.",
)
def _missing(case: Case) -> Iterator[str]:
    if not known(case.target.storage, "storage").exists:
        yield f"there is no storage account {case.plan.target.cache_storage_account}"


def _account(case: Case) -> Iterator[StorageFacts]:
    """Give the account where there is one: of one that is missing nothing else is worth telling."""
    storage = known(case.target.storage, "storage")
    if storage.exists:
        yield storage


@plan_rule(
    "cache-storage-in-other-region",
    "critical",
    "The cache storage account lies in another region than the target",
    "Use an account of the target region.",
    applies_to=TO_AZURE,
)
def _far_from_target(case: Case) -> Iterator[str]:
    for storage in _account(case):
        if not same_region(known(storage.region, "storage.region"), case.plan.target.region):
            yield f"{case.plan.target.cache_storage_account} is in {storage.region}"


@plan_rule(
    "cache-not-beside-source",
    "critical",
    "The cache storage account is not in the region of the sources",
    "Between Azure regions the cache lies beside the sources: use an account of their region.",
    applies_to=BETWEEN_REGIONS,
)
def _far_from_source(case: Case) -> Iterator[str]:
    source = known(case.target.source_region, "source_region")
    for storage in _account(case):
        if not same_region(known(storage.region, "storage.region"), source):
            yield f"{case.plan.target.cache_storage_account} is in {storage.region}, the sources are in {source}"


@plan_rule(
    "cache-storage-kind",
    "critical",
    "The cache storage account is of a kind that replication cannot use",
    "Use a general-purpose v2 account.",
)
def _kind(case: Case) -> Iterator[str]:
    kinds = (*KINDS, FOR_HIGH_CHURN) if case.plan.scenario in BETWEEN_REGIONS else KINDS
    for storage in _account(case):
        if known(storage.kind, "storage.kind") not in kinds:
            yield f"{case.plan.target.cache_storage_account} is of kind {storage.kind}"


@plan_rule(
    "cache-storage-hierarchical",
    "critical",
    "The cache storage account has a hierarchical namespace",
    "Use a general-purpose v2 account without one (it cannot be switched off again): page blobs cannot lie in such an account, "
    "and Site Recovery names none as supported.",
    acknowledgeable=True,
)
def _hierarchical(case: Case) -> Iterator[str]:
    for storage in _account(case):
        if storage.hierarchical:
            yield f"{case.plan.target.cache_storage_account} is an account for Data Lake Storage"


@plan_rule(
    "cache-storage-without-keys",
    "critical",
    "The cache storage account lets nobody in by its keys",
    "Allow storage account key access: Site Recovery writes to its cache with signatures that the keys make.",
    acknowledgeable=True,
)
def _without_keys(case: Case) -> Iterator[str]:
    for storage in _account(case):
        if not storage.shared_key:
            yield f"allowSharedKeyAccess of {case.plan.target.cache_storage_account} is false"


@plan_rule(
    "cache-storage-firewall",
    "critical",
    "The firewall of the cache storage account keeps Site Recovery out",
    "Except trusted Microsoft services from its network rules, and let in the networks that write to it: a subnet of the sources "
    "between Azure regions, else the one of the appliance.",
    applies_to=tuple(scenario for scenario in EVERYWHERE if scenario not in HYPERV),
    acknowledgeable=True,
)
def _firewall(case: Case) -> Iterator[str]:
    for storage in _account(case):
        if storage.firewall == "closed":
            yield f"{case.plan.target.cache_storage_account} denies all but some networks, trusted Microsoft services too"


@plan_rule(
    "cache-storage-firewall-hyperv",
    "critical",
    "The cache storage account is behind a firewall, which Hyper-V replication does not support",
    "Use an account that is open to all networks.",
    applies_to=HYPERV,
    acknowledgeable=True,
)
def _firewall_before_hyperv(case: Case) -> Iterator[str]:
    for storage in _account(case):
        if storage.firewall:
            yield f"{case.plan.target.cache_storage_account} denies all but some networks"
