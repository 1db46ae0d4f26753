"""The itinerary: what a migration does, stage by stage and phase by phase; which road walks which: shared/roads/table.py.

This page is the whole route. Orchestrators only walk it; to read it you need not program.
"""

from dataclasses import dataclass
from typing import Literal

from shared.states import MachineState as S

Stage = Literal["Assess", "Prepare", "Replicate", "Rehearse", "Approve", "CutOver", "Finish"]
PhaseScope = Literal["plan", "wave", "cohort", "machine"]


@dataclass(frozen=True)
class Step:
    """One phase: where it belongs, whom it concerns, what a machine is called meanwhile, how it is undone.

    The columns behind `does` say where a phase differs from most: what may be said to a machine in it, what a refusal in it
    leads to, where a retry goes on. Code asks for a column, never for the name of a phase.
    """

    stage: Stage
    phase: str
    scope: PhaseScope
    state: S  # of the machine while it is in this phase
    undo: str | None  # the activity that takes it back; None: nothing to take back, or no way back
    does: str

    # What an operator may say to a machine in it.
    pausable: bool = True  # a pause holds a machine only where it is safe to stay: never with its source stopped
    cancellable: bool = True  # False: past the submitted failover only a rollback still makes sense
    interruptible: bool = True  # False: it tidies up and runs to its end whatever anybody asks for
    skipped_at: str | None = (
        None  # leaving it out passes the gate of this kind; empty: none; None: it cannot be left out
    )

    # What becomes of the machine.
    state_after: S | None = None  # when it went well; None: as it was
    on_closed_window: Literal["", "stand back", "roll back"] = ""  # before it begins, where the window says so
    urgent: bool = False  # the machine is down while its job runs
    copies: bool = False  # a first copy of the machine runs
    services_stopped: bool = False  # refused here, its source may still run with its services stopped
    tidies: str = ""  # runs although an earlier phase was refused, once this other phase has begun
    afterwards: bool = False  # of the migrated machine: nobody else waits for it

    # What a retry needs.
    retry_at: str = ""  # where it goes on when it failed here; empty: here
    needs_item: Literal["", "always", "while its source serves"] = (
        ""  # replicated anew where the protected item is gone
    )

    # Of a machine that serves: what is left to do, and the event that says so.
    left: str = ""
    failed_event: str = "machine-failed"


# fmt: off
ITINERARY = (
    # stage       phase                     scope      state               undo                   does
    Step("Assess", "assess", "plan", S.NOT_READY, None,
         "Reads the facts of every machine and of the target, changes nothing, and stops machines with critical concerns."),
    Step("Prepare", "prepare_vault", "plan", S.NOT_READY, None,
         "Makes sure that the resource group and the Recovery Services vault exist."),
    Step("Prepare", "open_security_groups", "plan", S.NOT_READY, "close_rules",
         "Lets the machines reach the appliance on ports 443 and 9443, with rules that are tagged and taken back."),
    Step("Prepare", "register_appliance", "plan", S.NOT_READY, None,
         "Finds or launches the replication appliance and waits until every component of it shows healthy."),
    Step("Prepare", "set_replication_policy", "plan", S.NOT_READY, None,
         "Adopts or creates the replication policy and maps it to the appliance."),
    Step("Replicate", "check_connectivity", "machine", S.NOT_READY, None,
         "Sees that the machine reaches the appliance and the cache storage."),
    Step("Replicate", "install_agent", "machine", S.NOT_READY, None,
         "Brings the Mobility service onto the machine, by itself or by a person."),
    Step("Replicate", "enable_replication", "machine", S.INITIAL_SYNC, "start_disabling",
         "Asks Site Recovery to replicate the machine."),
    Step("Replicate", "initial_sync", "machine", S.INITIAL_SYNC, None,
         "Waits until the machine is protected and healthy and has a recovery point; shows progress and delay.",
         state_after=S.READY_FOR_TEST, copies=True, needs_item="always"),
    Step("Rehearse", "start_test_failover", "cohort", S.TESTING, "start_test_clean_up",
         "Starts a copy of the machine in the isolated test network; the source is not touched.",
         skipped_at="test", needs_item="always"),
    Step("Rehearse", "verify_test_vm", "cohort", S.TESTING, None,
         "Sees that the copy boots, runs the plan's own scripts in it, and checks that its services answer.",
         skipped_at="test", retry_at="start_test_failover", needs_item="always"),
    Step("Rehearse", "accept_test_vm", "cohort", S.TESTING, None,
         "Keeps the copy up for people to look at, if the plan asks for it.",
         skipped_at="test", retry_at="start_test_failover", needs_item="always"),
    Step("Rehearse", "clean_up_test_failover", "cohort", S.TESTING, None,
         "Removes the copy, also when the rehearsal failed.",
         pausable=False, interruptible=False, tidies="start_test_failover", state_after=S.READY_FOR_CUTOVER, needs_item="always"),
    Step("Approve", "approval", "wave", S.READY_FOR_CUTOVER, None,
         "Waits for people to approve the wave, wholly or in part; every approval makes a cohort.",
         needs_item="always"),
    Step("CutOver", "await_window", "cohort", S.READY_FOR_CUTOVER, None,
         "Waits for the cutover window; replication goes on meanwhile.",
         skipped_at="cutover", needs_item="always"),
    Step("CutOver", "quiesce", "machine", S.CUTTING_OVER, "send_command",
         "Stops the services and waits for a recovery point that is newer, so that nothing is lost.",
         on_closed_window="stand back", needs_item="always"),
    Step("CutOver", "stop_source", "machine", S.CUTTING_OVER, "start_source_machine",
         "Stops the source machine, so that source and target are never both live.",
         pausable=False, on_closed_window="stand back", services_stopped=True, needs_item="while its source serves"),
    Step("CutOver", "fail_over", "cohort", S.CUTTING_OVER, "fence_target",
         "Starts the machine in Azure from its last recovery point.",
         pausable=False, cancellable=False, on_closed_window="stand back", urgent=True, services_stopped=True,
         needs_item="while its source serves"),
    Step("CutOver", "verify", "machine", S.CUTTING_OVER, None,
         "Sees that the migrated machine boots, runs the plan's own scripts in it, and checks that its services answer.",
         pausable=False, cancellable=False, skipped_at="cutover", on_closed_window="roll back"),
    Step("CutOver", "accept", "machine", S.CUT_OVER, None,
         "Gives people time to accept the migrated machine, if the plan asks for it; else goes back by itself.",
         pausable=False, cancellable=False),
    Step("Finish", "complete_migration", "machine", S.CUT_OVER, None,
         "Ends replication, so that billing stops; keeps the evidence and sees that it is gone.",
         pausable=False, cancellable=False, failed_event="finish-failed",
         left="it serves in Azure, its replication has not ended and is billed: "),
    Step("Finish", "clean_up", "machine", S.FINALIZED, None,
         "Removes what migration left over.",
         cancellable=False, failed_event="finish-failed",
         left="it serves in Azure, what the migration left over is still there: "),
    Step("Finish", "protect_target", "machine", S.FINALIZED, None,
         "Protects the migrated machine to another region, if the plan asks for it.",
         cancellable=False, skipped_at="", copies=True, afterwards=True, failed_event="protection-failed"),
    Step("Finish", "decommission_source", "machine", S.FINALIZED, None,
         "Keeps the stopped source for its grace period, makes an image, and terminates it after a second approval.",
         skipped_at="", afterwards=True, failed_event="finish-failed",
         left="it serves in Azure, its source is still there: "),
)
# fmt: on


def step(phase: str) -> Step:
    """Give the step of a phase; raises KeyError."""
    return STEPS[phase]


def step_at(name: str) -> Step:
    """Give the step of a phase, or one like most for what machines do outside of the itinerary, such as a way back."""
    return STEPS.get(name, OUTSIDE)


def state_when_failed(phase: str) -> S:
    """Name the state of a machine that failed in a phase: one that serves for good is never called failed."""
    return STEPS[phase].state if phase in SERVING else S.FAILED


def is_before(phase: str, other: str) -> bool:
    """Tell whether a machine that goes on at a phase comes to the other after it; empty stands before every phase."""
    return not phase or ORDER[phase] < ORDER[other]


STEPS = {each.phase: each for each in ITINERARY}
ORDER = {each.phase: number for number, each in enumerate(ITINERARY)}
OUTSIDE = Step("Prepare", "", "machine", S.NOT_READY, None, "")
APPROVAL = "approval"  # the one phase without an orchestrator: its wave itself waits
PLAN_STEPS = tuple(each.phase for each in ITINERARY if each.scope == "plan")
ASSESSING = tuple(each.phase for each in ITINERARY if each.stage == "Assess")
REHEARSING = tuple(each.phase for each in ITINERARY if each.stage == "Rehearse")
# A machine walks these before the approval, and these after its failover; between them the cohort decides.
PREPARING = tuple(each.phase for each in ITINERARY if each.stage in ("Replicate", "Rehearse"))
CUTTING_OVER = tuple(
    each.phase for each in ITINERARY if each.stage == "CutOver" and not is_before("fail_over", each.phase)
)
AFTERWARDS = tuple(each.phase for each in ITINERARY if each.afterwards)
LANDING = tuple(each.phase for each in ITINERARY if is_before("fail_over", each.phase) and not each.afterwards)
SERVING = tuple(each.phase for each in ITINERARY if each.stage == "Finish")  # it serves in Azure and was accepted
COMPLETE = tuple(each for each in SERVING if STEPS[each].state == S.FINALIZED)  # replication has ended: no way back
WAYS_BACK = tuple(each for each in reversed(ITINERARY) if each.undo)  # what is undone, the last first
