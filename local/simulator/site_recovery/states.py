"""The state machines of a replicated machine, as tables.

Recorded rows are marked [R]; the others are assumed after the vocabulary of Azure's sister replication engine.
"""

from dataclasses import replace

from .migration_states import MIGRATION_ROWS, MIGRATION_TESTS
from .rows import Action, State, Test
from .state import Item

STATES: dict[str, State] = {
    "enabling": State("UnprotectedStatesBegin", "Enabling protection"),  # [R]
    "initial": State(
        "InitialReplicationInProgress", "Initial replication is in progress", ("DisableProtection",)
    ),  # [R]
    "finalizing": State(
        "InitialReplicationRecoveryCompletionPending", "Waiting for first recovery point", ("DisableProtection",)
    ),  # [R]
    "enabling-failed": State("EnablingFailed", "Protection couldn't be enabled", ("DisableProtection",)),  # [R]
    "protected": State("Protected", "Protected", ("UnplannedFailover", "DisableProtection", "TestFailover")),  # [R]
    "failing-over": State("UnplannedFailoverInitiated", "Failover in progress"),
    "failover-failed": State(
        "UnplannedFailoverFailed", "Failover failed", ("UnplannedFailover", "DisableProtection")
    ),  # text [R]
    "failed-over": State(
        "UnplannedFailoverCommitPendingStatesBegin",
        "Failover completed",
        ("CompleteMigration", "Commit", "DisableProtection", "ChangePit", "SwitchProtection"),
        "Recovery",
    ),  # [R]
    "changing-point": State("ChangeRecoveryPointInitiated", "Changing the recovery point", (), "Recovery"),
    "committing": State("CommitFailoverInitiated", "Committing the failover", (), "Recovery"),
    "commit-failed": State(
        "CommitFailoverFailed",
        "Commit failed",
        ("CompleteMigration", "Commit", "DisableProtection", "SwitchProtection"),
        "Recovery",
    ),
    "committed": State(
        "UnplannedFailoverCommitted",
        "Failover committed",
        ("CompleteMigration", "DisableProtection", "SwitchProtection"),
        "Recovery",
    ),  # state [R]
    "disabling": State("DisablingProtection", "Disabling protection"),
    "disabling-failed": State("DisablingFailed", "Protection couldn't be disabled", ("DisableProtection",)),
    "disabling-after-failover": State("DisablingProtection", "Disabling protection", (), "Recovery"),
    "disabling-after-failover-failed": State(
        "DisablingFailed", "Protection couldn't be disabled", ("CompleteMigration", "DisableProtection"), "Recovery"
    ),
}


_HYPERV: dict[str, State] = {
    "protected": State(
        "Protected", "Protected", ("PlannedFailover", "UnplannedFailover", "DisableProtection", "TestFailover")
    ),  # [R]
    "planned-failing-over": State("PlannedFailoverInitiated", "Planned failover in progress"),
    # [R] for a planned failover back from Azure; assumed to be the same towards it. The operations are assumed.
    "planned-failed-over": State(
        "CommitPendingStatesBegin",
        "Planned failover finished",
        ("CompleteMigration", "Commit", "DisableProtection", "CancelFailover"),
        "Recovery",
    ),
    "failed-over": State(
        "UnplannedFailoverCommitPendingStatesBegin",
        "Failover completed",
        ("CompleteMigration", "Commit", "DisableProtection", "ChangePit"),
        "Recovery",
    ),
    "cancelling": State("CancelFailoverInitiated", "Cancelling the failover", (), "Recovery"),
    "commit-failed": State(
        "CommitFailoverFailed", "Commit failed", ("CompleteMigration", "Commit", "DisableProtection"), "Recovery"
    ),
    "committed": State(
        "UnplannedFailoverCommitted",
        "Failover committed",
        ("CompleteMigration", "DisableProtection", "ReverseReplicate"),
        "Recovery",
    ),
}
# The rows that differ by provider; what a provider does not name is as in STATES.


def _without(operation: str) -> dict[str, State]:
    """Return the rows of all that offer an operation, without it."""
    found = {name: row for name, row in STATES.items() if operation in row.allowed}
    return {
        name: replace(row, allowed=tuple(each for each in row.allowed if each != operation))
        for name, row in found.items()
    }


# Documented: a migration between Azure regions ends by commit and disabling. unknown: whether CompleteMigration is
# offered too; assumed not, it is recorded for machines of an appliance only.
_AZURE = _without("CompleteMigration")
OWN_STATES: dict[str, dict[str, State]] = {"HyperVReplicaAzure": _HYPERV, "A2A": _AZURE, "VMwareCbt": MIGRATION_ROWS}


def state_of(item: Item) -> State:
    """Return the row that an item is in: its provider's own, or the one of all."""
    return OWN_STATES.get(item.provider, {}).get(item.state) or STATES[item.state]


# unknown: whether a failover is allowed while a test VM stands; assumed not: the test is cleaned up first
_CLEAN = ("TestFailoverCleanup",)
TESTS: dict[str, Test] = {
    "none": Test("None", "None"),  # [R]
    "initiated": Test("TestFailoverInitiated", "Test failover in progress", ()),
    "completed": Test("TestFailoverCompleted", "Waiting for user input", _CLEAN),
    "failed": Test("TestFailoverFailed", "Test failover failed", _CLEAN),
    "cleaning": Test("TestFailoverCleanupInitiated", "Cleaning up test environment", ()),
    "cleanup-failed": Test("TestFailoverCleanupFailed", "Test failover cleanup failed", _CLEAN),
    "marked": Test("MarkedForDeletion", "Cleaning up test environment"),  # [R] stays after a successful clean-up
}


# The tests that differ by provider, as with OWN_STATES.
OWN_TESTS: dict[str, dict[str, Test]] = {"VMwareCbt": MIGRATION_TESTS}


def test_of(item: Item) -> Test:
    """Return the row that an item's test is in: its provider's own, or the one of all."""
    return OWN_TESTS.get(item.provider, TESTS)[item.test]


ACTIONS: dict[str, Action] = {
    "testFailover": Action(
        "TestFailover", "TestFailover", "TestFailover", "initiated", "completed", "failed", on_test=True
    ),
    "testFailoverCleanup": Action(
        "TestFailoverCleanup",
        "TestFailoverCleanup",
        "TestFailoverCleanup",
        "cleaning",
        "marked",
        "cleanup-failed",
        on_test=True,
    ),
    "unplannedFailover": Action(
        "UnplannedFailover", "UnplannedFailover", "UnplannedFailover", "failing-over", "failed-over", "failover-failed"
    ),
    "failoverCommit": Action("Commit", "CommitFailover", "CommitFailover", "committing", "committed", "commit-failed"),
    "failoverCancel": Action(
        "CancelFailover", "CancelFailover", "CancelFailover", "cancelling", "protected", "planned-failed-over"
    ),
    "applyRecoveryPoint": Action(
        "ChangePit", "ChangeRecoveryPoint", "ChangeRecoveryPoint", "changing-point", "failed-over", "failed-over"
    ),
    # only Hyper-V allows it; one that fails leaves the machine protected (assumed)
    "plannedFailover": Action(
        "PlannedFailover",
        "PlannedFailover",
        "PlannedFailover",
        "planned-failing-over",
        "planned-failed-over",
        "protected",
    ),
    # Never allowed so far: refused by their gates (failing back is not simulated).
    "reProtect": Action("ReverseReplicate", "RepairReplication", "ReverseReplicate"),
    "switchProvider": Action("SwitchProvider", "RepairReplication", "SwitchProvider"),
    # Not in allowedOperations on the real service; accepted whenever nothing else runs (recorded for resync).
    "updateMobilityService": Action("", "UpdateMobilityService", "UpdateMobilityService"),
    "reinstallMobilityService": Action("", "ReinstallMobilityService", "ReinstallMobilityService"),
    "repairReplication": Action("", "RepairReplication", "RepairReplication"),
    "resolveHealthErrors": Action("", "ResolveHealthErrors", "ResolveHealthErrors"),
    "addDisks": Action("", "AddDisks", "AddDisks"),
    "removeDisks": Action("", "RemoveDisks", "RemoveDisks"),
    "updateAppliance": Action("", "SwitchAppliance", "SwitchAppliance"),
    "update": Action("", "UpdateVmProperties", "UpdateVmProperties"),
}


def allowed_operations(item: Item) -> list[str]:
    """Return what may be asked of an item now."""
    test = test_of(item).allowed
    if item.state == "protected" and test is not None:
        return list(test)
    return list(state_of(item).allowed)
