"""Jobs over ARM: read, list with filter, cancel, restart, resume, export."""

from datetime import datetime

from ..arm import Call, Handler, Reply, Route
from ..clock import parse_iso
from ..errors import bad_request
from ..operations import accepted, operations_of
from . import ids, jobs
from .job_json import allowed, job_json
from .job_state import Job
from .lookup import vault_of
from .odata import parse_filter
from .refusals import refused
from .state import Json, SrVault
from .wire import listing, results_route, route

_JOBS = f"{ids.VAULT}/replicationJobs"
_JOB = f"{_JOBS}/{{job}}"
_KINDS = {
    "virtualmachine": "ProtectionEntity",
    "protectionentity": "ProtectionEntity",
    "protecteditem": "ProtectionEntity",
    "recoveryplan": "RecoveryPlan",
    "policy": "ProtectionProfile",
    "fabric": "Server",
}


def _get(call: Call) -> Reply:
    vault = vault_of(call)
    job = vault.job(call.params["job"])
    # recorded: a job's own GET names the job as its request
    name = f"{vault.id}/replicationJobs/{job.id}"
    return Reply(200, job_json(vault, job), {"x-ms-request-id": name})


def _list(call: Call) -> Reply:
    vault = vault_of(call)
    wanted = parse_filter(call.query.get("$filter", ""))
    span = _moment(wanted, "starttime"), _moment(wanted, "endtime")
    found = [job for job in reversed(vault.jobs.values()) if _in_time(job, span) and _matches(job, wanted)]
    return listing(call, [job_json(vault, job, full=False) for job in found])


def _matches(job: Job, wanted: dict[str, str]) -> bool:
    states = _words(wanted.get("jobstatus"))
    if states and job.state.lower() not in states:
        return False
    kinds = {_KINDS.get(word, word).lower() for word in _words(wanted.get("affectedobjecttypes"))}
    if kinds and job.target_type.lower() not in kinds:
        return False
    names = _words(wanted.get("jobname"))
    return not names or job.id.lower() in names or job.scenario.lower() in names


def _words(text: str | None) -> set[str]:
    return {word.strip().lower() for word in (text or "").split(",") if word.strip()}


def _in_time(job: Job, span: tuple[datetime | None, datetime | None]) -> bool:
    """Return whether a job was started in the span (StartTime and EndTime bound the start, however they compare)."""
    begun = job.started or job.created
    first, last = span
    return (first is None or begun >= first) and (last is None or begun <= last)


def _moment(wanted: dict[str, str], name: str) -> datetime | None:
    text = next(
        (wanted[key] for key in (name, f"{name}.ge", f"{name}.gt", f"{name}.le", f"{name}.lt") if key in wanted), None
    )
    try:
        return parse_iso(text) if text else None
    except ValueError as problem:
        raise bad_request(f"'{text}' is not a time.", "InvalidFilter") from problem


def _order(action: str, wanted: str) -> Handler:
    def handler(call: Call) -> Reply:
        vault = vault_of(call)
        job = vault.job(call.params["job"])
        if wanted not in allowed(job):
            raise refused(
                "JobActionNotAllowed", f"The action '{wanted}' is not allowed on the job in state '{job.state}'."
            )
        # unknown: whether such a call makes a job of its own; assumed an operation only
        operation = operations_of(call.world).start(call.world.new_guid(), call.now, lambda: job_json(vault, job))
        _do(action, vault, job, call)
        call.world.timeline.after(1, lambda: operation.finish("Succeeded", call.world.now))
        own = f"{vault.id}/replicationJobs/{job.id}"
        answer = accepted(call, operation.id, own, f"{vault.id}/replicationOperationStatus/{operation.id}")
        return Reply(answer.status, None, answer.headers, f"job {job.scenario} {job.target_name} {action}")

    return handler


def _do(action: str, vault: SrVault, job: Job, call: Call) -> None:
    if action == "cancel":
        jobs.cancel(vault, job)
    elif action == "restart":
        jobs.restart(vault, job)
    elif job.resume is not None:
        job.extra["comments"] = (call.body or {}).get("properties", {}).get("comments") if call.body else None
        job.resume()


def _export(call: Call) -> Reply:
    vault = vault_of(call)

    def details(job: Job) -> Json:
        own = {"blobUri": f"https://export.blob.core.windows.net/jobs/{job.id}.csv", "sasToken": "sv=simulated"}
        return {"instanceType": "ExportJobDetails", **own, "affectedObjectDetails": {}}

    order = jobs.Order("ExportJobs", call.activity_id, vault.name, vault.name, "Vault", details=details)
    job = jobs.start(vault, order)
    return jobs.reply(call, vault, job, f"{vault.id}/replicationJobs/{job.id}")


ROUTES: tuple[Route, ...] = (
    route("GET", _JOBS, _list),
    route("GET", _JOB, _get),
    route("POST", f"{_JOB}/cancel", _order("cancel", "Cancel")),
    route("POST", f"{_JOB}/restart", _order("restart", "Restart")),
    route("POST", f"{_JOB}/resume", _order("resume", "Resume")),
    route("POST", f"{_JOBS}/export", _export),
    results_route(_JOB),
)
