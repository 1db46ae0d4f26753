"""The group tasks of a plan's job, with a child task per machine."""

from .job_state import Job
from .state import Json


def group_details(plan: str, group_id: str, kind: str, number: int) -> Json:
    """Return the groupTaskCustomDetails of a group; its children are added as they start."""
    instance = "RecoveryPlanShutdownGroupTaskDetails" if kind == "Shutdown" else "RecoveryPlanGroupTaskDetails"
    name = f"{plan}: Group {number}" if number else f"{plan}: {kind}"
    return {"instanceType": instance, "childTasks": [], "name": name, "groupId": group_id, "rpGroupType": kind}


def child_task(job: Job) -> Json:
    """Return the task of a plan's job that stands for a machine's own job."""
    entity = {
        "jobId": job.id,
        "jobFriendlyName": job.friendly,
        "targetObjectId": job.target_id,
        "targetObjectName": job.target_name,
        "targetInstanceType": job.target_type,
        "jobScenarioName": job.scenario,
    }
    return {
        "taskId": job.id,
        "name": job.target_name,
        "friendlyName": job.target_name,
        "taskType": "JobTaskDetails",
        "customDetails": {"instanceType": "JobTaskDetails", "jobTask": entity},
        "groupTaskCustomDetails": None,
        "errors": [],
    }


def action_details(name: str, custom: Json) -> Json:
    """Return the customDetails of the task that runs an action of a plan."""
    if custom.get("instanceType") == "ManualActionDetails":
        words = {"name": name, "instructions": custom.get("description") or "", "observation": ""}
        return {"instanceType": "ManualActionTaskDetails", **words}
    kind = {"ScriptActionDetails": "ScriptActionTaskDetails"}.get(
        str(custom.get("instanceType")), "AutomationRunbookTaskDetails"
    )
    return {"instanceType": kind, "name": name, "output": "", "isPrimarySideScript": False}
