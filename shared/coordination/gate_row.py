"""A row of the table of gates: who waits there since when and with which ticket, and what was decided."""

from datetime import datetime
from typing import Final

from pydantic import Field

from shared.coordination.decision import Decision, Ticket
from shared.models import NEVER, Model

WHOLE: Final = ""  # who waits at a gate that holds up no machine in particular


class Waiting(Model):
    """Somebody who came to a gate."""

    round: int = 1
    number: int = 1
    since: datetime = NEVER
    expires: datetime | None = None

    @property
    def ticket(self) -> Ticket:
        """Tell this waiting from an earlier one of the same machine."""
        return self.round, self.number


class GateRow(Model):
    """A gate: whoever comes to it waits there until something was decided for it."""

    migration: str
    name: str = Field(
        description="register-appliance, test, cutover, manual-action, shut-down-source, install-agent, configure-agent, …"
    )
    wave: str = ""
    machine: str = Field(default="", description="set where each machine has a gate of its own")
    part: str = Field(default="", description="set where cohorts of a wave have gates of their own, side by side")
    round: int = Field(default=1, description="the latest in which somebody came to it")
    number: int = Field(default=1, description="tells gates of one name and round apart, later ones are higher")
    subject: str = Field(default="", description="what exactly it is about, where the next number is about another")
    text: str = Field(default="", description="what to do, exact steps")
    release: str = Field(default="", description="the command that releases it")
    since: datetime = Field(default=NEVER, description="since when the first of those waits who wait now")
    open: bool = True
    pending: tuple[str, ...] = Field(default=(), description="machines that nothing was decided for yet")
    batches: tuple[Decision, ...] = ()
    seconded: tuple[Decision, ...] = Field(default=(), description="approvals that need another person's")
    waiting: dict[str, Waiting] = Field(default={}, description="everybody who ever came, by machine")
    expires: datetime | None = Field(default=None, description="when the first of those who wait now waits no longer")
    then: str = Field(default="", description="what happens when it expires")
    answered: datetime | None = Field(default=None, description="when a cloud was told the answer, where it has to be")

    @property
    def place(self) -> str:
        """Which of the gates of its name in its wave it is."""
        return self.machine or self.part

    def ticket(self, machine: str = WHOLE) -> Ticket:
        """Give the ticket with which a machine came last; (0, 0) = it never came."""
        return self.waiting[machine].ticket if machine in self.waiting else (0, 0)

    def of_round(self, number: int) -> tuple[str, ...]:
        """Give the machines of a round that wait here."""
        return tuple(name for name in self.pending if self.ticket(name)[0] == number)

    def decided(self, machine: str = WHOLE) -> Decision | None:
        """Give the latest decision for a machine (or for the gate as a whole) since it came, if there is one."""
        batches = [each for each in self.batches if each.tickets.get(machine) == self.ticket(machine)]
        return batches[-1] if batches else None
