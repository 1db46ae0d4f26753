"""Site Recovery jobs: how they stand, what went wrong, and finding again the one that a request started.

| operation | role action |
| --- | --- |
| get_job, list_jobs, find_job | Microsoft.RecoveryServices/vaults/replicationJobs/read |
| cancel_job, resume_job | …/replicationJobs/cancel/action, …/resume/action |
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic import Field, field_validator

from shared.azure import clients
from shared.azure.arm import submit
from shared.azure.refusals import found
from shared.models import CLOCK_SKEW
from shared.problems import CloudRefused
from shared.settings import Settings, settings
from shared.site_recovery.listings import list_raw
from shared.site_recovery.remembered import Remembered
from shared.site_recovery.vault import VaultRef
from shared.site_recovery.wire import FromWire, Json

_ENDED_WELL = Remembered["Job"]()
RUNNING = frozenset({"notstarted", "inprogress", "suspended"})
MANUAL = "ManualActionTaskDetails"


class ServiceError(FromWire):
    """An error as Site Recovery or its provider tells it."""

    code: str = ""
    message: str = ""
    possible_causes: str = ""
    recommended_action: str = ""
    activity_id: str = ""
    error_code: int = 0
    error_message: str = ""


class JobError(FromWire):
    """One error of a job, at a task."""

    service_error_details: ServiceError = ServiceError()
    provider_error_details: ServiceError = ServiceError()
    error_level: str = ""
    task_id: str = ""


class TaskDetails(FromWire):
    """What only some kinds of steps tell."""

    instance_type: str = ""
    name: str = ""
    instructions: str = Field(default="", description="of a manual action: what to do")


class JobTask(FromWire):
    """A step of a job; their order is not strict (recorded)."""

    task_id: str = ""
    name: str = ""
    friendly_name: str = ""
    state: str = ""
    state_description: str = ""
    custom_details: TaskDetails = TaskDetails()
    inner: tuple["JobTask", ...] = Field(
        default=(), alias="groupTaskCustomDetails", description="of a recovery plan's group; groups may stand in groups"
    )

    @field_validator("inner", mode="before")
    @classmethod
    def _of_group(cls, details: Any) -> Any:
        return details.get("childTasks") or () if isinstance(details, Mapping) else details

    def with_inner(self) -> Iterator["JobTask"]:
        """Give the step and all that are nested in it, from the outermost in."""
        yield self
        for task in self.inner:
            yield from task.with_inner()


class Job(FromWire):
    """A job. LIST leaves out activity id and tasks; the first GET may show nothing yet (recorded)."""

    id: str = ""
    name: str
    activity_id: str = ""
    scenario_name: str = ""
    friendly_name: str = ""
    state: str = ""
    state_description: str = ""
    tasks: tuple[JobTask, ...] = ()
    errors: tuple[JobError, ...] = ()
    target_object_name: str = ""

    @property
    def running(self) -> bool:
        """Tell whether it has not ended."""
        return self.state.lower() in RUNNING

    @property
    def succeeded(self) -> bool:
        """Tell whether it ended well."""
        return self.state.lower() == "succeeded"

    @property
    def suspended(self) -> bool:
        """Tell whether it waits for a person."""
        return self.state.lower() == "suspended"

    @property
    def all_tasks(self) -> tuple[JobTask, ...]:
        """Its steps on every level: those of a recovery plan are nested, where manual actions stand is not known."""
        return tuple(inner for task in self.tasks for inner in task.with_inner())

    @property
    def manual_actions(self) -> tuple[JobTask, ...]:
        """Its steps that people do, in its order, on every level."""
        return tuple(task for task in self.all_tasks if task.custom_details.instance_type == MANUAL)

    @property
    def task(self) -> str:
        """The step that it is at, in words; empty before and after."""
        return next((each.friendly_name or each.name for each in self.tasks if each.state == "InProgress"), "")

    def raise_failure(self) -> None:
        """Raise `CloudRefused` with the first error's code, causes and advice when it ended badly."""
        if not self.running and not self.succeeded:
            raise refusal(self)


def refusal(job: Job) -> CloudRefused:
    """Put a failed job's errors into one refusal: the first leads, the rest stands behind it."""
    errors = [_told(error) for error in job.errors] or [ServiceError(code=job.state, message=job.state_description)]
    first, what = errors[0], job.friendly_name or job.scenario_name or job.name
    others = " ".join(f"[{each.code}] {each.message}" for each in errors[1:])
    return CloudRefused(
        f"{what} of {job.target_object_name or 'it'} ended as {job.state}: {first.message} {others}".rstrip(),
        code=first.code,
        causes=first.possible_causes,
        advice=first.recommended_action,
        extra={name: value for name, value in {"job": job.name, "task": _task(job), **_ids(first)}.items() if value},
    )


def _told(error: JobError) -> ServiceError:
    """Give what tells most: the service's words, else the provider's."""
    service, provider = error.service_error_details, error.provider_error_details
    if service.code or service.message:
        return service
    return provider.replace(code=str(provider.error_code or ""), message=provider.error_message)


def _task(job: Job) -> str:
    return job.errors[0].task_id if job.errors else ""


def _ids(error: ServiceError) -> dict[str, str]:
    return {"activityId": error.activity_id}


def get_job(vault: VaultRef, name: str) -> Job | None:
    """Give one job in full, or None when there is none of that id."""
    jobs = clients.site_recovery(vault.subscription).replication_jobs
    return found(f"reading job {name}", lambda: Job.of(jobs.get(*vault.place, name)))


def list_jobs(vault: VaultRef, since: datetime) -> tuple[Job, ...]:
    """Give the jobs that started since a moment, without tasks."""
    # documented: the filter's "eq" on startTime means "from then on"
    query = f"StartTime eq '{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z'"
    jobs = tuple(Job.model_validate(each) for each in list_raw(vault, "replicationJobs", query))
    _ENDED_WELL.keep({_key(vault, each.name): each for each in jobs if each.succeeded})
    return jobs


def job_at_last(vault: VaultRef, name: str) -> Job | None:
    """Give a job as a listing of this process just showed that it ended well (it never changes then), else as it is read."""
    return _ENDED_WELL.get(_key(vault, name)) or get_job(vault, name)


def _key(vault: VaultRef, name: str) -> str:
    return f"{vault.id}/{name}".lower()


def find_job(vault: VaultRef, request: str, since: datetime, target: str = "") -> Job | None:
    """Find again the job that a request started: its activity id begins with the request's id.

    LIST does not tell activity ids (recorded), so each candidate costs a GET, once in this process: tell the name of the
    machine or plan as `target`, and as `since` when the request can have been sent first, by our clock.
    """
    for listed in list_jobs(vault, since - CLOCK_SKEW):
        if _candidate(listed, target) and _activity(vault, listed.name).startswith(request.lower()):
            return get_job(vault, listed.name)
    return None


def _activity(vault: VaultRef, name: str) -> str:
    """Give the activity id of a job in lower case; empty while it has none."""
    try:
        return _known_activity(settings(), vault, name)
    except LookupError:
        return ""


@lru_cache(maxsize=10_000)
def _known_activity(_where: Settings, vault: VaultRef, name: str) -> str:
    """Give the activity id of a job, which never changes. Raise `LookupError` while it has none.

    Kept in memory: many callers at once are throttled, and would read the same jobs again at each try.
    """
    job = get_job(vault, name)
    if job is None or not job.activity_id:
        raise LookupError(name)
    return job.activity_id.lower()


def _candidate(listed: Job, target: str) -> bool:
    """Tell whether a job may be ours; the end of an initial replication bears the request of its enable (recorded)."""
    named = not target or not listed.target_object_name or listed.target_object_name.lower() == target.lower()
    return named and not listed.scenario_name.endswith("IrCompletion")


def cancel_job(vault: VaultRef, name: str, request: str) -> None:
    """Ask a running job to stop."""
    send = clients.site_recovery(vault.subscription).replication_jobs.begin_cancel
    submit(f"cancelling job {name}", request, send, *vault.place, name)


def resume_job(vault: VaultRef, name: str, comment: str, request: str) -> None:
    """Let a job go on that a manual action of a recovery plan holds."""
    send = clients.site_recovery(vault.subscription).replication_jobs.begin_resume
    body: Json = {"properties": {"comments": comment}}
    submit(f"resuming job {name}", request, send, *vault.place, name, body)
