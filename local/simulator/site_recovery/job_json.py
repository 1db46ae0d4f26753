"""A job as the wire shows it."""

from datetime import datetime

from ..operations import stamp
from .job_state import Job, Task
from .state import Json, SrVault

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
        "customDetails": task.custom or {"instanceType": "TaskDetails"},
        "groupTaskCustomDetails": task.group,
        "errors": task.errors,
    }


def allowed(job: Job) -> list[str]:
    """Return a job's allowedActions."""
    if job.state == "Suspended":
        return ["Resume", "Cancel"]
    if job.running:
        return ["Cancel"] if job.cancellable else []
    return ["Restart"] if job.state == "Failed" and job.again is not None else []


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
    properties["targetObjectId"] = job.target_id
    properties["targetObjectName"] = job.target_name
    properties["targetInstanceType"] = job.target_type
    details = plain_details(job) if placeholder else job.details(job)
    properties["customDetails"] = details if full else None
    name = f"{vault.id}/replicationJobs/{job.id}"
    return {
        "id": name,
        "name": job.id,
        "type": "Microsoft.RecoveryServices/vaults/replicationJobs",
        "properties": properties,
    }
