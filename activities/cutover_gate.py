"""The gate of a wave's cutover: machines wait at it from the moment they are ready, not from the wave's next look."""

from collections.abc import Sequence

from activities.gate_texts import text
from shared import gates, plans
from shared.gates import Gate
from shared.ledger import machines, waves
from shared.models import Place
from shared.states import MachineState, WaveState


def wait_at_gate(place: Place, names: Sequence[str]) -> Gate:
    """Let machines of the place's wave wait for a person's approval; gives the gate as it stands.

    They must have been let go of: whoever is approved while a flow still has it would be passed over. Doing it twice is
    doing it once.
    """
    said, release = text(place, "cutover")
    expires = plans.plan_at(place).wave(place.wave).gates.expires
    gate = gates.open_gate(
        Gate(
            migration=place.migration,
            name="cutover",
            wave=place.wave,
            round=place.round,
            text=said,
            release=release,
            since=place.now,
            pending=tuple(names),
            expires=place.now + expires if expires else None,
        )
    )
    waves.change(place.but(machine=""), state=WaveState.AWAITING_APPROVAL)
    for name in names:
        machines.change(
            place.but(machine=name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and row.waiting_for != said,
            waiting_for=said,
            release=release,
            since=place.now,
        )
    return gate
