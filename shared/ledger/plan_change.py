"""A change of a running plan on its way: what is proposed, what holds, and in which rounds it is carried out."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from shared.coordination.decision import Decision
from shared.models import NEVER, Model


class ChangeStage(StrEnum):
    """How far a change is; whoever finds it under way brings it to its end."""

    PROPOSED = "proposed"  # its machines are held before their next phase; nothing else is changed
    WITHDRAWN = "withdrawn"  # a machine had begun its cutover: those that are held are let go again
    HOLDS = "holds"  # its plan is the migration's; its machines are put into their rounds
    DONE = "done"


class RunningChange(Model):
    """The latest change of a migration's plan."""

    key: str = Field(default="", description="of the plan that holds with it")
    version: int = Field(default=0, description="that the plan has with it")
    decision: Decision = Decision()
    stage: ChangeStage = ChangeStage.DONE
    round: int = Field(default=0, description="of machines that are added, or told anew; 0 = there are none")
    drop_round: int = Field(default=0, description="of machines that are dropped; 0 = there are none")

    @property
    def under_way(self) -> bool:
        """Tell whether something of it is left to do."""
        return self.stage != ChangeStage.DONE


class DroppedMachine(Model):
    """A machine was taken out of the plan while its migration ran."""

    by: str = ""
    at: datetime = NEVER
    why: str = ""
