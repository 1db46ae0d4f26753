"""The key with which a configuration server registers: made for the person at the gate, and given to nobody else."""

from shared import gates
from shared.ledger import events
from shared.plans import plan_of
from shared.problems import NotAllowedNow
from shared.site_recovery.registration_key import RegistrationKey, make_key
from shared.site_recovery.vault import vault_of_plan
from shared.steering.steered import Said, existing, outside

GATE = "register-appliance"
MODE = "configurationServer"


def registration_key(migration: str, said: Said) -> RegistrationKey:
    """Make a key while the registration is waited for; that it was made, and by whom, is written down, the key is not.

    Raises `NotAllowedNow` in another mode, or when no registration is waited for.
    """
    existing(migration)
    plan = plan_of(migration)
    if plan.replication.mode != MODE:
        raise NotAllowedNow(
            f"{migration} does not use a configuration server",
            advice="A replication appliance takes its key from the portal: see the steps of the gate register-appliance.",
        )
    gate = gates.get(migration, "", GATE)
    if gate is None or not gate.open:
        raise NotAllowedNow(f"{migration} waits for no registration", advice=f"Possible while the gate {GATE} is open.")
    key = make_key(vault_of_plan(plan), said.at)
    text = f"{said.by or 'somebody'} had a registration key made, valid until {key.valid_to:%Y-%m-%d %H:%M} UTC"
    data = {"thumbprint": key.thumbprint}
    events.write(outside(migration, said), f"registration-key-made-{said.at:%H%M%S}", text, by=said.by, data=data)
    return key
