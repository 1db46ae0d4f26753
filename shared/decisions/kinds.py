"""The kinds of gates as a table: what can be said at each, who may say it, and what then happens."""

from dataclasses import dataclass
from typing import Final

from shared.coordination.decision import Verdict
from shared.decisions.people import Role

V, R = Verdict, Role
SAYING_NO: Final = (R.OPERATOR, R.APPROVER)  # stopping is open to more people than going on


@dataclass(frozen=True)
class Kind:
    """A kind of gate."""

    verdicts: tuple[Verdict, ...]
    role: Role  # that lets machines pass it
    passed: str  # what then happens
    refused: str = ""
    four_eyes: bool = False  # where the plan asks for it, who started the migration does not pass it

    def roles(self, verdict: Verdict | None) -> tuple[Role, ...]:
        """Give the roles that may say this at a gate of this kind."""
        return (self.role, *SAYING_NO) if verdict == Verdict.REJECT else (self.role,)


# fmt: off
KINDS: Final = {
    "register-appliance": Kind((V.CONFIRM,), R.OPERATOR, "the road goes on as soon as the server shows in the vault"),
    "check-appliance": Kind((V.CONFIRM,), R.OPERATOR, "the app waits for it once more"),
    "install-agent": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "replication begins once the agent is seen",
                          "they fail here; a retry asks again"),
    "configure-agent": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "replication begins once the agent is seen",
                            "they fail here; a retry asks again"),
    "remove-mobility-service": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "the machine is protected",
                                    "it stays migrated and unprotected; a retry asks again"),
    "stop-services": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "the cutover goes on", "they fail here; a retry asks again"),
    "start-services": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "the way back goes on", "they fail here; a retry asks again"),
    "shut-down-source": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "the failover begins once the source is seen off, where it can be seen",
                             "they fail here; a retry asks again"),
    "start-source": Kind((V.CONFIRM, V.REJECT), R.OPERATOR, "the way back goes on", "they fail here; a rollback asks again"),
    "manual-action": Kind((V.APPROVE, V.CONFIRM, V.REJECT), R.OPERATOR, "the recovery plan goes on within half a minute",
                          "the recovery plan ends for those that have not started in Azure yet"),
    "test": Kind((V.APPROVE, V.REJECT), R.APPROVER, "the test copies are removed, then the cutover's approval is asked for",
                 "the test copies are removed and the machines fail; a retry tests again"),
    "cutover": Kind((V.APPROVE, V.REJECT), R.APPROVER, "they cut over as soon as the waves before them, their window and a free place allow it",
                    "they stop here and replication goes on; a retry asks for the approval again", four_eyes=True),
    "accept": Kind((V.APPROVE, V.REJECT), R.APPROVER, "replication is removed: there is no way back any more",
                   "they go back to their source", four_eyes=True),
    "decommission": Kind((V.APPROVE, V.REJECT), R.OWNER, "the source is terminated for good",
                         "the source is kept, stopped; a retry that names the machine asks again", four_eyes=True),
}
# fmt: on
