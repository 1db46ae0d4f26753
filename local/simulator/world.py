"""The simulated world: one object that holds all state and the services that change it."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from .clock import Clock
from .durations import Durations
from .faults import Faults
from .log import RequestLog
from .machines import SourceMachine
from .resources import Resources, last_segment
from .throttle import Throttle
from .timeline import Timeline
from .vms import BareVms, VmMaker

# The moment at which the request in hand is answered; without one it is the clock's now.
ANSWERED_AT: ContextVar[datetime | None] = ContextVar("ANSWERED_AT", default=None)
_SEED = 20261121  # ids repeat from run to run: no secret hangs on them


@dataclass
class Settings:
    """Switches of the simulated service, changeable by the control API."""

    retry_after: int | None = 30  # recorded: 30 on job-creating calls, absent in newer recordings (None)
    page_size: int = 100  # unknown: assumed; protected items are paged by skipToken
    signed_urls: bool = False  # since 2025 async URLs carry a signature of about 3 KB
    legacy_providers: bool = False  # InMageAzureV2 enable is refused unless set (retired in 2026)
    tenant: str = "11111111-1111-1111-1111-111111111111"


@dataclass
class World:
    """All state of one simulator; a request sees it settled up to the clock's now."""

    clock: Clock
    settings: Settings = field(default_factory=Settings)
    durations: Durations = field(default_factory=Durations)
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    throttle: Throttle = field(default_factory=Throttle)
    resources: Resources = field(default_factory=Resources)
    machines: dict[str, SourceMachine] = field(default_factory=dict)
    azure_machines: dict[str, SourceMachine] = field(default_factory=dict)
    services: dict[str, Any] = field(default_factory=dict)
    machine_watchers: list[Callable[[SourceMachine], None]] = field(default_factory=list)
    delete_watchers: list[Callable[[str], None]] = field(default_factory=list)
    fault_watchers: list[Callable[[], None]] = field(default_factory=list)
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self._moment())
        self.vms: VmMaker = BareVms(self.resources)
        self._random = Random(_SEED)  # noqa: S311 - see above
        self.requests = 0  # ids of requests are counted apart: reads, which change nothing, take some too

    @property
    def now(self) -> datetime:
        """Return the moment being lived: an event's own moment while it happens."""
        return self.timeline.now

    def settle(self) -> None:
        """Live everything that is due."""
        self.timeline.advance(self._moment())

    def new_guid(self) -> str:
        """Return a GUID for something in the world, the same ones in each run."""
        return _guid(self._random)

    def new_request_id(self) -> str:
        """Return a GUID for a request, the same ones in each run."""
        self.requests += 1
        return _guid(Random(_SEED + self.requests))  # noqa: S311 - see above

    def tell_machine(self, machine: SourceMachine) -> None:
        """Add or replace a source machine (by its key) and tell those who watch machines; Azure's own VMs are kept apart."""
        (self.azure_machines if machine.azure_id else self.machines)[machine.key] = machine
        for watcher in self.machine_watchers:
            watcher(machine)

    def switched(self, vm_id: str, *, on: bool) -> None:
        """Hear from compute that an Azure VM was switched on or off: its replication stops and goes on with it."""
        machine = self.azure_machines.get(vm_id.lower())
        if machine is not None and machine.powered_on != on:
            self.tell_machine(machine.model_copy(update={"powered_on": on}))

    def machine_by_ip(self, ip: str) -> SourceMachine | None:
        """Return the source machine with an address."""
        return next((machine for machine in self.machines.values() if machine.ip == ip), None)

    def machine_by_site_id(self, machine_id: str) -> SourceMachine | None:
        """Return the source machine behind an OffAzure machine id: by discovery name, name, or the stored resource's address."""
        name = last_segment(machine_id).lower()
        stored = self.resources.get(machine_id) or {}
        text = str(stored.get("properties", ""))
        for machine in self.machines.values():
            if name in (machine.discovery_name, machine.name.lower()) or f"'{machine.ip}'" in text:
                return machine
        return None

    def faults_change(self) -> None:
        """Tell those whose past depends on the faults in force, or on resources that are there, before these change."""
        for watcher in self.fault_watchers:
            watcher()

    def _moment(self) -> datetime:
        return ANSWERED_AT.get() or self.clock.now()

    def delete_resource(self, resource_id: str) -> bool:
        """Delete a stored resource with all below it and tell those who keep state of their own under it.

        What was replicated until now through it stays: recovery points are made first.
        """
        self.faults_change()
        gone = self.resources.delete(resource_id)
        for watcher in self.delete_watchers:
            watcher(resource_id)
        return bool(gone)


def _guid(source: Random) -> str:
    return str(UUID(int=source.getrandbits(128), version=4))
