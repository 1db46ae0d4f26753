"""Gates: opened at the first look, decided by people, expired by the clock."""

from datetime import datetime

from activities.flow.interruption import raise_if_stopped
from activities.flow.skipped_phases import is_skipped
from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.gates.appliance_gates import A_QUARTER, CHECK, go_on, hold, look_at_server, seen_text
from activities.gates.expiry import next_look, remind, with_expiry
from activities.gates.texts import text
from activities.roads.replication_server import is_healthy
from shared.contracts.contracts import CLOSE_GATE, POLL_GATE
from shared.contracts.requests import GatePoll as Asked
from shared.contracts.requests import GatePollResult
from shared.coordination import gates, operator_intents
from shared.coordination.gates import Decision, GateRow, Verdict
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.decisions.rounds import ASKED_AGAIN
from shared.durable.seam import Blueprint, serves
from shared.ledger import events, machines, plans
from shared.models import Done
from shared.plan.model import Wave
from shared.states import MachineState

bp = Blueprint()

A_DAY = 86_400
PASSED = GatePollResult(settled=True, decision=Verdict.APPROVE.value)
OF_A_WAVE = ("test",)  # machines of a wave wait at one gate; at the others each has its own


@serves(bp, POLL_GATE)
def poll_gate(asked: Asked) -> GatePollResult:
    """Give the decision for this machine (or for the plan); a gate that the plan does not have is passed at once."""
    raise_if_stopped(asked)
    if _is_passed(asked):
        _pass(asked)
        return PASSED
    if _is_left_out(asked):
        return _keep_source(asked, "its decommissioning was left out")
    arm(asked, WaitKind.GATE, gate_watch(asked.migration), subject=asked.name, text=f"gate {asked.name}")
    if asked.name == CHECK:
        return _check_server(asked)
    gate = _open(asked, *text(asked, asked.name))
    decision = gate.decided(asked.machine)
    if decision is not None:
        return _decided(asked, gate, decision)
    end = gate.waiting[asked.machine].expires if asked.machine in gate.waiting else None
    if end is not None and asked.now >= end:
        return _expire(asked, gate)
    remind(asked, gate)
    return GatePollResult(patience=next_look(gate, asked.now) if gate.expires else A_DAY, exact=bool(gate.expires))


def _is_passed(asked: Asked) -> bool:
    """Tell whether the plan, or somebody's wish to skip it, leaves the gate out."""
    if not asked.machine:
        return False
    wave = plans.plan_at(asked).wave(asked.wave)
    if asked.name == "test":
        skipped = {skip.phase for skip in operator_intents.skips(asked.migration, asked.machine)}
        return wave.gates.test != "manual" or bool(skipped & {"start_test_failover", "accept_test_vm"})
    return asked.name == "accept" and wave.acceptance.timer is None


def _pass(asked: Asked) -> None:
    """Let a machine go that waited here until the gate was left out."""
    there = gates.get(asked.migration, asked.wave, asked.name, "" if asked.name in OF_A_WAVE else asked.machine)
    if there is None or asked.machine not in there.pending:
        return
    disarm(asked, WaitKind.GATE, gate_watch(asked.migration))
    machines.change(asked, waiting_for="", release="")
    gates.withdraw(there, (asked.machine,))


def _is_left_out(asked: Asked) -> bool:
    """Tell whether somebody left the decommissioning out while it was asked for."""
    return asked.name == "decommission" and is_skipped(asked, "decommission_source")


def _check_server(asked: Asked) -> GatePollResult:
    """Let the whole road wait: for a person's word, or until its server is seen healthy without any."""
    server = look_at_server(asked)
    gate = _open(asked, *seen_text(asked, server))
    decision = gate.decided()
    if decision is not None:
        return _decided(asked, gate, decision)
    if not is_healthy(server):
        return GatePollResult(patience=A_QUARTER)
    disarm(asked, WaitKind.GATE, gate_watch(asked.migration))
    close_gate(asked)
    go_on(asked, CHECK)
    return GatePollResult(settled=True)


def _open(asked: Asked, said: str, release: str) -> GateRow:
    """Open the gate, or let this machine wait at it too, and say so in the ledger."""
    alone, expires, then = asked.name not in OF_A_WAVE, _expires(asked), _then(asked)
    said = with_expiry(said, expires, then)
    gate = gates.open_gate(
        GateRow(
            migration=asked.migration,
            name=asked.name,
            wave=asked.wave,
            machine=asked.machine if alone else "",
            round=asked.round,
            number=int(asked.tag or 1),
            text=said,
            then=then,
            release=release,
            since=asked.since,
            pending=(asked.machine,) if asked.machine else (),
            expires=expires,
        )
    )
    if gate.decided(asked.machine) is None:
        _tell(asked, said, release)
    return gate


def _expires(asked: Asked) -> datetime | None:
    """Say until when people may decide; None: as long as they need."""
    if not asked.machine:
        return None
    wave: Wave = plans.plan_at(asked).wave(asked.wave)
    after = {"test": wave.gates.keep_test_for, "accept": wave.acceptance.timer}.get(asked.name)
    return asked.since + after if after else None


def _then(asked: Asked) -> str:
    """Say what happens when nobody decides in time."""
    if asked.name == "accept" and asked.machine:
        back = plans.plan_at(asked).wave(asked.wave).acceptance.on_timeout == "rollback"
        return "it goes back to its source" if back else "it counts as accepted: there is no way back any more"
    return "the test copies are removed and the machine fails; a retry tests it again" if asked.name == "test" else ""


def _tell(asked: Asked, said: str, release: str) -> None:
    """Write down who is waited for and which command releases it."""
    if asked.machine:
        machines.change(asked, state=MachineState.AWAITING_USER_ACTION, waiting_for=said, release=release)
    else:
        hold(asked, said, release)


def _decided(asked: Asked, gate: GateRow, decision: Decision) -> GatePollResult:
    """Take the wait back and write down what was decided."""
    disarm(asked, WaitKind.GATE, gate_watch(asked.migration))
    door.retell(asked.migration, gate, decision)
    if asked.machine:
        machines.change(asked, waiting_for="", release="")
    else:
        go_on(asked, asked.name)
    said = f"gate {asked.name}: {decision.decision.value}" + (f" ({decision.comment})" if decision.comment else "")
    events.write(asked, f"gate-{asked.name}", said, by=decision.by)
    if asked.name == "decommission" and decision.decision == Verdict.REJECT:
        return _keep_source(asked, decision.comment, decision.by)
    return GatePollResult(settled=True, decision=decision.decision.value, by=decision.by, comment=decision.comment)


def _keep_source(asked: Asked, why: str, by: str = "") -> GatePollResult:
    """Let a machine be final with its source kept; a retry that names it asks again."""
    disarm(asked, WaitKind.GATE, gate_watch(asked.migration))
    close_gate(asked)
    kept = {"sourceKept": {"by": by, "why": why, "at": asked.now.isoformat()}}
    machines.change(
        asked, state=MachineState.FINALIZED, failed_in=ASKED_AGAIN, waiting_for="", release="", evidence=kept
    )
    events.write(asked, "source-kept", f"the source of {asked.machine} is kept, stopped: {why}", by=by)
    return GatePollResult(settled=True, decision=Verdict.REJECT.value, by=by, comment=why)


def _expire(asked: Asked, gate: GateRow) -> GatePollResult:
    """Nobody decided in time: what that means is the gate's own rule."""
    disarm(asked, WaitKind.GATE, gate_watch(asked.migration))
    gates.withdraw(gate, (asked.machine,))
    machines.change(asked, waiting_for="", release="")
    events.write(asked, f"gate-{asked.name}-expired", f"nobody decided at gate {asked.name} in time: {gate.then}")
    if asked.name == "accept":
        back = plans.plan_at(asked).wave(asked.wave).acceptance.on_timeout == "rollback"
        verdict = Verdict.REJECT if back else Verdict.APPROVE
        return GatePollResult(
            settled=True, decision=verdict.value, comment="the acceptance timer ran out", expired=True
        )
    return GatePollResult(settled=True, expired=True)


@serves(bp, CLOSE_GATE)
def close_gate(asked: Asked) -> Done:
    """Close a gate that the world itself has decided, such as an appliance that was seen."""
    gates.close(asked.migration, asked.wave, asked.name, "" if asked.name in OF_A_WAVE else asked.machine)
    return Done()
