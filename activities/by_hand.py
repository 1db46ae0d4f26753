"""What only a person can do: a gate says how, the machine waits at it, and the answer is read at the next look."""

from activities.gate_texts import text
from activities.waking import arm, disarm, gate_watch
from shared import gates
from shared.gates import Decision, Gate, Verdict
from shared.itinerary import STEPS
from shared.ledger import events, machines
from shared.ledger.machines import MachineRow
from shared.models import Place
from shared.problems import Refused
from shared.requests import Look
from shared.states import MachineState
from shared.steering import door
from shared.waits import WaitKind

RUN_REJECTED = "runRejected"  # in a machine's evidence: somebody ended the run of its recovery plan, in which round


def ask(look: Look, name: str, number: int = 1) -> Decision | None:
    """Open the gate of a machine and tell the ledger; give what was decided, None while nobody has.

    `number` tells gates of one name apart that come one after another in a round. Raises `Refused` when the person said no.
    """
    gate = wait_at(look, name, number)
    decision = gate.decided(look.machine)
    if decision is None:
        return None
    door.retell(look.migration, gate, decision)
    leave(look, name)
    if decision.decision == Verdict.REJECT:
        raise said_no(name, decision)
    events.write(look, f"{name}-confirmed", f"{decision.by or 'somebody'} confirmed {name}", by=decision.by)
    return decision


def said_no(name: str, decision: Decision) -> Refused:
    """Give the problem of a machine for which a person said no."""
    return _refused(f"{decision.by or 'somebody'} said no at gate {name}: {decision.comment or 'without a comment'}")


def _refused(detail: str) -> Refused:
    return Refused(
        detail,
        id="gate-rejected",
        title="A person said no",
        advice="Retry the machine when it can be done, or roll it back.",
    )


def check_not_rejected(place: Place, row: MachineRow) -> None:
    """Raise `Refused` where a person ended the run of the machine's recovery plan in this round."""
    said = row.evidence.get(RUN_REJECTED, {})
    if (said.get("round"), said.get("phase")) == (place.round, place.phase):
        raise _refused(said["detail"])


def wait_at(look: Look, name: str, number: int = 1) -> Gate:
    """Let the machine wait at its gate, as long as it takes; tell the ledger unless it was decided."""
    arm(look, WaitKind.GATE, gate_watch(look.migration), subject=name, text=f"a person ({name})")
    said, release = text(look, name)
    gate = gates.open_gate(
        Gate(
            migration=look.migration,
            name=name,
            wave=look.wave,
            machine=look.machine,
            round=look.round,
            number=number,
            text=said,
            release=release,
            since=look.since,
            pending=(look.machine,),
        )
    )
    if gate.decided(look.machine) is None:
        machines.change(look, state=MachineState.AWAITING_USER_ACTION, waiting_for=said, release=release)
    return gate


def leave(look: Look, name: str) -> None:
    """Close the gate and let the machine go on: its answer came, or what was asked for was seen."""
    disarm(look, WaitKind.GATE, gate_watch(look.migration))
    gates.close(look.migration, look.wave, name, look.machine)
    if look.phase in STEPS:
        machines.change(look, state=MachineState(STEPS[look.phase].state), waiting_for="", release="")
    else:
        machines.change(look, waiting_for="", release="")
