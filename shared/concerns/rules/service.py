"""Rules about replication itself: mode, appliance, policy, recovery plans, and how the plan decides."""

from collections.abc import Iterator
from datetime import timedelta

from shared.concerns.registry import AWS, Case, Sighting, known, plan_rule
from shared.plan.values import from_duration
from shared.scheduling.cohorts import LARGEST

LONGEST_RETENTION = timedelta(days=15)  # documented
CRASH_CONSISTENT_EVERY = timedelta(minutes=5)  # the only value that InMageRcm takes (documented)
RAREST_APP_CONSISTENT = timedelta(hours=12)  # more has been refused with 150261 (recorded by others)
NEWEST = ("latest", "latestProcessed")
MOST_NAMES = 5
MIGRATION_ONLY = "replication without agents is for migration only: Site Recovery fails none of its machines back"
FOR_GOOD = (
    "this product migrates for good: it removes replication at the end, and with it reverse replication and failback"
)
NO_FAILBACK = {  # what Site Recovery itself could do, and what becomes of it here
    "aws-to-azure": "Site Recovery fails no machine back to AWS, and nothing is replicated once the migration is complete",
    "azure-to-azure": "between Azure regions it is a migration only: replication is disabled after the commit, nothing is replicated "
    "back to the source's region and nothing fails back to it",
    "vmware-to-azure": f"Site Recovery could fail VMware machines back in full replication; {FOR_GOOD}",
    "physical-to-azure": f"Site Recovery fails nothing back to physical hardware; {FOR_GOOD}",
    "hyperv-to-azure": f"Site Recovery could fail Hyper-V machines back in full replication; {FOR_GOOD}",
}
WITH_APPLIANCE = ("aws-to-azure", "physical-to-azure", "vmware-to-azure")


@plan_rule(
    "replication-mode-retired",
    "critical",
    "Microsoft retired the configuration server on 30 March 2026",
    "Use mode appliance. Whoever still has a working configuration server acknowledges, with the reason.",
    applies_to=WITH_APPLIANCE,
    acknowledgeable=True,
)
def _retired(case: Case) -> Iterator[str]:
    if case.plan.replication.mode == "configurationServer":
        yield "replication.mode is configurationServer"


@plan_rule(
    "appliance-full",
    "critical",
    "The appliance cannot replicate so many machines",
    "Send some of the waves through another appliance: give them a replication.appliance.name of their own.",
    applies_to=WITH_APPLIANCE,
)
def _full(case: Case) -> Iterator[str]:
    new = sum(1 for _, machine in case.to_place() if not case.standing_of(machine.name).replicated)
    registered_machines = (
        0 if case.appliance.registered is False else known(case.appliance.machines, "appliance.machines")
    )
    if registered_machines + new > case.appliance.capacity:
        yield f"{registered_machines} machines are replicated, {new} would come; it takes {case.appliance.capacity}"


@plan_rule(
    "appliance-unhealthy",
    "warning",
    "Components of the appliance are not healthy",
    "Look at the appliance's own page and its services; the migration waits until all are healthy.",
    applies_to=WITH_APPLIANCE,
)
def _unhealthy(case: Case) -> Iterator[str]:
    if case.appliance.unhealthy:
        yield ", ".join(case.appliance.unhealthy)


@plan_rule(
    "appliance-not-registered",
    "information",
    "The appliance is not registered with the vault yet; its registration key is valid for 5 days",
    "Follow the steps of the gate register-appliance; make the key no earlier than you need it.",
    applies_to=WITH_APPLIANCE,
)
def _not_registered(case: Case) -> Iterator[Sighting]:
    if not known(case.appliance.registered, "appliance.registered"):
        name = case.plan.replication.appliance.name
        yield Sighting(f"{name} is not among the vault's appliances", name)


@plan_rule(
    "retention-too-long",
    "critical",
    "Recovery points cannot be kept so long",
    "Keep them 15 days at most.",
)
def _retention(case: Case) -> Iterator[str]:
    retention = case.plan.policy.recovery_point_retention
    if retention > LONGEST_RETENTION:
        yield f"recoveryPointRetention is {from_duration(retention)}"


@plan_rule(
    "app-consistent-without-retention",
    "critical",
    "Application-consistent points would not be kept until the next one",
    "Keep recovery points longer than the time between application-consistent ones, or take none (PT0S).",
)
def _beyond(case: Case) -> Iterator[str]:
    policy = case.plan.policy
    if policy.app_consistent_every and policy.app_consistent_every >= policy.recovery_point_retention:
        kept, every = (from_duration(each) for each in (policy.recovery_point_retention, policy.app_consistent_every))
        yield f"taken every {every}, kept {kept}"


@plan_rule(
    "app-consistent-too-rare",
    "critical",
    "Application-consistent points are further apart than the service allows",
    "Take one at least every 12 hours, or none (PT0S).",
)
def _rare(case: Case) -> Iterator[str]:
    if case.plan.policy.app_consistent_every > RAREST_APP_CONSISTENT:
        yield f"appConsistentEvery is {from_duration(case.plan.policy.app_consistent_every)}"


@plan_rule(
    "crash-consistent-interval",
    "warning",
    "Crash-consistent points are taken every 5 minutes whatever the plan says",
    "Leave crashConsistentEvery at PT5M.",
    applies_to=WITH_APPLIANCE,
)
def _crash(case: Case) -> Iterator[str]:
    without_agents = case.plan.replication.mode == "agentless"  # its points are snapshots, an hour apart at least
    if case.plan.policy.crash_consistent_every != CRASH_CONSISTENT_EVERY and not without_agents:
        yield f"crashConsistentEvery is {from_duration(case.plan.policy.crash_consistent_every)}"


@plan_rule(
    "recovery-plan-split",
    "information",
    "An application is larger than what may cut over at once: it goes in parts, boot group after boot group",
    "The later parts wait until the earlier ones serve. Raise limits.cuttingOver (a recovery plan holds 100 machines) where "
    "the whole application has to be down at the same time.",
)
def _split(case: Case) -> Iterator[str]:
    size = min(case.plan.limits.cutting_over, LARGEST)
    for wave in case.plan.waves:
        groups: dict[str, list[int]] = {}
        for machine in wave.machines:
            groups.setdefault(machine.application, []).append(machine.boot_group)
        for application, order in groups.items():
            if len(order) > size and len(set(order)) > 1:
                name = f"application {application}" if application else "what names no application"
                yield f"wave {wave.name}, {name}: {len(order)} machines, {size} at once"


@plan_rule(
    "older-recovery-point",
    "warning",
    "Machines are to start from a recovery point that is not their last",
    "What was written at the source after that point is not in Azure: see that nothing is needed of it, or take the latest.",
)
def _older(case: Case) -> Iterator[str]:
    for wave in case.plan.waves:
        chosen = [(machine.name, machine.recovery_point or wave.cutover.recovery_point) for machine in wave.machines]
        older = [f"{name or 'those with tags'} ({point})" for name, point in chosen if point not in NEWEST]
        if older:
            yield f"wave {wave.name}: {len(older)} of {len(chosen)}, {', '.join(older[:MOST_NAMES])}"


@plan_rule(
    "failback-impossible",
    "information",
    "There is no failback: after failover the way back is to start the source again, without what was written in Azure",
    "Decide in the acceptance time; see docs/rollback.md. Whoever needs a failback keeps the machine in full replication, which is "
    "no migration and no part of this product.",
)
def _no_failback(case: Case) -> Iterator[str]:
    without_agents = case.plan.replication.mode == "agentless"
    yield MIGRATION_ONLY if without_agents else NO_FAILBACK[case.plan.scenario]


@plan_rule(
    "test-skipped",
    "warning",
    "A wave is cut over without a rehearsal",
    "Set `gates: {test: auto}` or manual.",
)
def _skipped(case: Case) -> Iterator[str]:
    for wave in case.plan.waves:
        if wave.gates.test == "skip":
            yield f"wave {wave.name}"


@plan_rule(
    "cutover-unattended",
    "warning",
    "A wave is cut over without an approval and without a window",
    "Set `gates: {cutover: manual}` or give it a window.",
)
def _unattended(case: Case) -> Iterator[str]:
    for wave in case.plan.waves:
        if wave.gates.cutover == "auto" and not wave.cutover.windows:
            yield f"wave {wave.name}"


@plan_rule(
    "source-terminated-later",
    "warning",
    "The plan ends with terminating the source machines",
    "Nothing is terminated before the grace period and a second approval.",
    applies_to=AWS,
)
def _terminated(case: Case) -> Iterator[str]:
    decommission = case.plan.finish.decommission
    if decommission.mode == "terminate":
        image = "an image is kept" if decommission.keep_image else "no image is kept"
        yield f"after {from_duration(decommission.grace)}; {image}"


@plan_rule(
    "tags-match-nothing",
    "warning",
    "Tags in the plan select no machine",
    "Correct the tags, or take the entry out.",
)
def _nothing(case: Case) -> Iterator[str]:
    yield from case.unmatched
