"""What a world file says: the machines at their sources, and the Azure they are to move to."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..simulator.services.compute.source_vm import SourceVm
from .hyperv import HyperV
from .images import IMAGES
from .parts import Drive, Part, in_short
from .premises import Premises


class Disk(Drive):
    """A volume of EC2; in short its size in GB alone."""

    volume_type: str = "gp3"


class Rule(Part):
    """A rule: from (or to) an address range, or another group."""

    port: int
    to_port: int = 0
    protocol: str = "tcp"
    cidr: str = ""
    group: str = ""


class SecurityGroup(Part):
    """A security group."""

    name: str
    description: str = "made by the world"
    vpc: str = Field(default="", description="name of another VPC; empty = the world's own")
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] | None = Field(default=None, description="left out: all traffic out, as EC2 makes it")


class Answer(Part):
    """How SSM commands end on an instance whose script matches (see the SSM stand-in's `Outcome`)."""

    match: str = ""
    result: Literal["success", "failure", "timeOut", "undeliverable"] = "success"
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    duration: timedelta = timedelta(seconds=20)
    times: int | None = None


class Instance(Part):
    """An EC2 instance, and what becomes of it in Azure."""

    name: str
    id: str = Field(default="", pattern=r"^(i-[0-9a-f]{8,17})?$")
    ip: str
    image: str = "ubuntu-22.04"
    type: str = "t3.large"
    subnet: str = "app"
    disks: tuple[Annotated[Disk, BeforeValidator(in_short)], ...] = Field(default=(Disk(size_gb=30),), min_length=1)
    security_groups: tuple[str, ...] = ()
    tags: dict[str, str] = Field(default_factory=dict)
    state: Literal["running", "stopped"] = "running"
    public_ip: bool = False
    ssm: Literal["online", "lost", "none"] = "online"
    answers: tuple[Answer, ...] = ()
    agent_registered: bool = False
    firmware: Literal["BIOS", "UEFI"] = "BIOS"
    boot: Literal["ok", "fails", "agent-not-ready", "hydration-fails"] = "ok"
    boot_seconds: float = 60
    boot_log: str = ""
    push: Literal["ok", "credentials", "no-network", "file-sharing", "wmi"] = "ok"
    drivers: tuple[str, ...] | None = Field(default=None, description="what its devices run on; left out: its image's")
    unreached: tuple[str, ...] = Field(default=(), description="hosts (globs) that do not answer it")
    ports: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _image_is_known(self) -> "Instance":
        if self.image not in IMAGES:
            raise ValueError(f"there is no image '{self.image}': choose of {', '.join(IMAGES)}")
        return self


class Subnet(Part):
    """A subnet of the VPC; its id may be chosen."""

    name: str
    cidr: str
    id: str = ""
    vpc: str = Field(default="", description="name of another VPC; empty = the world's own")


class OtherVpc(Part):
    """A VPC beside the world's own; those that are peered have routes to each other."""

    name: str
    cidr: str
    id: str = Field(default="", pattern=r"^(vpc-[0-9a-f]{4,17})?$")
    peered: bool = False


class Appliance(Part):
    """The replication appliance or configuration server, which registers with the vault when told to."""

    name: str
    instance: str = Field(default="", description="the EC2 instance that it is; empty = it stands elsewhere")
    ip: str = Field(default="", description="its address, where it stands elsewhere")
    kind: Literal["appliance", "configurationServer"] = "appliance"
    accounts: tuple[str, ...] = ()  # those that a configuration server keeps, to push the agent with


class Aws(Part):
    """The source side."""

    region: str = "eu-west-1"
    vpc_id: str = Field(default="", pattern=r"^(vpc-[0-9a-f]{4,17})?$")
    cidr: str = "10.0.0.0/16"
    vpcs: tuple[OtherVpc, ...] = ()
    internet: bool = Field(default=False, description="the VPC has an internet gateway as its default route")
    subnets: tuple[Subnet, ...] = Field(default=(Subnet(name="app", cidr="10.0.2.0/24"),), min_length=1)
    security_groups: tuple[SecurityGroup, ...] = ()
    instances: tuple[Instance, ...] = ()
    appliance: Appliance | None = None


class Network(Part):
    """A virtual network with its subnets by name."""

    name: str
    group: str
    cidr: str
    subnets: dict[str, str]
    location: str = Field(default="", description="region; empty = that of the target")


class Account(Part):
    """A storage account, or a vault."""

    name: str
    group: str
    location: str = Field(default="", description="region; empty = that of the target")


class QuotaRow(Part):
    """A quota of the target region: `cores`, or a family such as `standardDSv5Family`."""

    name: str
    limit: int | None = None
    used: int | None = None


class Outcome(Part):
    """How run commands end in VMs (see the simulator's compute provider)."""

    vm: str = "*"
    match: str = ""
    result: Literal["success", "failure", "timeOut"] = "success"
    exit_code: int = 1
    stdout: str = ""
    stderr: str = ""
    seconds: float = 20
    times: int | None = None


class Azure(Part):
    """The target side as it is before anything moves; the vault is made by the migration unless it is named here."""

    subscription_id: str
    location: str = "westeurope"
    groups: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()
    accounts: tuple[Account, ...] = ()
    vaults: tuple[Account, ...] = ()
    quotas: tuple[QuotaRow, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    legacy_providers: bool = False  # whether the retired InMageAzureV2 is let through


class Release(Part):
    """What people do at gates in a rehearsal: the first that fits a gate is taken; an empty field fits all."""

    gate: str = ""
    wave: str = ""
    machines: tuple[str, ...] = ()
    decision: Literal["", "approve", "reject", "confirm", "nobody"] = Field(
        default="", description="empty: whatever lets it go on; nobody: it is left to a person"
    )
    after: timedelta = Field(default=timedelta(minutes=10), ge=timedelta())
    whole: bool = Field(default=False, description="only when no machine of the wave is still on its way to the gate")
    by: str = "operator"
    comment: str = ""


class World(Part):
    """A whole world, and the people in it."""

    aws: Aws = Aws()
    hyperv: HyperV = HyperV()
    premises: Premises = Premises()
    azure_vms: tuple[SourceVm, ...] = ()  # of another region, which are to be moved
    azure: Azure
    gates: tuple[Release, ...] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> "World":
        groups = {group.name for group in self.aws.security_groups}
        subnets = {subnet.name for subnet in self.aws.subnets}
        for instance in self.aws.instances:
            if missing := (set(instance.security_groups) - groups) | ({instance.subnet} - subnets):
                raise ValueError(
                    f"instance {instance.name} names {', '.join(sorted(missing))}, which the world does not have"
                )
        if len({each.ip for each in self.aws.instances}) != len(self.aws.instances):
            raise ValueError("two instances have the same address")
        return self
