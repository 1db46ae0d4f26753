"""What is asked of sources and of the server that they replicate through, and what they answer."""

from pydantic import Field

from shared.contracts.requests import Poll, PollResult
from shared.models import Model


class AppliancePollResult(PollResult):
    """The replication appliance as Site Recovery knows it."""

    registered: bool = False
    healthy: bool = False
    confirmed: bool = False
    advice: str = ""


class Preparation(Model):
    """What the plan asks of the appliance."""

    launch: bool = False
    registration_timeout: int = Field(default=900, description="seconds; the guides speak of 15 minutes")


class SourceCommand(Poll):
    """A script to run on a source machine through its management agent."""

    script: str = Field(default="", description="install-agent, check-connectivity, stop-services or start-services")
    number: int = Field(default=1, description="tells apart several of one script in a phase, one after another")


class RouteJudgement(Model):
    """The way between a machine and its server is open as far as rules tell."""

    back: bool = Field(default=False, description="the server must reach the machine, too, and may try it")


class CommandStarted(Model):
    """A command was sent; an empty id says that there is no agent to send it to, or nothing to run."""

    command: str = ""
    patience: int = Field(default=0, description="seconds before which it is not looked at: it cannot have ended")
    by_hand: bool = Field(default=False, description="a person has to do it")


class Installation(PollResult):
    """What the installer of an agent came to."""

    needs_file: bool = Field(default=False, description="it registers once a person has put a file into place")
