"""What is known of the server that machines replicate through, and of the appliance on it; None = could not be read."""

from pydantic import Field

from shared.models import Model


class ServerFacts(Model):
    """Where a server stands that machines of EC2 replicate through, and what it is like; empty where it is not launched yet."""

    instance_id: str = Field(
        default="", description="EC2 instance; empty = it is still to be launched, or stands elsewhere"
    )
    addresses: tuple[str, ...] = Field(default=(), description="the first is where machines reach it")
    outside: bool = Field(default=False, description="it stands outside EC2: nothing of its network is seen")
    vpc_id: str | None = Field(
        default=None, description="VPC of its instance, or of the subnet that it is launched into"
    )
    system: str | None = Field(default=None, description="its operating system, or the name of its image")
    windows: bool | None = None
    cores: int | None = None
    memory_gb: float | None = None
    disks_gb: int | None = Field(default=None, description="all its disks together")
    agent: bool = Field(default=False, description="its management agent answers, so that a command can be run on it")
    unreached: tuple[str, ...] | None = Field(
        default=None, description="what it tried to reach of Azure in vain; None = nobody tried"
    )
    closed_ways: dict[str, tuple[str, ...]] | None = Field(
        default=None,
        description="by machine what closes the way between it and the server, judged from rules; None = could not be read",
    )


class ApplianceFacts(Model):
    """What is known of the replication appliance."""

    registered: bool | None = None
    machines: int | None = Field(default=None, description="machines that it replicates already")
    capacity: int = Field(default=200, description="machines that one appliance can replicate (documented)")
    server: ServerFacts | None = Field(
        default=None, description="of machines on EC2; None = nobody knows where it stands"
    )
    not_read: str = Field(default="", description="why something of that server could not be read")
    unhealthy: tuple[str, ...] = Field(default=(), description="components that are not healthy")
