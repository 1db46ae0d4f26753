"""What orchestrators ask of activities that write a backup, and that put one back step by step."""

from pydantic import Field

from shared.models import Model, Request
from shared.problems import ProblemData


class BackupRequest(Request):
    """A backup, and which step of putting it back."""

    backup: str = Field(default="", description="its name; one that is written has it from the beginning")
    step: int = Field(default=0, description="the first is 0")
    problem: ProblemData | None = Field(default=None, description="with which putting it back ended; none = it is done")


class RestoreSteps(Model):
    """How many steps it takes to put a backup back."""

    count: int = 0
