"""Every activity and every orchestrator: its name, what it takes and what it gives."""

from shared.contracts.backups import BackupRequest, RestoreSteps
from shared.contracts.cohorts import (
    ApprovalPoll,
    Cohort,
    Cohorts,
    CutoverMode,
    GroupPreparation,
    Slots,
    WindowPollResult,
)
from shared.contracts.inspections import Inspecting, Inspection
from shared.contracts.requests import (
    BootResult,
    FailoverResult,
    GatePoll,
    GatePollResult,
    PhaseExit,
    Poll,
    PollResult,
    Submitted,
    SyncResult,
    Verification,
)
from shared.contracts.rounds import CutoverProgress, Members, PhaseRun, RoadRun, Round, Waves
from shared.contracts.sources import (
    AppliancePollResult,
    CommandStarted,
    Installation,
    Preparation,
    RouteJudgement,
    SourceCommand,
)
from shared.contracts.unverified import FailedVerification, RollBackOrder, VerificationOutlook
from shared.contracts.watcher import PartitionProbe, PartitionShown, Watch, WatcherTick
from shared.durable import seam
from shared.durable.seam import Activity, Phase
from shared.models import Done, Scope, Settled

# --- activities: the frame -------------------------------------------------------------------------------------------
ENTER = Activity("enter", Poll, PollResult)  # begin a phase: ledger, owner, pause, cancel, failure tolerance
LEAVE = Activity("leave", PhaseExit, Settled)  # let go of a machine, well or failed
BEGIN_ROUND = Activity("begin_round", Round, Waves)
LIST_ROUND = Activity("list_round", Round, Members)  # of a rollback or cancellation: the machines it takes over
END_ROAD = Activity("end_road", PhaseExit, Done)  # its preparation failed: its machines end, other roads go on
END_ROUND = Activity("end_round", PhaseExit, Settled)
LIST_MEMBERS = Activity("list_members", Scope, Members)
LIST_FINALIZED = Activity("list_finalized", Scope, Members)
END_WAVE = Activity("end_wave", PhaseExit, Settled)
POLL_JOB = Activity("poll_job", Poll, PollResult)
TAKE_SLOTS = Activity("take_slots", Slots, PollResult)
FREE_SLOTS = Activity("free_slots", Slots, Settled)
POLL_GATE = Activity("poll_gate", GatePoll, GatePollResult)  # opens the gate at the first look
CLOSE_GATE = Activity("close_gate", GatePoll, Done)
ANNOUNCE = seam.ANNOUNCE  # raise events at those who wait; the seam itself calls it
START_WATCH = Activity("start_watch", Scope, Done)
READ_VAULT = Activity("read_vault", Watch, WatcherTick)
RECONCILE = Activity("reconcile", Watch, Done)  # look after what the frame lost, where its timer stands still
SEND_COMMAND = Activity("send_command", SourceCommand, CommandStarted)
POLL_COMMAND = Activity("poll_command", SourceCommand, PollResult)

# --- backups ---------------------------------------------------------------------------------------------------------
WRITE_BACKUP_FILES = Activity("write_backup_files", BackupRequest, Done)
PROVE_BACKUP = Activity("prove_backup", BackupRequest, RestoreSteps)  # whole, and the ledger empty
PUT_BACK_STEP = Activity("put_back_step", BackupRequest, Done)  # some files of it; migrations are the last ones
KEEP_RESTORE_RESULT = Activity("keep_restore_result", BackupRequest, Done)

# --- Assess ----------------------------------------------------------------------------------------------------------
READ_SOURCES = Activity("read_sources", Scope, Done)
READ_TARGET = Activity("read_target", Scope, Done)
START_INSPECTION = Activity("start_inspection", Poll, Inspecting)
POLL_INSPECTION = Activity("poll_inspection", Inspection, PollResult)
JUDGE_MACHINES = Activity("judge_machines", Scope, Done)
JUDGE_PLAN = Activity("judge_plan", Scope, Done)  # that nobody started: `migration` is the id of its assessment
KEEP_REFUSED_ASSESSMENT = Activity("keep_refused_assessment", PhaseExit, Done)

# --- Prepare ---------------------------------------------------------------------------------------------------------
ENSURE_VAULT = Activity("ensure_vault", Poll, Submitted)
POLL_VAULT = Activity("poll_vault", Poll, PollResult)
ENSURE_SITES = Activity("ensure_sites", Poll, Submitted)  # fabrics and containers that the app itself makes
OPEN_RULES = Activity("open_rules", Scope, Done)
CLOSE_RULES = Activity("close_rules", Scope, Done)
READ_PREPARATION = Activity("read_preparation", Scope, Preparation)
LAUNCH_APPLIANCE = Activity("launch_appliance", Scope, Done)
POLL_APPLIANCE = Activity("poll_appliance", Poll, AppliancePollResult)
ENSURE_POLICY = Activity("ensure_policy", Poll, Submitted)
ENSURE_MAPPING = Activity("ensure_mapping", Poll, Submitted)

# --- Replicate -------------------------------------------------------------------------------------------------------
CHECK_ROUTES = Activity("check_routes", Scope, RouteJudgement)
TRY_BACK = Activity("try_back", Poll, CommandStarted)
POLL_BACK = Activity("poll_back", Poll, PollResult)
POLL_INSTALLATION = Activity("poll_installation", SourceCommand, Installation)
POLL_AGENT_FILE = Activity("poll_agent_file", Poll, PollResult)  # a person puts what registration needs into place
POLL_AGENT = Activity("poll_agent", Poll, PollResult)
START_REPLICATION = Activity("start_replication", Poll, Submitted)
POLL_SYNC = Activity("poll_sync", Poll, SyncResult)
SET_TARGET = Activity("set_target", Poll, Submitted)
START_DISABLING = Activity("start_disabling", Poll, Submitted)
POLL_GONE = Activity("poll_gone", Poll, PollResult)

# --- Rehearse --------------------------------------------------------------------------------------------------------
SUBMIT_TEST_FAILOVER = Activity("submit_test_failover", Poll, Submitted)
GATHER_REHEARSAL = Activity("gather_rehearsal", Cohort, Cohorts)  # those that are rehearsed as one recovery plan each
HOLD_REHEARSAL = Activity("hold_rehearsal", Cohort, Members)  # so that no rollback begins while its recovery plan runs
START_PLAN_TEST = Activity("start_plan_test", Cohort, Submitted)
START_TEST_CLEAN_UP = Activity("start_test_clean_up", Poll, Submitted)
POLL_BOOT = Activity("poll_boot", Verification, BootResult)
RUN_TARGET_SCRIPTS = Activity("run_target_scripts", Verification, PollResult)  # the plan's own, before its checks
START_VERIFICATION = Activity("start_verification", Verification, Submitted)
POLL_VERIFICATION = Activity("poll_verification", Verification, PollResult)

# --- Approve ---------------------------------------------------------------------------------------------------------
POLL_APPROVAL = Activity("poll_approval", ApprovalPoll, Cohorts)

# --- CutOver ---------------------------------------------------------------------------------------------------------
READ_CUTOVER_MODE = Activity("read_cutover_mode", Scope, CutoverMode)
POLL_DEPENDENCIES = Activity("poll_dependencies", Cohort, PollResult)
POLL_WINDOW = Activity("poll_window", Cohort, WindowPollResult)  # takes places in an opening for as many as it holds
BEGIN_CUTOVER = Activity(
    "begin_cutover", Cohort, PollResult
)  # not settled: the window closed while a free place was awaited
CHECK_DRIFT = Activity("check_drift", Scope, Done)
POLL_RECOVERY_POINT = Activity("poll_recovery_point", Poll, PollResult)
STOP_SOURCE_MACHINE = Activity("stop_source_machine", Poll, PollResult)
HOLD_COHORT = Activity("hold_cohort", Cohort, Members)  # so that no rollback begins while its recovery plan runs
RELEASE_COHORT = Activity("release_cohort", Cohort, Settled)
MAKE_RECOVERY_PLAN = Activity("make_recovery_plan", Cohort, Submitted)
START_PLAN_FAILOVER = Activity("start_plan_failover", Cohort, Submitted)
POLL_PLAN_JOB = Activity("poll_plan_job", Cohort, PollResult)  # its run; opens a gate where it holds for a person
DELETE_RECOVERY_PLAN = Activity("delete_recovery_plan", Cohort, Submitted)
START_FAILOVER = Activity("start_failover", Poll, Submitted)
READ_FAILOVER = Activity("read_failover", Scope, FailoverResult)
JUDGE_VERIFICATION = Activity("judge_verification", FailedVerification, VerificationOutlook)
MARK_VERIFIED = Activity("mark_verified", Scope, Done)

# --- Finish ----------------------------------------------------------------------------------------------------------
START_COMMIT = Activity("start_commit", Poll, Submitted)  # where the provider wants it before replication ends
START_COMPLETION = Activity("start_completion", Poll, Submitted)
LIST_PROTECTIONS = Activity("list_protections", Scope, Members)  # one machine of each protection of a wave
REFUSE_PROTECTION = Activity("refuse_protection", PhaseExit, Done)  # what it goes through could not be made ready
REMOVE_MOBILITY_SERVICE = Activity(
    "remove_mobility_service", Poll, PollResult
)  # before a machine from outside is protected
START_TARGET_PROTECTION = Activity("start_target_protection", Poll, Submitted)
POLL_TARGET_PROTECTION = Activity("poll_target_protection", Poll, PollResult)
REMOVE_LEFTOVERS = Activity("remove_leftovers", Scope, Done)
READ_DECOMMISSION = Activity("read_decommission", Poll, WindowPollResult)
KEEP_IMAGE = Activity("keep_image", Poll, PollResult)
TERMINATE_SOURCE = Activity("terminate_source", Scope, Done)

# --- Rollback --------------------------------------------------------------------------------------------------------
TAKE_OVER = Activity("take_over", Poll, PollResult)  # wait until the flow that has the machine let go of it
READ_STANDING = Activity("read_standing", Scope, CutoverProgress)
READ_SERVICES = Activity("read_services", Scope, CutoverProgress)  # only whether services rest on a source that runs
FENCE_TARGET = Activity("fence_target", Poll, PollResult)
CANCEL_FAILOVER = Activity("cancel_failover", Poll, Submitted)
START_SOURCE_MACHINE = Activity("start_source_machine", Poll, PollResult)
BEGIN_ROLL_BACK = Activity("begin_roll_back", RollBackOrder, Done)  # of one machine, because the plan says so
MARK_ROLLED_BACK = Activity("mark_rolled_back", Round, Settled)

# --- orchestrators: one per phase of the itinerary, by the phase's own name ---------------------------------------------
ASSESS = Phase("assess", Scope, Done)
PREPARE_VAULT = Phase("prepare_vault", Scope, Done)
OPEN_SECURITY_GROUPS = Phase("open_security_groups", Scope, Done)
REGISTER_APPLIANCE = Phase("register_appliance", Scope, Done)
SET_REPLICATION_POLICY = Phase("set_replication_policy", Scope, Done)
CHECK_CONNECTIVITY = Phase("check_connectivity", Scope, Done)
INSTALL_AGENT = Phase("install_agent", Scope, Done)
ENABLE_REPLICATION = Phase("enable_replication", Scope, Done)
INITIAL_SYNC = Phase("initial_sync", Scope, Done)
START_TEST_FAILOVER = Phase("start_test_failover", Scope, Done)
VERIFY_TEST_VM = Phase("verify_test_vm", Scope, Done)
ACCEPT_TEST_VM = Phase("accept_test_vm", Scope, Done)
CLEAN_UP_TEST_FAILOVER = Phase("clean_up_test_failover", Scope, Done)
AWAIT_WINDOW = Phase("await_window", Cohort, WindowPollResult)
QUIESCE = Phase("quiesce", Scope, Done)
STOP_SOURCE = Phase("stop_source", Scope, Done)
FAIL_OVER = Phase("fail_over", Scope, Done)
VERIFY = Phase("verify", Scope, Done)
ACCEPT = Phase("accept", Scope, Done)
COMPLETE_MIGRATION = Phase("complete_migration", Scope, Done)
PROTECT_TARGET = Phase("protect_target", Scope, Done)
CLEAN_UP = Phase("clean_up", Scope, Done)
DECOMMISSION_SOURCE = Phase("decommission_source", Scope, Done)

PLAN_PHASES = {
    phase.name: phase
    for phase in (ASSESS, PREPARE_VAULT, OPEN_SECURITY_GROUPS, REGISTER_APPLIANCE, SET_REPLICATION_POLICY)
}

MACHINE_PHASES = {
    phase.name: phase
    for phase in (
        CHECK_CONNECTIVITY,
        INSTALL_AGENT,
        ENABLE_REPLICATION,
        INITIAL_SYNC,
        START_TEST_FAILOVER,
        VERIFY_TEST_VM,
        ACCEPT_TEST_VM,
        CLEAN_UP_TEST_FAILOVER,
        QUIESCE,
        STOP_SOURCE,
        FAIL_OVER,
        VERIFY,
        ACCEPT,
        COMPLETE_MIGRATION,
        PROTECT_TARGET,
        CLEAN_UP,
        DECOMMISSION_SOURCE,
    )
}

# --- orchestrators: those that walk ------------------------------------------------------------------------------------
ASSESS_PLAN = Phase("assess_plan", Scope, Done)  # of a plan that nobody started
WRITE_BACKUP = Phase("write_backup", BackupRequest, Done)
RESTORE_BACKUP = Phase("restore_backup", BackupRequest, Done)
MIGRATE = Phase("migrate", Round, Done)
MIGRATE_ROAD = Phase("migrate_road", RoadRun, Done)
MIGRATE_WAVE = Phase("migrate_wave", Scope, Done)
WALK_MACHINE = Phase("walk_machine", PhaseRun, Done)
CUT_OVER_COHORT = Phase("cut_over_cohort", Cohort, Done)
FAIL_OVER_PLAN = Phase("fail_over_plan", Cohort, Done)
PREPARE_TOGETHER = Phase("prepare_together", GroupPreparation, Done)  # of a wave that is rehearsed as recovery plans
REHEARSE = Phase("rehearse", Cohort, Done)  # as one recovery plan
RESTORE_SOURCE = Phase("restore_source", Scope, Done)  # of one machine, because its cutover window closed
RESTORE_SERVICES = Phase("restore_services", Scope, Done)  # of one machine, because its cutover was refused
ROLL_BACK = Phase("roll_back", Round, Done)
ROLL_BACK_MACHINE = Phase("roll_back_machine", Round, Done)
PREPARE_PROTECTION = Phase("prepare_protection", Scope, Done)  # what the machines of one protection share
WATCH_VAULT = Phase("watch_vault", Watch, Done)
PROBE_PARTITION = Phase("probe_partition", PartitionProbe, PartitionShown)
