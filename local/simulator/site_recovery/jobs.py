"""Runs jobs on the timeline: task after task, with faults, cancel, suspend and resume."""

from collections.abc import Callable
from dataclasses import dataclass, field

from ..arm import Call, Reply
from ..faults import Fault
from ..operations import accepted, operations_of, stamp
from .catalogue import fault_words, job_error
from .job_json import plain_details
from .job_state import Job, Task
from .state import Json, SrVault
from .template_rows import TaskRow, Template
from .templates import SECONDS, template_of

Finish = Callable[[str], None]
Effect = Callable[[], Json | None]


def ignore(_: str) -> None:
    """Hear of a job's end and do nothing."""


@dataclass
class Order:
    """What a job is made from; `finish` gets `Succeeded`, `Failed` or `Cancelled`.

    `tolerated` names the tasks whose failure does not fail the job; `variant` a provider with tasks or durations of its own.
    """

    scenario: str
    activity: str
    target_id: str
    target_name: str
    target_type: str
    finish: Callable[[str], None] = ignore
    effects: dict[str, Effect] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    known_as: tuple[str, ...] = ()
    details: Callable[[Job], Json] = plain_details
    result: Callable[[], Json | None] | None = None
    only: frozenset[str] | None = None
    tolerated: frozenset[str] = frozenset()
    variant: str = ""


def start(vault: SrVault, order: Order) -> Job:
    """Make a job from its template and let it run; its operation has the same id."""
    template = template_of(order.scenario, order.variant)
    world = vault.world
    tasks = [_task(vault, template, row, order.variant) for row in template.tasks]
    if order.only is not None:
        tasks = [task for task in tasks if task.seconds.rpartition(".")[2] in order.only]
    job = Job(
        id=world.new_guid(),
        scenario=template.scenario,
        friendly=template.friendly,
        activity=order.activity,
        tasks=tasks,
        target_id=order.target_id,
        target_name=order.target_name,
        target_type=order.target_type,
        created=world.now,
        details=order.details,
        finish=order.finish,
        effects=order.effects,
        cancellable=template.cancellable,
        known_as=(order.target_id, order.target_name, *order.known_as),
        tolerated=order.tolerated,
        skipped=order.skipped | frozenset(template.skips),
        template=template,
    )
    vault.jobs[job.id] = job
    operations_of(world).start(job.id, world.now, order.result or (lambda: None))
    job.pending = world.timeline.after(world.durations.of("job.placeholder"), lambda: begin(vault, job))
    return job


def _task(vault: SrVault, template: Template, row: TaskRow, variant: str) -> Task:
    seconds = SECONDS.get(template.scenario) or f"{template.scenario}.{row.id or row.key}"
    own = f"{variant}.{seconds}"
    known = own if own in vault.world.durations.seconds else seconds
    return Task(row.id or vault.world.new_guid(), row.name, row.friendly, known)


def begin(vault: SrVault, job: Job) -> None:
    """Leave the placeholder and run the first task."""
    job.state, job.description = "InProgress", "InProgress"
    job.started = job.started or vault.world.now
    # recorded: a job is seen InProgress with all its tasks NotStarted, and with all of them Succeeded
    job.pending = vault.world.timeline.after(vault.world.durations.of("job.edge"), lambda: _next(vault, job))


def _next(vault: SrVault, job: Job) -> None:
    """Run the next task; one that is skipped says so only when its turn comes (recorded: all NotStarted at first)."""
    task = next((each for each in job.tasks if each.state == "NotStarted" and not _never(job, each)), None)
    if task is not None and task.id in job.skipped:
        task.state, task.description = "Other", "Skipped"
        _next(vault, job)
        return
    if task is None:
        seconds = vault.world.durations.of("job.edge")
        job.pending = vault.world.timeline.after(seconds, lambda: end(vault, job, "Succeeded", _how(job)))
        return
    task.state, task.description, task.started = "InProgress", "InProgress", vault.world.now
    if _hit(vault, job, task, "job-hangs"):
        return
    seconds = vault.world.durations.of(task.seconds)
    job.pending = vault.world.timeline.after(seconds, lambda: _ended(vault, job, task))


def _never(job: Job, task: Task) -> bool:
    return job.template is not None and task.id in job.template.never


def _ended(vault: SrVault, job: Job, task: Task) -> None:
    error = _error(vault, job, task)
    if error is not None and task.id not in job.tolerated:
        fail(vault, job, task, error)
        return
    if error is not None:
        bear(vault, job, task, error)
    elif job.template is None or not job.template.left_open:
        task.state, task.description, task.ended = "Succeeded", "Completed", vault.world.now
    _next(vault, job)


def _error(vault: SrVault, job: Job, task: Task) -> Json | None:
    """Return the error with which a task ends: one that was ordered, or that of its effect."""
    fault = _hit(vault, job, task, "job-fails")
    if fault is not None:
        words = {"vm": job.target_name, **fault_words(fault)}
        return job_error(fault.code or "539", task.id, job.activity, stamp(vault.world.now), **words)
    effect = job.effects.get(task.id) or job.effects.get(task.seconds.rpartition(".")[2])
    error = effect() if effect else None
    return {**error, "taskId": task.id} if error is not None else None


def bear(vault: SrVault, job: Job, task: Task, error: Json) -> None:
    """End a task with an error that the job outlives.

    Documented: a failover goes on when the shutdown fails. unknown: how the job tells it; assumed a warning.
    """
    warning = {**error, "errorLevel": "Warning"}
    task.state, task.description, task.ended, task.errors = "Failed", "Failed", vault.world.now, [warning]
    job.errors = [*job.errors, warning]


def _how(job: Job) -> str:
    """Return the description of a job that succeeded (recorded word for one that has something to tell)."""
    return "CompletedWithInformation" if job.errors else "Completed"


def _hit(vault: SrVault, job: Job, task: Task, kind: str) -> Fault | None:
    """Use up a fault that is meant for this task (an unspecific one hits the template's main task)."""
    template = job.template
    key = task.seconds.rpartition(".")[2]
    is_main = template is None or template.main in (task.id, key) or len(job.tasks) == 1
    for fault in vault.world.faults.orders(kind):
        if fault.task in (task.id, task.name, key) or (not fault.task and is_main):
            return vault.world.faults.for_job(kind, job.scenario, *job.known_as, task=fault.task)
    return None


def fail(vault: SrVault, job: Job, task: Task, error: Json) -> None:
    """End a job with an error at a task; the provider's generic error stands beside it (recorded)."""
    task.state, task.description, task.ended = "Failed", "Failed", vault.world.now
    provider = str(job.extra.get("provider", "InMageRcm"))
    second = job_error("539", task.id, job.activity, stamp(vault.world.now), provider=provider)
    errors = [error] if error["serviceErrorDetails"]["code"] == "539" else [error, second]
    task.errors = errors
    job.errors = errors
    end(vault, job, "Failed", "Failed")


def end(vault: SrVault, job: Job, state: str, description: str) -> None:
    """End a job, its operation, and tell its owner."""
    job.state, job.description, job.ended = state, description, vault.world.now
    job.pending = job.resume = job.cancel = None
    operation = operations_of(vault.world).get(job.id)
    if state == "Succeeded":
        operation.finish("Succeeded", vault.world.now)
    else:
        operation.finish("Canceled" if state == "Cancelled" else "Failed", vault.world.now, operation_error(job))
    job.finish(state)


def operation_error(job: Job) -> Json:
    """Return the error of a job as its operation's status tells it."""
    if not job.errors:
        return {"code": "OperationCancelled", "message": "The operation was cancelled.", "details": None}
    first = job.errors[0]["serviceErrorDetails"]
    return {"code": first["code"], "message": first["message"], "details": None}


def cancel(vault: SrVault, job: Job) -> None:
    """Stop a job where it stands."""
    if job.pending is not None:
        job.pending.cancel()
    if job.cancel is not None:
        job.cancel()
    for task in job.tasks:
        if task.state in ("InProgress", "Suspended"):
            task.state, task.description, task.ended = "Cancelled", "Cancelled", vault.world.now
    end(vault, job, "Cancelled", "Cancelled")


def restart(vault: SrVault, job: Job) -> None:
    """Run a failed job again from the task that failed (unknown: assumed; the job keeps its id).

    Its owner may refuse (ARM's 400 or 409): the object may have moved on since.
    """
    if job.again is not None:
        job.again()
    for task in job.tasks:
        if task.state in ("Failed", "Cancelled"):
            task.state, task.description, task.started, task.ended = "NotStarted", "NotStarted", None, None
            task.errors = []
    job.errors, job.ended = [], None
    job.state, job.description = "InProgress", "InProgress"
    operation = operations_of(vault.world).get(job.id)
    operation.status, operation.ended, operation.error = "InProgress", None, None
    job.pending = vault.world.timeline.after(1, lambda: begin(vault, job))


def reply(call: Call, vault: SrVault, job: Job, resource_id: str, *, names_job: bool = True) -> Reply:
    """Return the 202 of a call that made a job (recorded: x-ms-request-id is the job's id, but for a few calls)."""
    status = f"{vault.id}/replicationOperationStatus/{job.id}"
    request = f"{vault.id}/replicationJobs/{job.id}" if names_job else ""
    answer = accepted(call, job.id, resource_id, status, request)
    return Reply(answer.status, None, answer.headers, f"job {job.scenario} {job.target_name}")
