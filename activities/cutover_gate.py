"""The gate of a wave's cutover: machines wait at it from the moment they are ready, not from the wave's next look."""

from collections.abc import Sequence

from activities.gate_expiry import with_expiry
from activities.gate_texts import text
from shared import gates, plans
from shared.gates import Gate
from shared.ledger import machines
from shared.models import Place
from shared.states import MachineState

THEN = "their cutover counts as rejected; replication goes on, and a retry asks again"


def wait_at_gate(place: Place, names: Sequence[str]) -> Gate:
    """Let machines of the place's wave wait for a person's approval; gives the gate as it stands.

    They must have been let go of: whoever is approved while a flow still has it would be passed over. Doing it twice is
    doing it once.
    """
    after = plans.plan_at(place).wave(place.wave).gates.expires
    expires = place.now + after if after else None
    asked_for, release = text(place, "cutover")
    said = with_expiry(asked_for, expires, THEN)
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
            expires=expires,
            then=THEN if expires else "",
        )
    )
    for name in names:
        machines.change(
            place.but(machine=name),
            lambda row: row.state == MachineState.READY_FOR_CUTOVER and not row.waiting_for.startswith(asked_for),
            waiting_for=said,
            release=release,
            since=place.now,
        )
    return gate
