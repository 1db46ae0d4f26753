"""The machines of a wave: how each is found, checked and stopped."""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from shared.intake.text import Label, Line, Lines
from shared.plan.choices import exactly_one, one_of
from shared.plan.cutover import Window
from shared.plan.file_places import SHA256
from shared.plan.matching import MOST_CONDITIONS, MatchAlternative
from shared.plan.probe_address import what_is_wrong
from shared.plan.protection import ProtectTarget
from shared.plan.target import MachineTarget
from shared.plan.target_scripts import TargetScripts
from shared.plan.values import ChosenPoint, Duration, IpAddress, Name, Part, ShortText, Tags, Whole, not_null

Strategy = Literal["rehost", "relocate", "replatform", "repurchase", "rearchitect", "retire", "retain", "undecided"]
Check = Literal["service", "tcp", "http", "command"]
SELECTORS = ("instanceId", "privateIp", "tags", "vmId", "name", "match")
SEVERAL = ("tags", "match")  # may mean several machines
CHECKS: tuple[Check, ...] = ("service", "tcp", "http", "command")


class Selector(Part):
    """How a machine is found at its source; exactly one of these, and which are possible depends on the scenario."""

    model_config = ConfigDict(json_schema_extra=one_of(SELECTORS))

    instance_id: str = Field(default="", pattern=r"^i-[0-9a-f]{8,17}$", description="EC2 instance id")
    private_ip: IpAddress = Field(default="", description="private address of its first network interface")
    tags: Tags = Field(
        default_factory=dict, min_length=1, description="every machine that carries all of these; one entry may be many"
    )
    vm_id: Label = Field(
        default="", min_length=1, max_length=512, description="id of a virtual machine (other scenarios)"
    )
    name: ShortText = Field(default="", description="name of the machine at its source (other scenarios)")
    match: tuple[MatchAlternative, ...] = Field(
        default=(),
        min_length=1,
        max_length=MOST_CONDITIONS,
        description="every machine that one of these fits; one entry may be many",
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        exactly_one(self, SELECTORS)
        return self

    @property
    def kind(self) -> str:
        """Give which of them it is, as the plan writes it; empty for none."""
        values = self.model_dump(by_alias=True)
        return next((kind for kind in SELECTORS if values.get(kind)), "")

    @property
    def selects_several(self) -> bool:
        """Whether it may mean several machines, which then take their own names."""
        return bool(self.tags or self.match)

    @property
    def words(self) -> str:
        """Say which machines a selection means."""
        return ", ".join(f"{name}={value}" for name, value in sorted(self.tags.items())) or " or ".join(
            map(str, self.match)
        )


class Probe(Part):
    """One check of a migrated machine; exactly one kind."""

    model_config = ConfigDict(json_schema_extra=one_of(CHECKS))

    service: ShortText = Field(default="", description="this service runs; looked at inside the machine")
    tcp: Whole = Field(default=0, ge=1, le=65_535, description="this port accepts connections")
    http: str = Field(
        default="",
        pattern=r"^https?://(?:\{machine\}|[A-Za-z0-9.-]{1,253})(?::[0-9]{1,5})?(?:/[!-~]{0,2000})?$",
        description="this address answers; {machine} stands for the machine's address",
        examples=["http://{machine}:8080/health"],
    )
    command: Lines = Field(
        default="", min_length=1, max_length=4096, description="this command, run inside, exits with 0"
    )
    expect: Whole = Field(default=200, ge=100, le=599, description="HTTP status that is expected")
    timeout: Duration = Field(default=timedelta(minutes=5), description="how long the check may take")

    @field_validator("http")
    @classmethod
    def _can_be_asked(cls, address: str) -> str:
        wrong = what_is_wrong(address) if address else ""
        if wrong:
            raise ValueError(wrong)
        return address

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        exactly_one(self, CHECKS)
        return self

    @property
    def kind(self) -> Check:
        """Give the kind of check."""
        return next(kind for kind in CHECKS if getattr(self, kind))

    @property
    def label(self) -> str:
        """Give what it looks at, in a few words."""
        return f"{self.kind} {getattr(self, self.kind)}"


class Scripts(Part):
    """Scripts run inside the source machine around its cutover, as root or SYSTEM; each is done when its exit code is 0.

    On Linux the first line may name what runs it (`#!/bin/bash`), else `/bin/sh` does; on Windows PowerShell does, and a
    cmdlet that fails ends it.
    """

    stop_services: Lines = Field(
        default="", max_length=16_384, description="before the last recovery point, so that nothing is written any more"
    )
    start_services: Lines = Field(default="", max_length=16_384, description="the way back, after a rollback")


class Machine(Part):
    """One machine, or all that carry certain tags."""

    name: Name = Field(default="", description="name in the plan; left out only where tags select machines")
    source: Selector = Field(description="how it is found")
    system: Literal["windows", "linux"] | None = Field(
        default=None, description="what it runs, where only you can tell: servers added to a configuration server"
    )
    pv_drivers: Literal["aws", "citrix", "redhat", "none"] | None = Field(
        default=None, description="paravirtual drivers of Windows on Xen, where nobody can look at them"
    )
    service_pack: Annotated[Whole, Field(ge=0, le=9)] | None = Field(
        default=None, description="service pack of Windows Server 2008 R2, where nobody can look; 0 = none"
    )
    application: Line = Field(default="", max_length=64, description="application it belongs to")
    strategy: Strategy = Field(
        default="rehost",
        description="what becomes of it; only rehost is migrated: all others stay in the list and are left out of the work",
    )
    agent_config_sha256: str = Field(
        default="", pattern=SHA256, description="what the SHA-256 of its configuration file (agent.config) must be"
    )
    boot_group: Whole = Field(default=1, ge=1, le=7, description="order of starting; stopping goes the other way")
    recovery_point: ChosenPoint = Field(
        default="",
        description="the point that it starts from: a kind, the name of one, or a moment (the last point before it); "
        "left out: as its wave says",
        examples=["latestAppConsistent", "2026-12-01T18:00:00Z"],
    )
    windows: tuple[Window, ...] = Field(
        default=(),
        max_length=20,
        description="its own cutover windows; left out: those of its application, or its wave",
    )
    target: MachineTarget = Field(default=MachineTarget(), description="what differs from the plan's target")
    verify: tuple[Probe, ...] = Field(default=(), max_length=20, description="checks; left out: those of the wave")
    scripts: Scripts = Field(default=Scripts(), description="left out: those of the wave")
    target_scripts: TargetScripts = Field(
        default=(), description="scripts of your own on the VM in Azure, in this order; left out: those of the wave"
    )
    protect_target: Annotated[ProtectTarget | None, BeforeValidator(not_null)] = Field(
        default=None, description="disaster recovery once it is migrated; left out: that of the wave"
    )

    @property
    def is_migrated(self) -> bool:
        """Whether the work is for it; else it stands in the list only."""
        return self.strategy == "rehost"
