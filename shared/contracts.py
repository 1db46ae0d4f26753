"""The menu: every activity and every orchestrator, its name, what it takes and what it gives."""

from shared.durable import Activity, Phase
from shared.inspections import Inspecting, Inspection
from shared.models import Done, Place, Woken
from shared.requests import (
    Announcing,
    ApplianceSeen,
    Asking,
    Began,
    Cohort,
    Cohorts,
    Command,
    CutoverMode,
    Gate,
    GateSeen,
    Installation,
    Landed,
    Leaving,
    Leg,
    Look,
    Members,
    Opening,
    PreparedFor,
    Preparing,
    Probe,
    Road,
    Round,
    Seen,
    Slots,
    Submitted,
    Ticked,
    Verification,
    Watch,
    Waves,
    WayJudged,
    WhereItStands,
)

# --- activities: the frame -------------------------------------------------------------------------------------------
ENTER = Activity("enter", Look, Seen)  # begin a phase: ledger, owner, pause, cancel, failure tolerance
LEAVE = Activity("leave", Leaving, Woken)  # let go of a machine, well or failed
BEGIN_ROUND = Activity("begin_round", Round, Waves)
LIST_ROUND = Activity("list_round", Round, Members)  # of a rollback or cancellation: the machines it takes over
END_ROAD = Activity("end_road", Leaving, Done)  # its preparation failed: its machines end, other roads go on
END_ROUND = Activity("end_round", Leaving, Woken)
LIST_MEMBERS = Activity("list_members", Place, Members)
LIST_FINALIZED = Activity("list_finalized", Place, Members)
END_WAVE = Activity("end_wave", Leaving, Woken)
LOOK_JOB = Activity("look_job", Look, Seen)
TAKE_SLOTS = Activity("take_slots", Slots, Seen)
FREE_SLOTS = Activity("free_slots", Slots, Woken)
LOOK_GATE = Activity("look_gate", Gate, GateSeen)  # opens the gate at the first look
CLOSE_GATE = Activity("close_gate", Gate, Done)
ANNOUNCE = Activity("announce", Announcing, Done)
START_WATCH = Activity("start_watch", Place, Done)
READ_VAULT = Activity("read_vault", Watch, Ticked)
SHOW_PARTITION = Activity("show_partition", Probe, Done)
TEND = Activity("tend", Watch, Done)  # look after what the frame lost, where its timer stands still
SEND_COMMAND = Activity("send_command", Command, Began)
LOOK_COMMAND = Activity("look_command", Look, Seen)

# --- Assess ----------------------------------------------------------------------------------------------------------
READ_SOURCES = Activity("read_sources", Place, Done)
READ_TARGET = Activity("read_target", Place, Done)
START_INSPECTION = Activity("start_inspection", Look, Inspecting)
LOOK_INSPECTION = Activity("look_inspection", Inspection, Seen)
JUDGE_MACHINES = Activity("judge_machines", Place, Done)

# --- Prepare ---------------------------------------------------------------------------------------------------------
ENSURE_VAULT = Activity("ensure_vault", Look, Submitted)
LOOK_VAULT = Activity("look_vault", Look, Seen)
ENSURE_SITES = Activity("ensure_sites", Look, Submitted)  # fabrics and containers that the app itself makes
OPEN_RULES = Activity("open_rules", Place, Done)
CLOSE_RULES = Activity("close_rules", Place, Done)
READ_PREPARATION = Activity("read_preparation", Place, PreparedFor)
LAUNCH_APPLIANCE = Activity("launch_appliance", Place, Done)
LOOK_APPLIANCE = Activity("look_appliance", Look, ApplianceSeen)
ENSURE_POLICY = Activity("ensure_policy", Look, Submitted)
ENSURE_MAPPING = Activity("ensure_mapping", Look, Submitted)

# --- Replicate -------------------------------------------------------------------------------------------------------
CHECK_ROUTES = Activity("check_routes", Place, WayJudged)
TRY_BACK = Activity("try_back", Look, Began)
LOOK_BACK = Activity("look_back", Look, Seen)
LOOK_INSTALLATION = Activity("look_installation", Look, Installation)
LOOK_AGENT_FILE = Activity("look_agent_file", Look, Seen)  # a person puts what registration needs into place
LOOK_AGENT = Activity("look_agent", Look, Seen)
ENABLE_REPLICATION = Activity("start_replication", Look, Submitted)
LOOK_SYNC = Activity("look_sync", Look, Seen)
SET_TARGET = Activity("set_target", Look, Submitted)
DISABLE_REPLICATION = Activity("start_disabling", Look, Submitted)
LOOK_GONE = Activity("look_gone", Look, Seen)

# --- Rehearse --------------------------------------------------------------------------------------------------------
START_TEST_FAILOVER = Activity("start_test_failover", Look, Submitted)
GATHER_REHEARSAL = Activity("gather_rehearsal", Cohort, Cohorts)  # those that are rehearsed as one recovery plan each
HOLD_REHEARSAL = Activity("hold_rehearsal", Cohort, Members)  # so that no rollback begins while its recovery plan runs
START_PLAN_TEST = Activity("start_plan_test", Cohort, Submitted)
START_TEST_CLEAN_UP = Activity("start_test_clean_up", Look, Submitted)
LOOK_BOOT = Activity("look_boot", Verification, Seen)
START_VERIFICATION = Activity("start_verification", Verification, Submitted)
LOOK_VERIFICATION = Activity("look_verification", Verification, Seen)

# --- Approve ---------------------------------------------------------------------------------------------------------
LOOK_APPROVAL = Activity("look_approval", Asking, Cohorts)

# --- CutOver ---------------------------------------------------------------------------------------------------------
READ_CUTOVER_MODE = Activity("read_cutover_mode", Place, CutoverMode)
LOOK_DEPENDENCIES = Activity("look_dependencies", Cohort, Seen)
LOOK_WINDOW = Activity("look_window", Cohort, Opening)  # takes places in an opening for as many as it holds
BEGIN_CUTOVER = Activity("begin_cutover", Cohort, Seen)  # not settled: the window closed while a free place was awaited
CHECK_DRIFT = Activity("check_drift", Place, Done)
MARK_QUIESCED = Activity("mark_quiesced", Place, Done)
LOOK_RECOVERY_POINT = Activity("look_recovery_point", Look, Seen)
STOP_SOURCE = Activity("stop_source_machine", Look, Seen)
HOLD_COHORT = Activity("hold_cohort", Cohort, Members)  # so that no rollback begins while its recovery plan runs
RELEASE_COHORT = Activity("release_cohort", Cohort, Woken)
MAKE_RECOVERY_PLAN = Activity("make_recovery_plan", Cohort, Submitted)
START_PLAN_FAILOVER = Activity("start_plan_failover", Cohort, Submitted)
LOOK_PLAN_JOB = Activity("look_plan_job", Cohort, Seen)  # its run; opens a gate where it holds for a person
DELETE_RECOVERY_PLAN = Activity("delete_recovery_plan", Cohort, Submitted)
START_FAILOVER = Activity("start_failover", Look, Submitted)
READ_FAILOVER = Activity("read_failover", Place, Landed)
MARK_VERIFIED = Activity("mark_verified", Place, Done)

# --- Finish ----------------------------------------------------------------------------------------------------------
START_COMMIT = Activity("start_commit", Look, Submitted)  # where the provider wants it before replication ends
START_COMPLETION = Activity("start_completion", Look, Submitted)
LIST_PROTECTIONS = Activity("list_protections", Place, Members)  # one machine of each protection of a wave
REFUSE_PROTECTION = Activity("refuse_protection", Leaving, Done)  # what it goes through could not be made ready
REMOVE_MOBILITY_SERVICE = Activity("remove_mobility_service", Look, Seen)  # before a machine from outside is protected
START_TARGET_PROTECTION = Activity("start_target_protection", Look, Submitted)
LOOK_TARGET_PROTECTION = Activity("look_target_protection", Look, Seen)
REMOVE_LEFTOVERS = Activity("remove_leftovers", Place, Done)
READ_DECOMMISSION = Activity("read_decommission", Look, Opening)
KEEP_IMAGE = Activity("keep_image", Look, Seen)
TERMINATE_SOURCE = Activity("terminate_source", Place, Done)

# --- Rollback --------------------------------------------------------------------------------------------------------
TAKE_OVER = Activity("take_over", Look, Seen)  # wait until the flow that has the machine let go of it
READ_STANDING = Activity("read_standing", Place, WhereItStands)
READ_SERVICES = Activity("read_services", Place, WhereItStands)  # only whether services rest on a source that runs
FENCE_TARGET = Activity("fence_target", Look, Seen)
CANCEL_FAILOVER = Activity("cancel_failover", Look, Submitted)
START_SOURCE = Activity("start_source_machine", Look, Seen)
BEGIN_ROLL_BACK = Activity("begin_roll_back", Place, Done)  # of one machine, because its acceptance timer says so
MARK_ROLLED_BACK = Activity("mark_rolled_back", Round, Woken)

# --- orchestrators: one per phase of the itinerary, by the phase's own name ---------------------------------------------
ASSESS = Phase("assess", Place, Done)
PREPARE_VAULT = Phase("prepare_vault", Place, Done)
OPEN_SECURITY_GROUPS = Phase("open_security_groups", Place, Done)
REGISTER_APPLIANCE = Phase("register_appliance", Place, Done)
SET_REPLICATION_POLICY = Phase("set_replication_policy", Place, Done)
CHECK_CONNECTIVITY = Phase("check_connectivity", Place, Done)
INSTALL_AGENT = Phase("install_agent", Place, Done)
ENABLE = Phase("enable_replication", Place, Done)
INITIAL_SYNC = Phase("initial_sync", Place, Done)
TEST_FAILOVER = Phase("test_failover", Place, Done)
VERIFY_TEST = Phase("verify_test", Place, Done)
ACCEPT_TEST = Phase("accept_test", Place, Done)
CLEAN_UP_TEST = Phase("clean_up_test", Place, Done)
AWAIT_WINDOW = Phase("await_window", Cohort, Opening)
QUIESCE = Phase("quiesce", Place, Done)
STOP = Phase("stop_source", Place, Done)
FAIL_OVER = Phase("fail_over", Place, Done)
VERIFY = Phase("verify", Place, Done)
ACCEPT = Phase("accept", Place, Done)
COMPLETE_MIGRATION = Phase("complete_migration", Place, Done)
PROTECT_TARGET = Phase("protect_target", Place, Done)
CLEAN_UP = Phase("clean_up", Place, Done)
DECOMMISSION_SOURCE = Phase("decommission_source", Place, Done)

PLAN_PHASES = {
    phase.name: phase
    for phase in (ASSESS, PREPARE_VAULT, OPEN_SECURITY_GROUPS, REGISTER_APPLIANCE, SET_REPLICATION_POLICY)
}

MACHINE_PHASES = {
    phase.name: phase
    for phase in (
        CHECK_CONNECTIVITY,
        INSTALL_AGENT,
        ENABLE,
        INITIAL_SYNC,
        TEST_FAILOVER,
        VERIFY_TEST,
        ACCEPT_TEST,
        CLEAN_UP_TEST,
        QUIESCE,
        STOP,
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
MIGRATE = Phase("migrate", Round, Done)
MIGRATE_ROAD = Phase("migrate_road", Road, Done)
MIGRATE_WAVE = Phase("migrate_wave", Place, Done)
WALK_MACHINE = Phase("walk_machine", Leg, Done)
CUT_OVER_COHORT = Phase("cut_over_cohort", Cohort, Done)
FAIL_OVER_PLAN = Phase("fail_over_plan", Cohort, Done)
PREPARE_TOGETHER = Phase("prepare_together", Preparing, Done)  # of a wave that is rehearsed as recovery plans
REHEARSE = Phase("rehearse", Cohort, Done)  # as one recovery plan
STAND_BACK = Phase("stand_back", Place, Done)  # of one machine, because its cutover window closed
RESTORE_SERVICES = Phase("restore_services", Place, Done)  # of one machine, because its cutover was refused
ROLL_BACK = Phase("roll_back", Round, Done)
ROLL_BACK_MACHINE = Phase("roll_back_machine", Round, Done)
PREPARE_PROTECTION = Phase("prepare_protection", Place, Done)  # what the machines of one protection share
WATCH_VAULT = Phase("watch_vault", Watch, Done)
PROBE_PARTITION = Phase("probe_partition", Probe, Done)
