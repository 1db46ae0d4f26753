"""Gates: opened at the first look, decided by people, expired by the clock."""

from datetime import datetime

from activities.flow.interruption import raise_if_stopped
from activities.flow.phase_entry import enters
from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.gates.announcement import announce, tell_expired
from activities.gates.appliance_gates import A_QUARTER, CHECK, go_on, hold, look_at_server, seen_text
from activities.gates.expiry import next_look, remind, with_expiry
from activities.gates.texts import text
from shared.contracts.contracts import ACCEPT_TEST_VM, CLOSE_GATE, POLL_GATE, START_TEST_FAILOVER
from shared.contracts.requests import GatePoll, GatePollResult
from shared.coordination import gates, operator_intents
from shared.coordination.decision import Decision, Verdict
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.decisions.round_rules import ASKED_AGAIN
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, plans
from shared.ledger.evidence import Evidence, KeptSource
from shared.models import Done
from shared.plan.model import Wave
from shared.scheduling.patience import A_DAY
from shared.states import MachineState

bp = Blueprint()

PASSED = GatePollResult(settled=True, decision=Verdict.APPROVE.value)
OF_A_WAVE = ("test",)  # machines of a wave wait at one gate; at the others each has its own


@serves(bp, POLL_GATE)
@enters
def poll_gate(request: GatePoll) -> GatePollResult:
    """Give the decision for this machine (or for the plan); a gate that the plan does not have is passed at once."""
    raise_if_stopped(request)
    if _is_passed(request):
        _pass(request)
        return PASSED
    if _is_left_out(request):
        return _keep_source(request, "its decommissioning was left out")
    arm(request, WaitKind.GATE, gate_watch(request.migration), subject=request.name, text=f"gate {request.name}")
    if request.name == CHECK:
        return _check_server(request)
    gate = _open(request, *text(request, request.name))
    decision = gate.decided(request.machine)
    if decision is not None:
        return _decided(request, decision)
    end = gate.waiting[request.machine].expires if request.machine in gate.waiting else None
    if end is not None and request.now >= end:
        return _expire(request, gate)
    remind(request, gate)
    return GatePollResult(patience=next_look(gate, request.now) if gate.expires else A_DAY, exact=bool(gate.expires))


def _is_passed(request: GatePoll) -> bool:
    """Tell whether the plan, or somebody's wish to skip it, leaves the gate out."""
    if not request.machine:
        return False
    wave = plans.plan_at(request).wave(request.wave)
    if request.name == "test":
        skipped = {skip.phase for skip in operator_intents.skips(request.migration, request.machine)}
        return wave.gates.test != "manual" or bool(skipped & {START_TEST_FAILOVER.name, ACCEPT_TEST_VM.name})
    return request.name == "accept" and not wave.acceptance.asks


def _pass(request: GatePoll) -> None:
    """Let a machine go that waited here until the gate was left out."""
    gate = gates.get(
        request.migration, request.wave, request.name, "" if request.name in OF_A_WAVE else request.machine
    )
    if gate is None or request.machine not in gate.pending:
        return
    disarm(request, WaitKind.GATE, gate_watch(request.migration))
    machines.change(request, waiting_for="", release="")
    gates.withdraw(gate, (request.machine,))


def _is_left_out(request: GatePoll) -> bool:
    """Tell whether somebody left the decommissioning out while it was asked for."""
    return request.name == "decommission" and is_skipped(request, "decommission_source")


def _check_server(request: GatePoll) -> GatePollResult:
    """Let the whole road wait: for a person's word, or until its server is seen healthy without any."""
    server = look_at_server(request)
    gate = _open(request, *seen_text(request, server))
    decision = gate.decided()
    if decision is not None:
        return _decided(request, decision)
    if not (server is not None and server.is_healthy):
        return GatePollResult(patience=A_QUARTER)
    disarm(request, WaitKind.GATE, gate_watch(request.migration))
    close_gate(request)
    go_on(request, CHECK)
    return GatePollResult(settled=True)


def _open(request: GatePoll, text: str, release: str) -> GateRow:
    """Open the gate, or let this machine wait at it too, and say so in the ledger."""
    alone, expires, then = request.name not in OF_A_WAVE, _expires(request), _then(request)
    text = with_expiry(text, expires, then)
    gate = gates.open_gate(
        GateRow(
            migration=request.migration,
            name=request.name,
            wave=request.wave,
            machine=request.machine if alone else "",
            round=request.round,
            number=int(request.tag or 1),
            text=text,
            then=then,
            release=release,
            since=request.since,
            pending=(request.machine,) if request.machine else (),
            expires=expires,
        )
    )
    if gate.decided(request.machine) is None:
        _tell(request, text, release)
    return announce(request, gate)


def _expires(request: GatePoll) -> datetime | None:
    """Say until when people may decide; None: as long as they need."""
    if not request.machine:
        return None
    wave: Wave = plans.plan_at(request).wave(request.wave)
    after = {"test": wave.gates.keep_test_for, "accept": wave.acceptance.timer}.get(request.name)
    return request.since + after if after else None


def _then(request: GatePoll) -> str:
    """Say what happens when nobody decides in time."""
    if request.name == "accept" and request.machine:
        back = plans.plan_at(request).wave(request.wave).acceptance.on_timeout == "rollback"
        return "it goes back to its source" if back else "it counts as accepted: there is no way back any more"
    return "the test copies are removed and the machine fails; a retry tests it again" if request.name == "test" else ""


def _tell(request: GatePoll, text: str, release: str) -> None:
    """Write down who is waited for and which command releases it."""
    if request.machine:
        machines.change(request, state=MachineState.AWAITING_USER_ACTION, waiting_for=text, release=release)
    else:
        hold(request, text, release)


def _decided(request: GatePoll, decision: Decision) -> GatePollResult:
    """Take the wait back and write down what was decided."""
    disarm(request, WaitKind.GATE, gate_watch(request.migration))
    door.tell(request.migration, decision)
    if request.machine:
        machines.change(request, waiting_for="", release="")
    else:
        go_on(request, request.name)
    decision_text = f"gate {request.name}: {decision.verdict}" + (f" ({decision.comment})" if decision.comment else "")
    events.write(request, f"gate-{request.name}", decision_text, by=decision.by)
    if request.name == "decommission" and decision.is_no:
        return _keep_source(request, decision.comment, decision.by)
    return GatePollResult(settled=True, decision=decision.verdict or "", by=decision.by, comment=decision.comment)


def _keep_source(request: GatePoll, why: str, by: str = "") -> GatePollResult:
    """Let a machine be final with its source kept; a retry that names it asks again."""
    disarm(request, WaitKind.GATE, gate_watch(request.migration))
    close_gate(request)
    kept = Evidence(source_kept=KeptSource(by=by, why=why, at=request.now))
    machines.change(
        request, state=MachineState.FINALIZED, failed_in=ASKED_AGAIN, waiting_for="", release="", evidence=kept
    )
    events.write(request, "source-kept", f"the source of {request.machine} is kept, stopped: {why}", by=by)
    return GatePollResult(settled=True, decision=Verdict.REJECT.value, by=by, comment=why)


def _expire(request: GatePoll, gate: GateRow) -> GatePollResult:
    """Nobody decided in time: what that means is the gate's own rule."""
    disarm(request, WaitKind.GATE, gate_watch(request.migration))
    tell_expired(request, gate, (request.machine,))
    gates.withdraw(gate, (request.machine,))
    machines.change(request, waiting_for="", release="")
    events.write(request, f"gate-{request.name}-expired", f"nobody decided at gate {request.name} in time: {gate.then}")
    if request.name == "accept":
        back = plans.plan_at(request).wave(request.wave).acceptance.on_timeout == "rollback"
        verdict = Verdict.REJECT if back else Verdict.APPROVE
        return GatePollResult(
            settled=True, decision=verdict.value, comment="the acceptance timer ran out", expired=True
        )
    return GatePollResult(settled=True, expired=True)


@serves(bp, CLOSE_GATE)
def close_gate(request: GatePoll) -> Done:
    """Close a gate that the world itself has decided, such as an appliance that was seen."""
    gates.close(request.migration, request.wave, request.name, "" if request.name in OF_A_WAVE else request.machine)
    return Done()
