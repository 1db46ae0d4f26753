"""The details of a plan's job: its group tasks with what is nested in them, and its actions."""

from collections.abc import Sequence
from functools import partial

from .job_json import task_json
from .job_state import Job, Task
from .plan_rows import item_row
from .state import Json, Place, Plan, SrVault

SHUTDOWN, FAILOVER, BOOT = "Shutdown", "RpFailoverTask", "BootGroup"  # recorded kinds of groups
_TESTING = "testFailover"


def plan_details(name: str, inputs: Json, places: Sequence[Place], job: Job) -> Json:
    """Return the customDetails of a plan's job (recorded: its machines are told at the end)."""
    kind = "TestFailoverJobDetails" if name.startswith("test") else "FailoverJobDetails"
    rows = [] if job.running else [item_row(place, test=name == _TESTING) for place in places]
    own: Json = {"instanceType": kind, "protectedItemDetails": rows, "affectedObjectDetails": {}}
    if kind == "TestFailoverJobDetails":
        network = str(inputs.get("networkId") or "").rpartition("/")[2] or None
        names = {"networkName": network, "networkFriendlyName": network, "networkType": inputs.get("networkType")}
        status = "Active" if name == _TESTING else None
        own.update({"testFailoverStatus": status, "comments": inputs.get("comments") or "", **names})
    return own


def group_details(task_id: str, kind: str) -> Json:
    """Return the groupTaskCustomDetails of a group, but for its children (recorded: the task's id thrice)."""
    instance = "RecoveryPlanShutdownGroupTaskDetails" if kind == SHUTDOWN else "RecoveryPlanGroupTaskDetails"
    return {"instanceType": instance, "name": task_id, "groupId": task_id, "rpGroupType": kind}


def add_shutdown_groups(vault: SrVault, plan: Plan, plan_job: Job, parent: Task, places: Sequence[Place]) -> None:
    """Nest into the task that shuts all down one group for each boot group, and in each the tasks of its machines."""
    for number, group in enumerate(plan.groups[2:], 1):
        wanted = {each["id"].lower() for each in group["replicationProtectedItems"]}
        members = [place for place in places if place.id.lower() in wanted]
        if members:
            inner = _inner(f"Group{number}", f"Shutdown: Group {number} ({len(members)})")
            parent.children.append(partial(_part, inner, parent))
            add_machines(vault, plan_job, inner, members)


def _inner(task_id: str, friendly: str) -> Task:
    return Task(
        task_id, task_id, friendly, "plan.group", kind="GroupTaskDetails", group=group_details(task_id, SHUTDOWN)
    )


def _part(task: Task, parent: Task) -> Json:
    """Show a task that stands as the one that it is part of."""
    task.state, task.description = parent.state, parent.description
    task.started, task.ended = parent.started, parent.ended
    return task_json(task)


def add_machines(vault: SrVault, plan_job: Job, group: Task, places: Sequence[Place]) -> None:
    """Nest the tasks of machines that have no job of their own in this group; assumed: they name the plan's."""
    for place in places:
        group.children.append(partial(machine_task, vault, plan_job, group, place))


def machine_task(vault: SrVault, job: Job, group: Task, place: Place) -> Json:
    """Return the task of a machine in a group (recorded: it is called Unknown, and names its job by an ARM id)."""
    own = job.target_id == place.item.internal_id
    state, description = (job.state, job.description) if own else (group.state, group.description)
    begun, ended = (job.started, job.ended) if own else (group.started, group.ended)
    task = Task("Unknown", "Unknown", place.item.machine.name, "plan.group", state, description, begun, ended)
    task.kind, task.errors = "VirtualMachineTaskDetails", job.errors if own else []
    entity = {
        "jobId": f"{vault.id}/replicationJobs/{job.id}",
        "jobFriendlyName": job.friendly,
        "targetObjectId": place.item.internal_id,
        "targetObjectName": place.item.machine.name,
        "targetInstanceType": "Vm",
        "jobScenarioName": job.scenario,
    }
    skipped = {"skippedReason": None, "skippedReasonString": None}
    task.custom = {"instanceType": "VirtualMachineTaskDetails", **skipped, "jobTask": entity}
    return task_json(task)


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
