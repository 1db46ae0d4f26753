"""How a source machine comes to its end, once nobody needs it any more and a person approved exactly that."""

from typing import Protocol

from shared.ledger.machine_context import MachineContext
from shared.models import Scope
from shared.plan.model import Plan


class SourceRemoval(Protocol):
    """Each cloud whose machines are terminated implements this."""

    def left(self, plan: Plan) -> str:
        """Say, for who approves it, what is left of a terminated source."""

    def keep(self, scope: Scope, machine: MachineContext) -> bool:
        """Whether what shall be left is there by now; sees to it where it is not. Raises `Busy`, `Refused`."""

    def remove(self, scope: Scope, machine: MachineContext, *, approved: bool) -> str:
        """Terminate the stopped source where that was approved, and give in words what is left of it.

        Raise `Busy` while it is under way. Raise `Refused` where it is not approved, is protected, or runs.
        """
