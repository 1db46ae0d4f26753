"""The details of a plan's job: its group tasks, with a child task per machine, and its actions."""

from .job_state import Job
from .state import Json


def plan_details(name: str, inputs: Json) -> Json:
    """Return the customDetails of a plan's job (unknown: what a plan tells of its machines; assumed nothing)."""
    kind = "TestFailoverJobDetails" if name.startswith("test") else "FailoverJobDetails"
    own: Json = {"instanceType": kind, "protectedItemDetails": [], "affectedObjectDetails": {}}
    if kind == "TestFailoverJobDetails":
        network = str(inputs.get("networkId") or "").rpartition("/")[2] or None
        names = {"networkName": network, "networkFriendlyName": network, "networkType": inputs.get("networkType")}
        own.update({"testFailoverStatus": None, "comments": inputs.get("comments") or "", **names})
    return own


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
    own: Json = {"name": name, "isPrimarySideScript": custom.get("fabricLocation") == "Primary"}
    if custom.get("instanceType") == "ScriptActionDetails":
        return {"instanceType": "ScriptActionTaskDetails", **own, "path": custom.get("path"), "output": ""}
    runbook = str(custom.get("runbookId") or "")
    about = {"runbookId": runbook, "runbookName": runbook.rpartition("/")[2], "jobId": None, "jobOutput": ""}
    return {"instanceType": "AutomationRunbookTaskDetails", **own, **about}
