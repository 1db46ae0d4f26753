"""The front door: the list of everything that Azure can start. It registers, and does nothing else."""

import gc
from importlib import import_module

import azure.functions as func

from shared.durable import sdk_generation
from shared.observability import telemetry
from triggers.key_level import key_level

# fmt: off
# How work comes in.
TRIGGERS = (
    "health", "migrations", "inbox", "looking", "grouping", "commands", "changing", "plans", "assessing", "inventory", "importing", "reports", "evidence", "record", "openapi", "home", "registering",
    "requests_queue", "notifications", "notifications_queue", "reconcile", "doctor", "backing_up", "target_profiles",
)
# When things happen: those that walk, then one per phase of the itinerary.
ORCHESTRATORS = (
    "migrate", "migrate_wave", "walk_machine", "cut_over_cohort", "restore_source", "roll_back", "watch_vault", "branch",
    "probe_partition", "assess_plan", "write_backup", "restore_backup",
    "assess", "prepare_vault", "open_security_groups", "register_appliance", "set_replication_policy",
    "check_connectivity", "install_agent", "enable_replication", "initial_sync",
    "rehearse", "start_test_failover", "verify_test_vm", "accept_test_vm", "clean_up_test_failover",
    "await_window", "quiesce", "stop_source", "fail_over", "verify", "accept",
    "complete_migration", "clean_up", "protect_target", "decommission_source",
)
# What is done: what every walk needs, then by phase of the itinerary.
ACTIVITIES = (
    "flow.rounds", "flow.round_end", "flow.waves", "flow.phase_entry", "flow.phase_exit", "flow.cohort_ownership", "flow.ownership", "gates.gates", "flow.slots", "flow.vault_watcher", "flow.jobs", "source_scripts.source_commands",
    "assess", "facts.plan_assessment", "facts.inspect_sources", "prepare_vault", "open_security_groups", "register_appliance", "set_replication_policy",
    "check_connectivity", "source_scripts.try_back", "install_agent", "source_scripts.agent_file", "enable_replication", "initial_sync", "flow.set_target",
    "rehearse", "start_test_failover", "verification.verify_vm", "verification.target_scripts", "verification.failed_verification", "clean_up_test_failover", "approval",
    "flow.dependencies", "await_window", "quiesce", "stop_source", "fail_over", "recovery_plans.recovery_plan", "recovery_plans.recovery_plan_job", "verify",
    "complete_migration", "clean_up", "source_scripts.mobility_service", "protect_target", "decommission_source", "roll_back",
    "flow.cancel_failover", "restore_source", "backups.backup_jobs",
)
# fmt: on

gc.disable()  # what is read at the start stays: looking through it again and again was a sixth of the start
sdk_generation.refuse_others()
telemetry.start()
app = func.FunctionApp(http_auth_level=key_level())

for package, modules in (("triggers", TRIGGERS), ("orchestrators", ORCHESTRATORS), ("activities", ACTIVITIES)):
    for module in modules:
        app.register_functions(import_module(f"{package}.{module}").bp)

gc.freeze()
gc.enable()
