"""What only a person can do: a gate says how, the machine waits at it, and the answer is read at the next look."""

from activities.flow.wait_rows import arm, disarm, gate_watch
from activities.gates.announcement import announce
from activities.gates.texts import text
from shared.contracts.requests import Poll
from shared.coordination import gates
from shared.coordination.decision import Decision
from shared.coordination.gate_row import GateRow
from shared.coordination.waits import WaitKind
from shared.decisions import door
from shared.itinerary import STEPS
from shared.ledger import events, machines
from shared.ledger.machine_row import MachineRow
from shared.models import Scope
from shared.problems import Refused
from shared.states import MachineState


def ask(poll: Poll, name: str, number: int = 1) -> Decision | None:
    """Open the gate of a machine and tell the ledger; give what was decided, None while nobody has.

    `number` tells gates of one name apart that come one after another in a round. Raises `Refused` when the person said no.
    """
    gate = wait_at(poll, name, number)
    decision = gate.decided(poll.machine)
    if decision is None:
        return None
    door.tell(poll.migration, decision)
    leave(poll, name)
    if decision.is_no:
        raise said_no(name, decision)
    events.write(poll, f"{name}-confirmed", f"{decision.by or 'somebody'} confirmed {name}", by=decision.by)
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


def check_not_rejected(scope: Scope, row: MachineRow) -> None:
    """Raise `Refused` where a person ended the run of the machine's recovery plan in this round."""
    rejection = row.evidence.run_rejected
    if rejection is not None and (rejection.round, rejection.phase) == (scope.round, scope.phase):
        raise _refused(rejection.detail)


def wait_at(poll: Poll, name: str, number: int = 1) -> GateRow:
    """Let the machine wait at its gate, as long as it takes; tell the ledger unless it was decided."""
    arm(poll, WaitKind.GATE, gate_watch(poll.migration), subject=name, text=f"a person ({name})")
    sentence, release = text(poll, name)
    gate = gates.open_gate(
        GateRow(
            migration=poll.migration,
            name=name,
            wave=poll.wave,
            machine=poll.machine,
            round=poll.round,
            number=number,
            text=sentence,
            release=release,
            since=poll.since,
            pending=(poll.machine,),
        )
    )
    if gate.decided(poll.machine) is None:
        machines.change(poll, state=MachineState.AWAITING_USER_ACTION, waiting_for=sentence, release=release)
    return announce(poll, gate)


def leave(poll: Poll, name: str) -> None:
    """Close the gate and let the machine go on: its answer came, or what was asked for was seen."""
    disarm(poll, WaitKind.GATE, gate_watch(poll.migration))
    gates.close(poll.migration, poll.wave, name, poll.machine)
    if poll.phase in STEPS:
        machines.change(poll, state=STEPS[poll.phase].state, waiting_for="", release="")
    else:
        machines.change(poll, waiting_for="", release="")
