"""The key with which a configuration server, or a Hyper-V host, registers: made for the person at the gate, and given to nobody else."""

from shared.coordination import gates
from shared.coordination.decision import Decision
from shared.coordination.gate_row import GateRow
from shared.decisions.judging import permitted_role
from shared.decisions.steered import outside
from shared.ledger import events, migrations
from shared.ledger.event_data import EventData
from shared.ledger.plans import plan_at
from shared.problems import NotAllowedNow
from shared.roads.registry import road_of
from shared.site_recovery.registration_key import RegistrationKey, make_key
from shared.site_recovery.vault import vault_of_plan

GATE = "register-appliance"


def registration_key(migration: str, wave: str, decision: Decision) -> RegistrationKey:
    """Make a key while a registration is waited for; that it was made, and by whom, is written down, the key is not.

    `wave` tells registrations apart where waves have servers of their own. Raises `NotAllowedNow` in another mode, or
    when no registration is waited for.
    """
    migrations.existing(migration)
    permitted_role(decision)
    place = outside(migration, decision, wave=_waiting(migration, wave).wave)
    plan = plan_at(place)
    road = road_of(plan)
    if not road.server_makes_key:
        raise NotAllowedNow(
            f"{plan.server} takes no key from here",
            advice="A replication appliance takes its key from the portal: see the steps of the gate register-appliance.",
        )
    vault = vault_of_plan(plan)
    key = make_key(vault, decision.at, road.key_site(plan))
    text = f"{decision.by or 'somebody'} had a registration key made, valid until {key.valid_to:%Y-%m-%d %H:%M} UTC"
    what = f"registration-key-made-{decision.at:%H%M%S}-{key.thumbprint[:8].lower()}"
    events.write(place, what, text, by=decision.by, data=EventData(thumbprint=key.thumbprint, person=decision.person))
    return key


def _waiting(migration: str, wave: str) -> GateRow:
    """Give the open gate of that wave, or the only one that is open."""
    waiting = [each for each in gates.of_migration(migration) if each.name == GATE and wave in ("", each.wave)]
    if len(waiting) == 1:
        return waiting[0]
    if waiting:
        raise NotAllowedNow(
            f"several registrations of {migration} are waited for",
            advice=f"Name one with its wave: {', '.join(each.wave or 'none' for each in waiting)}.",
        )
    raise NotAllowedNow(f"{migration} waits for no registration", advice=f"Possible while the gate {GATE} is open.")
