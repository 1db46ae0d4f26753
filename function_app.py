"""The front door: the list of everything that Azure can start. It registers, and does nothing else."""

from importlib import import_module

import azure.functions as func

from shared import generation, telemetry

# fmt: off
# How work comes in.
TRIGGERS = (
    "health", "migrations", "looking", "commands", "plans", "reports", "openapi", "home", "registering",
    "requests_queue", "tend",
)
# When things happen: those that walk, then one per phase of the itinerary.
ORCHESTRATORS = (
    "migrate", "migrate_wave", "walk_machine", "cut_over_cohort", "stand_back", "roll_back", "watch_vault", "branch",
    "probe_partition",
    "assess", "prepare_vault", "open_security_groups", "register_appliance", "set_replication_policy",
    "check_connectivity", "install_agent", "enable_replication", "initial_sync",
    "rehearse", "test_failover", "verify_test", "accept_test", "clean_up_test",
    "await_window", "quiesce", "stop_source", "fail_over", "verify", "accept",
    "complete_migration", "clean_up", "protect_target", "decommission_source",
)
# What is done: what every walk needs, then by phase of the itinerary.
ACTIVITIES = (
    "rounds", "walking", "taking_over", "gates", "slots", "watching", "jobs", "commands",
    "probe_partition",
    "assess", "inspect_sources", "prepare_vault", "open_security_groups", "register_appliance", "set_replication_policy",
    "check_connectivity", "try_back", "install_agent", "agent_file", "enable_replication", "initial_sync", "set_target",
    "rehearse", "test_failover", "verifying", "clean_up_test", "approval",
    "await_window", "quiesce", "stop_source", "fail_over", "recovery_plan", "plan_job", "verify",
    "complete_migration", "clean_up", "mobility_service", "protect_target", "decommission_source", "roll_back",
    "cancel_failover", "stand_back",
)
# fmt: on

generation.refuse_others()
telemetry.start()
app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)

for package, modules in (("triggers", TRIGGERS), ("orchestrators", ORCHESTRATORS), ("activities", ACTIVITIES)):
    for module in modules:
        app.register_functions(import_module(f"{package}.{module}").bp)
