"""What a managed instance is, and how a command sent to it is told to end."""

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# restarted: the machine did, midway; killed: the script was, with the shell around it
Result = Literal["success", "failure", "timeOut", "undeliverable", "restarted", "killed"]


class Told(BaseModel):
    """Base of what the control API is told: camelCase on the wire, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Outcome(Told):
    """How a command ends whose text matches; `times` None means always."""

    match: str = ""
    result: Result = "success"
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    duration: timedelta = timedelta(seconds=20)
    times: int | None = Field(default=None, ge=1)


class Instance(Told):
    """One EC2 instance; without `agent` it is not a managed instance and SSM does not know it."""

    instance_id: str = Field(pattern=r"^m?i-[0-9a-f]{8,17}$")
    agent: bool = True
    ping_status: Literal["Online", "ConnectionLost", "Inactive"] = "Online"
    platform_type: Literal["Windows", "Linux"] = "Linux"
    platform_name: str = "Ubuntu"
    platform_version: str = "22.04"
    private_ip: str = "10.0.0.4"
    computer_name: str = ""
    agent_version: str = "3.3.987.0"
    region: str | None = None
    tags: dict[str, str] = Field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    drivers: tuple[str, ...] = ()  # what its devices run on, such as `AWS PV 8.4.3`
    shuts: tuple[int, ...] = ()  # ports that its own firewall keeps shut
    unreached: tuple[str, ...] = ()  # hosts (globs) that do not answer it, by name
    powered_on: bool = True

    @property
    def ping(self) -> str:
        """What SSM shows of the agent: one on a machine that is off has lost its connection."""
        return self.ping_status if self.powered_on else "ConnectionLost"


class Fault(Told):
    """An error answered instead of the reply, before or after the command took effect."""

    operation: str
    code: str = "InternalServerError"
    status: int = 500
    after: bool = False
    times: int = Field(default=1, ge=1)
