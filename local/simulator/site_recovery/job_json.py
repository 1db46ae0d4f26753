"""A job as the wire shows it."""

from datetime import datetime

from ..operations import stamp
from .job_state import Job, Task
from .state import Json, SrVault

_RESTARTS = ("MigrationStartResync",)
SENTINEL = "0001-01-01T00:00:00"


def plain_details(_: Job) -> Json:
    """Return the customDetails of a job that has none of its own."""
    return {"instanceType": "AsrJobDetails", "affectedObjectDetails": {}}


def task_json(task: Task) -> Json:
    """Return a task's wire shape (recorded; moments that have not come are sentinels)."""
    return {
        "taskId": task.id,
        "name": task.name,
        "startTime": stamp(task.started) or SENTINEL,
        "endTime": stamp(task.ended) or SENTINEL,
        "allowedActions": [],
        "friendlyName": task.friendly,
        "state": task.state,
        "stateDescription": task.description,
        "taskType": task.kind,
        # recorded: the task of a group has none, what it holds stands beside it
        "customDetails": task.custom or (None if task.group else {"instanceType": "TaskDetails"}),
        "groupTaskCustomDetails": group_json(task),
        "errors": task.errors,
    }


def group_json(task: Task) -> Json | None:
    """Return what a task of a plan's job tells of its group, with the tasks inside it as they stand; None of any other."""
    return None if task.group is None else {**task.group, "childTasks": [child() for child in task.children]}


def allowed(job: Job) -> list[str]:
    """Return a job's allowedActions (recorded: none in the placeholder, and none of a job that failed but for one kind)."""
    if job.started is None:
        return []
    if job.state == "Suspended":
        return ["Resume", "Cancel"]
    if job.running:
        return ["Cancel"] if job.cancellable else []
    return ["Restart"] if job.state == "Failed" and job.scenario in _RESTARTS else []


def end_text(moment: datetime) -> str:
    """Return a job's endTime (recorded: cut to seconds, so it can precede its startTime)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def job_json(vault: SrVault, job: Job, *, full: bool = True) -> Json:
    """Return a job's wire shape; a listing leaves out the activity, tasks and details (recorded)."""
    placeholder = job.started is None
    properties: Json = {
        "activityId": job.activity if full else None,
        "scenarioName": None if placeholder else job.scenario,
        "friendlyName": None if placeholder else job.friendly,
        "state": job.state,
        "stateDescription": job.description,
        "tasks": [task_json(task) for task in job.tasks] if full and not placeholder else [],
        "errors": job.errors,
    }
    if job.started is not None:
        properties["startTime"] = stamp(job.started)
    if job.ended is not None:
        properties["endTime"] = end_text(job.ended)
    properties["allowedActions"] = allowed(job)
    properties["targetObjectId"] = None if placeholder else job.target_id
    properties["targetObjectName"] = None if placeholder else job.target_name
    properties["targetInstanceType"] = job.target_type
    details = plain_details if placeholder else job.details
    properties["customDetails"] = details(job) if full else None
    name = f"{vault.id}/replicationJobs/{job.id}"
    return {
        "id": name,
        "name": job.id,
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": properties,
    }
