"""Rules about the machine as it stands at its source: state, owner, who else starts and stops it."""

from collections.abc import Iterator

from shared.concerns.registry import AWS, SEEN_RUNNING, TO_AZURE, MachineCase, known, rule
from shared.site_recovery.vm_agent import comes_along

MOST_CHURN = 54.0  # MB/s per machine (documented)
GONE = ("terminated", "shutting-down")


@rule(
    "machine-not-found",
    "critical",
    "The machine was not found at its source",
    "Correct its id, address or tags in the plan.",
)
def _not_found(case: MachineCase) -> Iterator[str]:
    if not case.source.found and not case.source.fits:
        yield "nothing was found"


@rule(
    "machine-ambiguous",
    "critical",
    "More than one machine has this address",
    "Name the VPC in the plan (source.aws.vpcId), or the machine by its instance id.",
    applies_to=AWS,
)
def _ambiguous(case: MachineCase) -> Iterator[str]:
    if case.source.fits:
        yield f"these have it: {', '.join(case.source.fits)}"


@rule(
    "machine-terminated",
    "critical",
    "The machine no longer exists",
    "Take it out of the plan.",
    applies_to=SEEN_RUNNING,
)
def _terminated(case: MachineCase) -> Iterator[str]:
    if known(case.source.state, "state") in GONE:
        yield f"its state is {case.source.state}"


@rule(
    "machine-not-running",
    "critical",
    "The machine is not running",
    "Start it: the Mobility service replicates from inside the running system.",
    applies_to=SEEN_RUNNING,
)
def _not_running(case: MachineCase) -> Iterator[str]:
    state = known(case.source.state, "state")
    if state not in ("running", *GONE) and not case.standing.stopped and not case.source.moved_by:
        yield f"its state is {state}"


@rule(
    "migrated-before",
    "critical",
    "An earlier migration moved the machine: it serves in Azure",
    "Leave it out of this plan. Do not start its source, and remove nothing in Azure for it.",
)
def _migrated(case: MachineCase) -> Iterator[str]:
    if case.source.moved_by:
        yield case.source.moved_by


@rule(
    "replicated-by-earlier-migration",
    "critical",
    "The replication of an earlier migration is still there",
    "Retry or cancel the machine in that migration, or leave it out of this plan. Acknowledge, and this one goes on with it.",
    acknowledgeable=True,
)
def _replicated_earlier(case: MachineCase) -> Iterator[str]:
    if case.source.replicated_by and not case.source.busy_in:
        yield case.source.replicated_by


@rule(
    "machine-busy",
    "critical",
    "The machine belongs to another running migration",
    "Let that migration end, or cancel it; then retry.",
)
def _busy(case: MachineCase) -> Iterator[str]:
    if case.source.busy_in:
        yield f"migration {case.source.busy_in} has it"


@rule(
    "spot-instance",
    "warning",
    "It is a Spot instance: AWS may stop it at any moment",
    "Make it an on-demand instance for the time of the migration; a stop during initial sync starts it over.",
    applies_to=AWS,
)
def _spot(case: MachineCase) -> Iterator[str]:
    if known(case.source.spot, "spot"):
        yield "its lifecycle is spot"


@rule(
    "auto-scaling-group",
    "critical",
    "It belongs to an Auto Scaling group, which replaces it as soon as it is stopped",
    "Detach it from the group or suspend the group's processes, then acknowledge or retry.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _scaling(case: MachineCase) -> Iterator[str]:
    if group := known(case.source.auto_scaling_group, "auto_scaling_group"):
        yield f"the group is {group}"


@rule(
    "dedicated-tenancy",
    "information",
    "It runs on dedicated hardware in AWS; in Azure it will share hosts",
    "If a licence or rule demands it, plan for an Azure dedicated host.",
    applies_to=AWS,
)
def _tenancy(case: MachineCase) -> Iterator[str]:
    if (tenancy := known(case.source.tenancy, "tenancy")) != "default":
        yield f"its tenancy is {tenancy}"


@rule(
    "no-management-agent",
    "warning",
    "No management agent answers on the machine: a person has to install the Mobility service",
    "Give it the AWS Systems Manager agent and an instance role, or install by hand when the gate install-agent asks.",
    applies_to=AWS,
)
def _no_agent(case: MachineCase) -> Iterator[str]:
    if case.plan.replication.agent.install == "ssm" and not known(case.source.ssm_online, "ssm_online"):
        yield "AWS Systems Manager does not reach it"


@rule(
    "termination-protection",
    "information",
    "It is protected against termination: decommissioning will be refused until that is lifted",
    "Lift the protection when the second approval is given.",
    applies_to=AWS,
)
def _protected(case: MachineCase) -> Iterator[str]:
    ends = case.plan.finish.decommission.mode == "terminate"
    if ends and known(case.source.termination_protection, "termination_protection"):
        yield "termination protection is on"


@rule(
    "stop-protection",
    "critical",
    "It is protected against being stopped: its cutover would be refused",
    "Lift the protection (`aws ec2 modify-instance-attribute --no-disable-api-stop`), then retry; or acknowledge where it is "
    "lifted before the cutover: it is looked at again then.",
    applies_to=AWS,
    acknowledgeable=True,
)
def _kept_running(case: MachineCase) -> Iterator[str]:
    if known(case.source.stop_protection, "stop_protection"):
        yield "disableApiStop is on"


@rule(
    "churn-too-high",
    "critical",
    "It writes more than replication can follow",
    "Lower the write rate (move scratch data, page files, dumps to a disk that is not replicated), then retry.",
    applies_to=TO_AZURE,
)
def _churn(case: MachineCase) -> Iterator[str]:
    churn = known(case.source.churn_mib_per_second, "churn_mib_per_second")
    if churn > MOST_CHURN:
        yield f"it writes {churn:.0f} MiB/s; {MOST_CHURN:.0f} can be followed"


@rule(
    "no-checks",
    "information",
    "The plan has no check for this machine: only its boot is verified",
    "Add `verify` to the machine or its wave, e.g. [{service: postgresql}].",
)
def _no_checks(case: MachineCase) -> Iterator[str]:
    if not case.wave.verify_of(case.machine):
        yield "verify is empty"


@rule(
    "services-not-stopped",
    "information",
    "Nothing stops its services before the last recovery point",
    "Give `scripts: {stopServices: …}` where data must be written out first; else the point is crash-consistent.",
)
def _no_stop(case: MachineCase) -> Iterator[str]:
    if not case.wave.scripts_of(case.machine).stop_services:
        yield "scripts.stopServices is empty"


@rule(
    "services-not-started-again",
    "warning",
    "Its services are stopped before the cutover, and nothing starts them again where it does not go through",
    "Give `scripts: {startServices: …}` beside `stopServices`: it runs after a rollback, and where the source could not be stopped "
    "or the cutover was given up. Without it the source is up and its services are not, until somebody starts them. "
    "Scripts of a machine replace those of its wave, both of them.",
)
def _no_way_back(case: MachineCase) -> Iterator[str]:
    own = case.wave.scripts_of(case.machine)
    if own.stop_services and not own.start_services:
        yield "scripts.stopServices is given, scripts.startServices is empty"


@rule(
    "checks-need-an-agent",
    "warning",
    "Checks inside the machine need the Azure VM agent, which it may not bring along",
    "Install the Azure VM agent (Linux: waagent, Windows: WindowsAzureGuestAgent) on the source now, or check it by `tcp` or "
    "`http`: without the agent such a check fails after the failover, although the machine serves.",
)
def _checks_need_an_agent(case: MachineCase) -> Iterator[str]:
    inside = [probe.kind for probe in case.wave.verify_of(case.machine) if probe.kind in ("service", "command")]
    if inside and not comes_along(case.plan.provider, known(case.source.os_family, "os_family")):
        yield f"{len(inside)} of its checks run inside it; on its system Site Recovery installs no agent"


@rule(
    "scripts-need-an-agent",
    "warning",
    "Scripts on the VM in Azure need the Azure VM agent, which the machine may not bring along",
    "Install the Azure VM agent (Linux: waagent, Windows: WindowsAzureGuestAgent) on the source now: without it a script that must "
    "succeed stops the machine after its failover.",
)
def _scripts_need_an_agent(case: MachineCase) -> Iterator[str]:
    scripts = case.wave.target_scripts_of(case.machine)
    if scripts and not comes_along(case.plan.provider, known(case.source.os_family, "os_family")):
        yield f"{', '.join(each.name for each in scripts)}; on its system Site Recovery installs no agent"
