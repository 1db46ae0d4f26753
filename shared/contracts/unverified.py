"""What becomes of a migrated machine that was not verified."""

from pydantic import Field

from shared.models import Model, Scope
from shared.problems import ProblemData


class FailedVerification(Scope):
    """A try to verify a machine failed."""

    problem: ProblemData
    tries: int = Field(default=1, description="how many there were by now")


class VerificationOutlook(Model):
    """What comes next: another try, or the way back. Neither = it stopped, and waits for a person."""

    again_in: int = Field(default=0, description="seconds until it is tried again")
    goes_back: bool = False
    text: str = Field(default="", description="why it goes back")


class RollBackOrder(Scope):
    """A machine is to be rolled back because the plan says so."""

    by: str = Field(default="", description="what of the plan; empty = what its phase says")
    why: str = ""
