"""What the look inside machines is asked and tells: the commands that were sent, and a look at them."""

from pydantic import Field

from shared.contracts.requests import Poll
from shared.models import Model


class SentInspection(Model):
    """A command that looks into machines of one road, or into its server."""

    section: str = ""
    command: str = ""
    nonce: str = Field(default="", description="what the mark of its script carries")
    server: bool = False


class Inspecting(Model):
    """The commands that were sent; none = nothing has to be looked into, or nobody can."""

    sent: tuple[SentInspection, ...] = ()


class Inspection(Poll):
    """A look at commands that look into machines."""

    sent: tuple[SentInspection, ...] = ()
