"""The itinerary: what a migration does, stage by stage and phase by phase; which road walks which: shared/roads/table.py.

This page is the whole route. Orchestrators only walk it; to read it you need not program.
"""

from dataclasses import dataclass
from typing import Literal

Stage = Literal["Assess", "Prepare", "Replicate", "Rehearse", "Approve", "CutOver", "Finish"]
PhaseScope = Literal["plan", "wave", "cohort", "machine"]


@dataclass(frozen=True)
class Step:
    """One phase: where it belongs, whom it concerns, what a machine is called meanwhile, how it is undone."""

    stage: Stage
    phase: str
    scope: PhaseScope
    state: str  # of the machine while it is in this phase
    undo: str | None  # the activity that takes it back; None: nothing to take back, or no way back
    does: str


# fmt: off
ITINERARY = (
    # stage       phase                     scope      state               undo                   does
    Step("Assess", "assess", "plan", "NotReady", None,
         "Reads the facts of every machine and of the target, changes nothing, and stops machines with critical concerns."),
    Step("Prepare", "prepare_vault", "plan", "NotReady", None,
         "Makes sure that the resource group and the Recovery Services vault exist."),
    Step("Prepare", "open_security_groups", "plan", "NotReady", "close_rules",
         "Lets the machines reach the appliance on ports 443 and 9443, with rules that are tagged and taken back."),
    Step("Prepare", "register_appliance", "plan", "NotReady", None,
         "Finds or launches the replication appliance and waits until every component of it shows healthy."),
    Step("Prepare", "set_replication_policy", "plan", "NotReady", None,
         "Adopts or creates the replication policy and maps it to the appliance."),
    Step("Replicate", "check_connectivity", "machine", "NotReady", None,
         "Sees that the machine reaches the appliance and the cache storage."),
    Step("Replicate", "install_agent", "machine", "NotReady", None,
         "Brings the Mobility service onto the machine, by itself or by a person."),
    Step("Replicate", "enable_replication", "machine", "InitialSync", "start_disabling",
         "Asks Site Recovery to replicate the machine."),
    Step("Replicate", "initial_sync", "machine", "InitialSync", None,
         "Waits until the machine is protected and healthy and has a recovery point; shows progress and delay."),
    Step("Rehearse", "start_test_failover", "cohort", "Testing", "start_test_clean_up",
         "Starts a copy of the machine in the isolated test network; the source is not touched."),
    Step("Rehearse", "verify_test_vm", "cohort", "Testing", None,
         "Checks that the copy boots and that its services answer."),
    Step("Rehearse", "accept_test_vm", "cohort", "Testing", None,
         "Keeps the copy up for people to look at, if the plan asks for it."),
    Step("Rehearse", "clean_up_test_failover", "cohort", "Testing", None,
         "Removes the copy, also when the rehearsal failed."),
    Step("Approve", "approval", "wave", "ReadyForCutover", None,
         "Waits for people to approve the wave, wholly or in part; every approval makes a cohort."),
    Step("CutOver", "await_window", "cohort", "ReadyForCutover", None,
         "Waits for the cutover window; replication goes on meanwhile."),
    Step("CutOver", "quiesce", "machine", "CuttingOver", "send_command",
         "Stops the services and waits for a recovery point that is newer, so that nothing is lost."),
    Step("CutOver", "stop_source", "machine", "CuttingOver", "start_source_machine",
         "Stops the source machine, so that source and target are never both live."),
    Step("CutOver", "fail_over", "cohort", "CuttingOver", "fence_target",
         "Starts the machine in Azure from its last recovery point."),
    Step("CutOver", "verify", "machine", "CuttingOver", None,
         "Checks that the migrated machine boots and that its services answer."),
    Step("CutOver", "accept", "machine", "CutOver", None,
         "Gives people time to accept the migrated machine, if the plan asks for it; else goes back by itself."),
    Step("Finish", "complete_migration", "machine", "CutOver", None,
         "Ends replication, so that billing stops; keeps the evidence and sees that it is gone."),
    Step("Finish", "clean_up", "machine", "Finalized", None,
         "Removes what migration left over."),
    Step("Finish", "protect_target", "machine", "Finalized", None,
         "Protects the migrated machine to another region, if the plan asks for it."),
    Step("Finish", "decommission_source", "machine", "Finalized", None,
         "Keeps the stopped source for its grace period, makes an image, and terminates it after a second approval."),
)
# fmt: on


def step(phase: str) -> Step:
    """Give the step of a phase; raises KeyError."""
    return STEPS[phase]


def state_when_failed(phase: str) -> str:
    """Name the state of a machine that failed in a phase: one that serves for good is never called failed."""
    return STEPS[phase].state if phase in SERVING else "Failed"


STEPS = {each.phase: each for each in ITINERARY}
PLAN_STEPS = tuple(each.phase for each in ITINERARY if each.scope == "plan")
# A machine walks these before the approval, and these after its failover; between them the cohort decides.
PREPARING = tuple(each.phase for each in ITINERARY if each.stage in ("Replicate", "Rehearse"))
CUTTING_OVER = ("await_window", "quiesce", "stop_source", "fail_over")
LANDING = ("verify", "accept", "complete_migration", "clean_up")
COMPLETE = (
    "clean_up",
    "protect_target",
    "decommission_source",
)  # replication has ended: there is no way back from here
SERVING = ("complete_migration", *COMPLETE)  # it serves in Azure and was accepted, whatever else goes wrong
AFTERWARDS = ("protect_target", "decommission_source")  # of the migrated machine: nobody else waits for these
