"""Runs an action on a recovery plan: group after group, a child job per machine, manual actions that suspend."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ..operations import operations_of, stamp
from . import jobs
from .catalogue import fault_words, job_error
from .ids import guid
from .item_actions import start_action
from .job_state import Job, Task
from .plan_actions import PLAN_ACTIONS, members
from .plan_boot import start_vm, stop_halfway
from .plan_sources import shut_off, shuts_down
from .plan_tasks import (
    BOOT,
    FAILOVER,
    SHUTDOWN,
    action_details,
    add_machines,
    add_shutdown_groups,
    group_details,
    machine_task,
    plan_details,
)
from .state import Json, Place, Plan, SrVault
from .states import ACTIONS, allowed_operations

Done = Callable[[], None]


@dataclass
class _Step:
    task: Task
    run: Callable[[Done], None]


@dataclass
class PlanRun:
    """One run of an action on a plan."""

    vault: SrVault
    plan: Plan
    name: str
    activity: str
    inputs: Json
    specific: dict[str, Json]
    result: Callable[[], Json]
    steps: list[_Step] = field(default_factory=list)
    failed: list[Json] = field(default_factory=list)
    children: list[Job] = field(default_factory=list)
    stopped: bool = False

    def start(self) -> Job:
        """Make the plan's job and begin after the placeholder."""
        self.action = PLAN_ACTIONS[self.name]
        self.ready = [
            place for place in members(self.vault, self.plan) if self.action.gate in allowed_operations(place.item)
        ]
        self.total = len(self.ready)
        world, places = self.vault.world, tuple(self.ready)
        self.job = Job(
            id=world.new_guid(),
            scenario=self.action.scenario,
            friendly=self.action.friendly,
            activity=self.activity,
            tasks=[],
            target_id=guid(self.vault.id, self.plan.name),  # recorded: a GUID
            target_name=self.plan.name,
            target_type="RecoveryPlan",
            created=world.now,
            details=lambda job: plan_details(self.name, self.inputs, places, job),
            finish=self._finish,
            cancel=self._cancel,
            known_as=(self.plan.name,),
            extra={"shown": self.action.scenario},
        )
        self._build()
        self.job.tasks = [step.task for step in self.steps]
        self.vault.jobs[self.job.id] = self.job
        self.plan.scenario = self.job
        operations_of(world).start(self.job.id, world.now, self.result)
        self.job.pending = world.timeline.after(world.durations.of("job.placeholder"), self._begin)
        return self.job

    def _build(self) -> None:
        """Lay out the steps: checks, shutdown, failover, each boot group with its actions, and the end (recorded).

        unknown: where actions stand, and how the first and the last task are called; assumed between the groups.
        """
        self._add("Prerequisites check for the recovery plan", self._wait)
        if not self.action.boots:
            self._add("All groups", partial(self._all, None), group=("AllGroups", BOOT))
            return
        shutdown, failover, *boots = self.plan.groups
        count = len(self.ready)
        self._actions(shutdown, "startGroupActions")
        shutdown_task = self._add(
            f"All groups shutdown ({count})", self._shut_down, group=("ShutdownAllActionGroup", SHUTDOWN)
        )
        add_shutdown_groups(self.vault, self.plan, self.job, shutdown_task, self.ready)
        self._actions(shutdown, "endGroupActions")
        self._actions(failover, "startGroupActions")
        only = partial(self._all, self.action.only)
        self._add("Recovery plan failover", only, group=("FailoverAllActionGroup", FAILOVER))
        self._actions(failover, "endGroupActions")
        for number, group in enumerate(boots, 1):
            self._actions(group, "startGroupActions")
            self._add_boot(number, group)
            self._actions(group, "endGroupActions")
        self._add("Completing the recovery plan", self._wait)

    def _add_boot(self, number: int, group: Json) -> None:
        wanted = {each["id"].lower() for each in group["replicationProtectedItems"]}
        moved = [place for place in self.ready if place.id.lower() in wanted]
        friendly, run = f"Group {number}: Start ({len(moved)})", partial(self._boot, group)
        add_machines(self.vault, self.job, self._add(friendly, run, group=(f"Group{number}", BOOT)), moved)

    def _add(self, friendly: str, run: Callable[[Done], None], *, group: tuple[str, str] = ("", "")) -> Task:
        """Add a task; one of a group says which it is and of which kind."""
        own, kind = group
        task = Task(own or self.vault.world.new_guid(), own or friendly.replace(" ", ""), friendly, "plan.group")
        if kind:
            task.kind, task.group = "GroupTaskDetails", group_details(own, kind)
        self.steps.append(_Step(task, run))
        return task

    def _actions(self, group: Json, when: str) -> None:
        for action in group[when]:
            towards = "PrimaryToRecovery" in action["failoverDirections"]
            if towards and self.action.last in action["failoverTypes"]:
                custom, name = action["customDetails"], action["actionName"]
                manual = custom["instanceType"] == "ManualActionDetails"
                task = self._add(name, self._suspend if manual else self._automatic)
                task.custom = action_details(name, custom)

    def _begin(self) -> None:
        self.job.state, self.job.description, self.job.started = "InProgress", "InProgress", self.vault.world.now
        self._next()

    def _next(self) -> None:
        if self.stopped or not self.job.running:
            return
        step = next((each for each in self.steps if each.task.state == "NotStarted"), None)
        if step is None:
            self._end()
            return
        step.task.state, step.task.description, step.task.started = "InProgress", "InProgress", self.vault.world.now
        error = self._ordered(step.task, "")
        if error is not None:
            jobs.fail(self.vault, self.job, step.task, error)
            return
        step.run(partial(self._done, step.task))

    def _done(self, task: Task) -> None:
        if task.state == "InProgress":
            failed = self.failed and any(child.ended_badly for child in self.children)
            task.state = "Succeeded"
            task.description = "CompletedWithInformation" if failed and task.group else "Completed"
        task.ended = self.vault.world.now
        self._next()

    def _wait(self, done: Done) -> None:
        self.job.pending = self.vault.world.timeline.after(self.vault.world.durations.of("plan.group"), done)

    def _running(self) -> Task:
        return next(step.task for step in self.steps if step.task.state == "InProgress")

    def _ordered(self, task: Task, name: str) -> Json | None:
        """Return the error that was ordered for the plan's own job, or for a task of this name."""
        world = self.vault.world
        fault = world.faults.for_job("job-fails", f"RecoveryPlan.{self.job.scenario}", self.plan.name, task=name)
        if fault is None:
            return None
        words = {"vm": self.plan.name, **fault_words(fault)}
        return job_error(fault.code or "539", task.id, self.activity, stamp(world.now), **words)

    def _automatic(self, done: Done) -> None:
        """Run a runbook or a script; one that fails stops a planned failover and no other (documented)."""
        task = self._running()
        error = self._ordered(task, task.friendly)
        if error is None:
            self._wait(done)
        elif self.name == "plannedFailover":
            jobs.fail(self.vault, self.job, task, error)
        else:
            jobs.bear(self.vault, self.job, task, error)
            done()

    def _suspend(self, done: Done) -> None:
        """Wait for a person: the job is Suspended until it is resumed; what they say is kept with the task.

        unknown: what the task itself shows meanwhile; assumed InProgress.
        """
        task = self._running()
        self.job.state = self.job.description = "Suspended"

        def resume() -> None:
            self.job.state = self.job.description = "InProgress"
            self.job.resume = None
            task.custom = {**(task.custom or {}), "observation": self.job.extra.get("comments") or ""}
            done()

        self.job.resume = resume

    def _shut_down(self, done: Done) -> None:
        """Shut down the sources that the service can shut down; the step is Skipped if there is none."""
        task = self._running()
        moved = [place for place in self.ready if shuts_down(self.action, self._inputs(place), place)]
        if not moved:
            task.state, task.description = "Other", "Skipped"
            done()
            return

        def off() -> None:
            for place in reversed(moved):
                self._shut_down_one(task, place)
            done()

        self.job.pending = self.vault.world.timeline.after(self.vault.world.durations.of("shutdown.vmware"), off)

    def _inputs(self, place: Place) -> Json:
        """Return what the call says of a machine: for all, and for its provider."""
        return {**self.inputs, **self.specific.get(place.item.provider.lower(), {})}

    def _shut_down_one(self, task: Task, place: Place) -> None:
        """Shut one source down; where that fails, an unplanned failover goes on (documented), a planned one without it."""
        error = shut_off(self.action, self.activity, place)
        if error is not None and self.name == "plannedFailover":
            self.failed.append({**error, "taskId": task.id})
            task.state, task.description, task.errors = "Failed", "Failed", [*task.errors, self.failed[-1]]
            self.ready.remove(place)
        elif error is not None:
            jobs.bear(self.vault, self.job, task, error)

    def _all(self, only: frozenset[str] | None, done: Done) -> None:
        """Run a child job for every machine, side by side."""
        task = self._running()
        left = len(self.ready)
        if not left:
            done()
            return

        def ended(_: str) -> None:
            nonlocal left
            left -= 1
            if not left:
                done()

        for place in self.ready:
            child = start_action(place, self.name, self.activity, self._inputs(place), only, ended)
            self.children.append(child)
            task.children.append(partial(machine_task, self.vault, child, task, place))

    def _boot(self, group: Json, done: Done) -> None:
        """Start the VMs of a boot group, those whose failover went well."""
        wanted = {each["id"].lower() for each in group["replicationProtectedItems"]}
        row = ACTIONS[self.name].during
        moved = [
            place for place in self.ready if place.id.lower() in wanted and row in (place.item.state, place.item.test)
        ]
        key = (
            "TestFailover.BootTestProtectedEntitiesTask"
            if self.name == "testFailover"
            else f"{self.job.scenario}.StartVmOnSecondary"
        )

        def start() -> None:
            for place in moved:
                error = start_vm(self.name, self._inputs(place), place, self.job)
                self.failed += [error] if error else []
            done()

        self.job.pending = self.vault.world.timeline.after(self.vault.world.durations.of(key), start)

    def _end(self) -> None:
        """End the job: with errors it is Failed; some success is told as PartiallySucceeded (unknown: assumed)."""
        errors = [error for child in self.children for error in child.errors] + self.failed
        warnings, self.job.errors = self.job.errors, [*self.job.errors, *errors]
        bad = {child.target_id for child in self.children if child.ended_badly}
        partly = len(bad) + len(self.failed) < self.total
        if errors or bad:
            jobs.end(self.vault, self.job, "Failed", "PartiallySucceeded" if partly else "Failed")
        else:
            jobs.end(self.vault, self.job, "Succeeded", "CompletedWithInformation" if warnings else "Completed")

    def _cancel(self) -> None:
        self.stopped = True
        for child in self.children:
            if child.running:
                jobs.cancel(self.vault, child)

    def _finish(self, state: str) -> None:
        self.plan.scenario = None
        if state == "Succeeded" and self.action.last:
            self.plan.last[self.action.last] = self.vault.world.now
        if state != "Succeeded":
            stop_halfway(self.name, self.ready)
