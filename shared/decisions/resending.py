"""Messages that were given up: a person has them sent again, or lets them be."""

from typing import Final

from shared.coordination.decision import Decision
from shared.decisions import door
from shared.decisions.steered import CommandOutcome, outside
from shared.ledger import migrations
from shared.notifications.undelivered import dismiss, revive
from shared.problems import NotAllowedNow

RESEND, DISMISS = "resend", "dismiss"
TOLD: Final = {RESEND: "messages-resent", DISMISS: "messages-dismissed"}


def settle(migration: str, decision: Decision) -> CommandOutcome:
    """Do with a migration's dead letters (to the receiver that the decision names) what it says.

    Raises `NotAllowedNow` where there are none.
    """
    migrations.existing(migration)
    receivers = (revive if decision.verb == RESEND else dismiss)(migration, decision.gate)
    if not receivers:
        whom = f" to {decision.gate}" if decision.gate else ""
        raise NotAllowedNow(
            f"no message of {migration}{whom} was given up", advice="Possible while one is undelivered."
        )
    about = decision.replace(gate=", ".join(receivers))
    decided = door.steer(outside(migration, decision), TOLD[decision.verb], (), about)
    return CommandOutcome(decision=decided, text=decided.text)
