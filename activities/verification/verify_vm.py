"""Verifying a machine in Azure, the test copy or the migrated one: it boots, its agent answers, the checks pass."""

from datetime import timedelta
from typing import Unpack
from zlib import crc32

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.skipped_phases import is_skipped
from activities.verification.boot_evidence import console_of, counts_on_agent, needs_agent, runs_scripts, witness
from activities.verification.target_drift import check_arrival
from activities.verification.verification_probes import failures, from_here, script_of
from activities.verification.verify_deadline import time_left, with_deadline
from shared import ids
from shared.azure import compute, guest, network
from shared.azure.compute import Vm
from shared.azure.guest import ScriptResult
from shared.contracts.contracts import POLL_BOOT, POLL_VERIFICATION, START_TEST_FAILOVER, START_VERIFICATION
from shared.contracts.requests import BootResult, PollResult, Submitted, Verification
from shared.durable.seam import Blueprint, serves
from shared.guest_scripts.wrapper import RUN_COMMAND, wrap
from shared.ledger import events, machines
from shared.ledger.evidence import Checked, Evidence, MigratedVm
from shared.ledger.machine_context import MachineContext, machine_context
from shared.ledger.machine_row import MachineChanges, Mark
from shared.ledger.serving import in_doubt
from shared.plan.machines import Probe
from shared.plan.named import target_group
from shared.problems import Refused
from shared.roads.target_names import vm_name

bp = Blueprint()

BOOTS_WITHIN = timedelta(minutes=30)
A_MOMENT = 20  # seconds; each is downtime
A_WHILE = 40  # for a test copy, which nobody waits for
LEAST_PATIENCE = timedelta(minutes=5)
NOTHING = timedelta()
SHOWN = 1_000  # characters of a console's end
SCRIPT = "verification"  # under which the row keeps the URL of its result: too long and too secret for a history


@serves(bp, POLL_BOOT)
@enters
def poll_boot(poll: Verification) -> BootResult:
    """Settle when the VM is seen to run: by its agent, else by its console or ports where it may have no agent.

    How the migrated machine differs from plan and source is written down. Raises `Refused`: `agent-silent` where the system
    runs and only its agent does not answer, `not-booted` with the end of its console where nobody shows that it runs.
    """
    raise_if_stopped(poll)
    if is_left_out(poll):
        return BootResult(settled=True)
    machine = machine_context(poll)
    vm = compute.get_vm(vm_id(machine, test=poll.test))
    spoke, console = _shown(poll, machine, vm)
    if vm is not None and spoke:
        machines.change(poll, **_known(poll, machine, vm))
        if not poll.tag:  # a further try finds it up
            events.write(poll, "booted", f"{vm.name} runs: {spoke}")
        if not poll.test:
            check_arrival(poll, machine, vm)
        scripts, checks = runs_scripts(machine, test=poll.test), bool(machine.wave.verify_of(machine.entry))
        return BootResult(settled=True, scripts=scripts, checks=checks)
    if _is_late(poll, machine):
        raise _not_up(poll, machine, vm, console)
    state = (
        "to be created" if vm is None else f"to boot: {vm.power or 'starting'}, agent {vm.agent_message or 'not ready'}"
    )
    waiting_for = f"the {'test ' if poll.test else ''}machine in Azure {state}"
    machines.change(poll, waiting_for=with_deadline(waiting_for, machine, test=poll.test))
    return BootResult(patience=A_WHILE if poll.test else A_MOMENT)


def _shown(poll: Verification, machine: MachineContext, vm: Vm | None) -> tuple[str, str]:
    """Give what shows that the VM is up, and its console as far as that was read.

    The console is asked where the machine may have no agent and needs none, and whenever time is up.
    """
    if vm is None or vm.power != "running":
        return "", ""
    if vm.agent_ready:
        return "its agent is ready", ""
    late = _is_late(poll, machine)
    if late or counts_on_agent(machine) or needs_agent(machine) or runs_scripts(machine, test=poll.test, needed=True):
        return "", console_of(vm) if late else ""
    console = console_of(vm)
    spoke = witness(machine, vm, console, test=poll.test)
    return (f"{spoke}; no agent answers, and none is needed" if spoke else ""), console


def _is_late(poll: Verification, machine: MachineContext) -> bool:
    """Tell whether it had its time to boot, or its deadline has come."""
    return poll.now - poll.since > BOOTS_WITHIN or time_left(machine, poll.now, BOOTS_WITHIN, test=poll.test) < NOTHING


def _known(poll: Verification, machine: MachineContext, vm: Vm) -> MachineChanges:
    """Give what the row is to know of a VM that is up; the migrated one is evidence, and where people find the copy."""
    if poll.test:
        where = Evidence(test_address=_address(vm)) if machine.wave.gates.test == "manual" else Evidence()
        return {"waiting_for": "", "test_vm_id": vm.id, "marks": {Mark.TEST_UP: poll.now}, "evidence": where}
    document = vm.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"waiting_for": "", "target_vm_id": vm.id, "evidence": Evidence(vm=MigratedVm.model_validate(document))}


def _address(vm: Vm) -> str:
    """Give the private address of a VM; empty where it is not known."""
    nic = network.get_nic(vm.nic_ids[0]) if vm.nic_ids else None
    return nic.private_ips[0] if nic and nic.private_ips else ""


def is_left_out(poll: Verification) -> bool:
    """Tell whether an operator left this verification (or the whole test) out."""
    return is_skipped(poll, *(("verify_test_vm", START_TEST_FAILOVER.name) if poll.test else ("verify",)))


def vm_id(machine: MachineContext, *, test: bool) -> str:
    """Give the id of the machine's VM; a test copy has `-test` behind its name (recorded)."""
    known = machine.row.test_vm_id if test else machine.row.target_vm_id
    name = vm_name(machine.entry) + ("-test" if test else "")
    group = target_group(machine.plan, machine.entry)
    return known or compute.vm_id(machine.plan.target.subscription_id, group, name)


def _not_up(poll: Verification, machine: MachineContext, vm: Vm | None, console: str) -> Refused:
    """Tell a system that runs without its agent from one that does not run."""
    spoke = witness(machine, vm, console, test=poll.test) if vm is not None and vm.power == "running" else ""
    if vm is None or not spoke:
        return _never_booted(poll, vm, console or (console_of(vm) if vm is not None else ""))
    if not poll.test:  # it may serve: people can tell, the app cannot
        machines.change(poll, service=in_doubt(poll.now))
    return Refused(
        f"{poll.machine} runs in Azure, {spoke}, but its VM agent does not answer after {_waited(poll)}: "
        f"{vm.agent_message or 'it never reported'}; nothing can be tried inside it",
        id="agent-silent",
        title="The machine runs in Azure, only its VM agent does not answer",
        advice="The boot is well. Install or start the agent (Windows: WindowsAzureGuestAgent, Linux: waagent), let it reach "
        "168.63.129.16, and retry; or look at the machine yourself and skip this check with a reason; or roll back.",
    )


def _waited(poll: Verification) -> timedelta:
    """Give how long it was waited for a boot, where its deadline left it so long."""
    return min(BOOTS_WITHIN, poll.now - poll.since)


def _never_booted(poll: Verification, vm: Vm | None, console: str) -> Refused:
    """Say what everybody who was asked said, and show what the console did."""
    if vm is None:
        why = "it was never created"
    else:
        why = f"power {vm.power or 'unknown'}, agent: {vm.agent_message or 'not heard of'}, console: no sign-in"
    return Refused(
        f"{poll.machine} did not boot in Azure within {_waited(poll)}: {why}"
        + (f" | console: {console[-SHOWN:]}" if console else ""),
        id="not-booted",
        title="The machine does not boot in Azure",
        advice="Read its boot diagnostics (console and screenshot: drivers, boot loader, network), mend the source and retry; "
        "or roll back.",
    )


@serves(bp, START_VERIFICATION)
def start_verification(poll: Verification) -> Submitted:
    """Run the plan's checks inside the VM; they only look, so running them twice does no harm."""
    machine = machine_context(poll)
    probes = machine.wave.verify_of(machine.entry)
    if is_left_out(poll) or not probes:
        return Submitted()
    vm = compute.get_vm(vm_id(machine, test=poll.test))
    if vm is None:
        raise _failed(poll, ["the machine is gone"], "")
    if not needs_agent(machine):
        waiting_for = with_deadline("the machine's ports to answer", machine, test=poll.test)
        machines.change(poll, **_come_to(poll, Checked.OUTSIDE, waiting_for=waiting_for))
        return Submitted(job=_script_key(poll))
    url = _run(poll, vm, probes, f"verify {poll.event}")
    waiting_for = with_deadline("the checks inside the machine", machine, test=poll.test)
    machines.change(poll, **_come_to(poll, Checked.INSIDE, url, waiting_for=waiting_for))
    return Submitted(job=_script_key(poll))


def _run(poll: Verification, vm: Vm, probes: tuple[Probe, ...], what: str) -> str:
    """Run the checks inside the VM; give the URL to read the result from."""
    windows = vm.os_type.lower() == "windows"
    lines = wrap(script_of(probes, nonce_of(poll), windows=windows), RUN_COMMAND, nonce_of(poll), windows=windows)
    return guest.run_script(vm, lines, ids.request_id(poll.key, what))


def nonce_of(poll: Verification) -> str:
    """Give what the marks of this verification carry, in all its runs."""
    return ids.short_hash(f"{poll.key}.verify")


def _come_to(poll: Verification, checked: Checked, url: str = "", **more: Unpack[MachineChanges]) -> MachineChanges:
    """Give what changes with how far the checks came; where their script's result is read stays no longer than that."""
    evidence = Evidence(verification_test=checked) if poll.test else Evidence(verification=checked)
    return {**more, "evidence": evidence, "scripts": {_script_key(poll): url}}


def _script_key(poll: Verification) -> str:
    return f"{SCRIPT}{'Test' if poll.test else ''}"


@serves(bp, POLL_VERIFICATION)
def poll_verification(poll: Verification) -> PollResult:
    """Settle when all checks passed. Raises `Refused` that names those that failed."""
    raise_if_stopped(poll)
    machine = machine_context(poll)
    known = machine.row.evidence.verification_test if poll.test else machine.row.evidence.verification
    if known == Checked.PASSED or is_left_out(poll):
        return PollResult(settled=True)
    vm = compute.get_vm(vm_id(machine, test=poll.test))
    if vm is None:
        raise _failed(poll, ["the machine is gone"], "")
    probes = machine.wave.verify_of(machine.entry)
    outside, url = known == Checked.OUTSIDE, machine.row.scripts.get(_script_key(poll), "")
    if not (outside or url):
        return _again(poll, vm, probes)
    result = guest.read_script(vm, url) if not outside else ScriptResult(ended=True)
    if not result.ended:
        return PollResult(patience=max(5, min(result.after, A_MOMENT)))
    bad = [] if outside else _inside(poll, probes, result)
    bad += _from_here(poll, vm, probes)
    patient = poll.now - poll.since < time_left(machine, poll.since, _longest(probes), test=poll.test)
    if bad and patient:
        return PollResult(patience=A_MOMENT) if outside else _again(poll, vm, probes)
    if bad:
        raise _failed(poll, bad, result.stderr)
    events.write(poll, "verified", f"{len(probes)} checks passed")
    marks = {Mark.TEST_UP: poll.now} if poll.test else {}
    machines.change(poll, **_come_to(poll, Checked.PASSED, waiting_for="", marks=marks))
    return PollResult(settled=True)


def _inside(poll: Verification, probes: tuple[Probe, ...], result: ScriptResult) -> list[str]:
    """Name what failed inside the machine."""
    return failures(probes, result.stdout, nonce_of(poll)) if result.problem is None else [result.problem.detail]


def _longest(probes: tuple[Probe, ...]) -> timedelta:
    """Give how long services may take to come up."""
    return max([LEAST_PATIENCE, *(probe.timeout for probe in probes)])


def _from_here(poll: Verification, vm: Vm, probes: tuple[Probe, ...]) -> list[str]:
    """Try ports and pages only of the migrated machine: the test network is isolated on purpose."""
    if poll.test or not any(probe.kind in ("tcp", "http") for probe in probes):
        return []
    address = _address(vm)
    return from_here(probes, address) if address else ["its address is not known"]


def _again(poll: Verification, vm: Vm, probes: tuple[Probe, ...]) -> PollResult:
    """Services take a while to come up: run the checks once more."""
    url = _run(poll, vm, probes, f"verify {crc32(poll.event.encode())}")
    machines.change(poll, **_come_to(poll, Checked.INSIDE, url))
    return PollResult(patience=A_MOMENT)


def _failed(poll: Verification, bad: list[str], errors: str) -> Refused:
    return Refused(
        f"{'the test of ' if poll.test else ''}{poll.machine} failed its checks: {', '.join(bad)}"
        + (f" | {errors.strip()[-SHOWN:]}" if errors.strip() else ""),
        id="verification-failed",
        title="The checks failed",
        advice="Look into the machine, mend it and retry; or skip the check with a reason; or roll back.",
    )
