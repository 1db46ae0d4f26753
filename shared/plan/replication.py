"""How machines are replicated: mode, appliance, agent, policy, limits."""

from datetime import timedelta
from math import ceil
from typing import Literal

from pydantic import Field

from shared.intake.text import Line
from shared.plan.agentless import Agentless
from shared.plan.file_places import FILE_PLACE, MACHINE_FILE, SHA256
from shared.plan.values import Duration, Flag, IpAddress, Part, Text, Tolerance, Whole

Mode = Literal["appliance", "configurationServer", "agentless"]


class Appliance(Part):
    """The replication appliance (or configuration server): found by name, or launched if asked."""

    name: str = Field(
        default="ferry-appliance",
        pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})$",
        description="name under which the appliance registers with the vault",
    )
    addresses: tuple[IpAddress, ...] = Field(
        default=(),
        max_length=8,
        description="its private addresses, where it stands outside EC2 or is no instance of that name; machines reach the "
        "first one. Left out: as EC2 or the vault tells",
    )
    launch: Flag = Field(default=False, description="launch it on EC2, in the machines' VPC, if it is not found")
    instance_type: str = Field(
        default="m6i.2xlarge",
        pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$",
        description="EC2 instance type; at least 8 vCPU and 16 GB (documented)",
    )
    image_id: str = Field(
        default="",
        pattern=r"^ami-[0-9a-f]{8,17}$",
        description="Windows Server image to launch: 2022 for an appliance, 2012 R2 or 2016 for a configuration server; left "
        "out: the newest of these that Amazon offers",
    )
    subnet_id: str = Field(default="", pattern=r"^subnet-[0-9a-f]{4,17}$", description="required to launch")
    run_as_account: Line = Field(
        default="",
        max_length=256,
        description="name of the account, kept in the appliance, that push installation uses",
    )
    windows_run_as_account: Line = Field(
        default="", max_length=256, description="the same for Windows machines; left out: runAsAccount"
    )
    registration_timeout: Duration = Field(
        default=timedelta(minutes=15),
        description="how long its components may take to show healthy after registration, before a person is asked",
    )


class Agent(Part):
    """How the Mobility service comes onto the machines."""

    install: Literal["ssm", "manual", "push"] = Field(
        default="ssm", description="through AWS Systems Manager, by a person, or pushed by the appliance"
    )
    installer_url: str = Field(
        default="",
        pattern=FILE_PLACE,
        description="where machines fetch the installer, https:// or s3://; left out: from the appliance",
    )
    installer_sha256: str = Field(default="", pattern=SHA256, description="what its SHA-256 must be")
    windows_installer_url: str = Field(
        default="", pattern=FILE_PLACE, description="the same for Windows machines; left out: installerUrl"
    )
    windows_installer_sha256: str = Field(default="", pattern=SHA256, description="what its SHA-256 must be")
    config: str = Field(
        default="",
        pattern=MACHINE_FILE,
        description="mode appliance: where each machine fetches its configuration file, {machine} stands for its name; "
        "left out: a person puts it onto the machine",
        examples=["s3://my-bucket/agents/{machine}.json"],
    )
    passphrase: str = Field(
        default="",
        pattern=FILE_PLACE,
        description="mode configurationServer: where machines fetch the file with its passphrase",
    )
    timeout: Duration = Field(default=timedelta(hours=1), description="how long one installation may take")


class Replication(Part):
    """How machines are replicated."""

    mode: Mode = Field(
        default="appliance",
        description="replication appliance, snapshots without agents (VMware), or the retired configuration server",
    )
    appliance: Appliance = Field(default=Appliance(), description="the appliance")
    agent: Agent = Field(default=Agent(), description="the Mobility service")
    agentless: Agentless = Field(
        default=Agentless(), description="for mode agentless: snapshots in the place of agents"
    )


class Policy(Part):
    """The replication policy."""

    recovery_point_retention: Duration = Field(
        default=timedelta(hours=24), description="how long recovery points are kept"
    )
    crash_consistent_every: Duration = Field(
        default=timedelta(minutes=5), description="time between crash-consistent points; Site Recovery takes 5 minutes"
    )
    app_consistent_every: Duration = Field(
        default=timedelta(hours=1), description="time between application-consistent points; PT0S = none"
    )
    multi_vm_sync: Flag = Field(default=False, description="machines of one application share recovery points")


class Limits(Part):
    """How much may happen at once, and how many failures stop the rest."""

    replicating: Whole = Field(default=40, ge=1, le=10_000, description="machines in initial sync at once")
    cutting_over: Whole = Field(default=10, ge=1, le=10_000, description="machines in cutover at once")
    failure_tolerance: Tolerance = Field(
        default="10%", description="machines that may fail before no further machine starts: a count or a percentage"
    )

    def tolerated(self, machines: int) -> int:
        """Give how many of so many machines may fail; a percentage is rounded up."""
        if self.failure_tolerance.endswith("%"):
            return ceil(machines * int(self.failure_tolerance[:-1]) / 100)
        return int(self.failure_tolerance)


class Acknowledgement(Part):
    """A concern that was read and accepted, with the reason why."""

    concern: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="id of the concern, see docs/errors.md")
    machine: str = Field(default="*", pattern=r"^(?:\*|[a-z0-9][a-z0-9-]{0,30})$", description="machine; * = all")
    reason: Text = Field(description="why it is acceptable; recorded")
