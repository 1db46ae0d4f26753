"""Protect target: the migrated machine handed over to disaster recovery, where the plan asks for it."""

from shared import plans
from shared.contracts import START_TARGET_PROTECTION
from shared.durable import Blueprint, serves
from shared.ledger import events
from shared.requests import Look, Submitted

bp = Blueprint()


@serves(bp, START_TARGET_PROTECTION)
def start_target_protection(look: Look) -> Submitted:
    """Say what a person has to do: this version hands over by an instruction, the machine itself is complete.

    Protection from region to region is a road of its own (azure-to-azure), which this version does not walk yet.
    """
    wanted = plans.plan_at(look).finish.protect_target
    if wanted is not None:
        said = (
            f"protect {look.machine} to {wanted.region} by hand: in the portal open the VM, Disaster recovery, choose "
            f"{wanted.region} and enable replication; this version does not do it by itself"
        )
        events.write(look, "protect-by-hand", said)
    return Submitted()
