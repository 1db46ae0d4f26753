"""The shortest time in which a fleet could be migrated: the simulator's own durations, the limits, and nobody ever late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import groupby
from typing import Any

from shared.ledger.machine_row import Mark
from tests.bench.fleet import CUTTING_OVER, REPLICATING, Run

COMMANDS = ("check-connectivity", "install-agent")  # before replication; stop-services comes in the cutover
COMMAND = 20.0  # seconds that a script takes in the SSM stand-in
POINTS = 300.0  # seconds between crash-consistent recovery points: the plan's default
STOP = 10.0  # seconds between two looks at a stopping EC2 instance; moto's stop takes no time of its own


@dataclass(frozen=True)
class Steps:
    """What one machine needs by itself, in seconds."""

    wave: str
    agent: float
    replicate: float  # from enabling until it is in step: in a replicating slot
    rehearse: float
    prove: float  # from the rest of its services until a recovery point is newer
    fail_over: float  # stop, job, boot
    complete: float
    downtime: float  # as the app measured it: from the rest of its services until it serves in Azure

    @property
    def least_downtime(self) -> float:
        """Give what nobody could have made shorter."""
        return self.prove + self.fail_over


def steps(run: Run) -> dict[str, Steps]:
    """Read from the simulator's jobs and the ledger what each machine needed."""
    seconds = run.control("durations")["seconds"]
    jobs = {(job["targetObjectName"], job["scenarioName"]): job for job in _jobs(run)}
    boots = {each.name: each.boot_seconds for each in run.world.aws.instances}
    return {
        each.name: _steps(run, each.name, each.wave, (jobs, seconds, boots[each.name])) for each in run.picture.machines
    }


def _jobs(run: Run) -> list[dict[str, Any]]:
    return [job["properties"] for job in run.arm("replicationJobs")]


def _steps(run: Run, name: str, wave: str, facts: tuple[Mapping[Any, Any], Mapping[str, float], float]) -> Steps:
    jobs, seconds, boot = facts
    row = run.door.machine(run.migration, name)
    took = {
        kind: _span(jobs[name, kind])
        for kind in ("TestFailover", "TestFailoverCleanup", "UnplannedFailover", "DisableDr")
    }
    began, in_step = jobs[name, "EnableDr"]["startTime"], jobs[name, "SecondaryIrCompletion"]["endTime"]
    copied = (_moment(row["marks"][Mark.QUIESCED]) - _moment(in_step)).total_seconds()
    left = max(0.0, boot - seconds["TestFailover.BootTestProtectedEntitiesTask"])
    return Steps(
        wave=wave,
        agent=len(COMMANDS) * COMMAND,
        replicate=(_moment(in_step) - _moment(began)).total_seconds(),
        rehearse=took["TestFailover"] + left + took["TestFailoverCleanup"],
        prove=POINTS - copied % POINTS,  # points lie on a grid that begins when the machine is in step
        fail_over=STOP + took["UnplannedFailover"] + max(0.0, boot - seconds["UnplannedFailover.StartVmOnSecondary"]),
        complete=took["DisableDr"],
        downtime=float(row["downtimeSeconds"]),
    )


def _span(job: Mapping[str, Any]) -> float:
    return (_moment(job["endTime"]) - _moment(job["startTime"])).total_seconds()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def prelude(run: Run) -> float:
    """Give the seconds before the first machine can begin: the appliance's registration, policy and mapping."""
    seconds = run.control("durations")["seconds"]
    components = len(run.control("appliances")["appliances"][0]["components"])
    jobs = sum(_span(job) for job in _jobs(run) if job["scenarioName"].endswith("ProtectionProfile"))
    return float(seconds["appliance.fabric"] + components * seconds["appliance.component"] + jobs)


def bound(run: Run, machines: Mapping[str, Steps]) -> float:
    """Play the fleet with nobody ever late: slots are taken in the order of the plan, each wave cuts over when all are ready.

    A wave cuts over as a whole because that is what its plan asks for (no gate, machine by machine).
    """
    begin, free, ready = prelude(run), [0.0] * REPLICATING, {}
    for name, machine in machines.items():
        start = max(begin + machine.agent, heappop(free))
        heappush(free, start + machine.replicate)
        ready[name] = start + machine.replicate + machine.rehearse
    waves = [list(group) for _, group in groupby(machines, lambda name: machines[name].wave)]
    places, end = [0.0] * CUTTING_OVER, 0.0
    for wave in sorted(waves, key=lambda names: max(ready[name] for name in names)):
        start = max([ready[name] for name in wave] + [heappop(places) for _ in wave])
        through = [start + COMMAND + machines[name].least_downtime for name in wave]
        for _ in wave:
            heappush(places, max(through))
        end = max([end] + [moment + machines[name].complete for name, moment in zip(wave, through, strict=True)])
    return end
