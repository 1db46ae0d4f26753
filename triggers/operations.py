"""Every operation of the HTTP API as a table: what it takes, what it does, what it gives, how it can refuse."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel

from shared.coordination.decision import Decision
from shared.decisions.changing import ChangedPlan
from shared.decisions.deciding import acknowledge, cut_over_now, decide, skip
from shared.decisions.pausing import pause, resume
from shared.decisions.people import Role
from shared.decisions.resending import settle
from shared.decisions.rounds import open_roll_back, retry
from shared.decisions.steered import CommandOutcome
from shared.doctor.finding import Diagnosis
from shared.lists.results import ImportResult
from shared.plan.schema import EXAMPLE
from shared.reporting.assessment import Assessment
from shared.reporting.group_views import GroupView
from shared.reporting.inbox_views import Inbox
from shared.reporting.inventory import Inventory
from shared.reporting.notification_views import NotificationPage
from shared.reporting.profile_views import ProfileList, ProfileView
from shared.reporting.selection_views import SelectionPreview
from shared.reporting.timeline import Timeline
from shared.reporting.views import (
    AssessmentStatus,
    BackupList,
    BackupStatus,
    BackupView,
    CommandView,
    EventPage,
    Health,
    HealthDetails,
    MachinePage,
    MachineView,
    MigrationPage,
    MigrationView,
    Validation,
)
from triggers.answering import REPORT_TYPES
from triggers.bodies import (
    Acknowledging,
    Approval,
    Body,
    CutOverNow,
    InventoryRequest,
    PlanImport,
    Registering,
    Resending,
    Skipping,
    Some,
)

PLAN: Final = "Plan"
PROFILE: Final = "Profile"
ONE: Final = "/api/migrations/{migration}"
REPORT_KINDS: Final = tuple(each.partition(";")[0] for each in REPORT_TYPES.values())
JSON: Final = ("application/json",)
STEERING: Final = (400, 404, 409, 413, 415, 422)
READING: Final = (Role.READER, Role.OPERATOR, Role.APPROVER)
OPERATING: Final = (Role.OPERATOR,)
APPROVING: Final = (Role.APPROVER,)
DECIDING: Final = (Role.OPERATOR, Role.APPROVER)  # which of them depends on the gate
OWNING: Final = ()
PLANS: Final = (400, 413, 415, 422)
WHO: Final = {"by": "who starts it; believed on the local stack only, else the signed-in user"}
WHO_CHANGES: Final = {"by": "who changes it; believed on the local stack only, else the signed-in user"}
WHY_PROFILE: Final = {**WHO_CHANGES, "comment": "why; kept with the version"}
PAGED: Final = {"token": "where to go on, from the page before", "top": "how many, 1 to 1000"}
ARCHIVE: Final = {
    **PAGED,
    "ended": "true: only those that ended (the archive); false: only those that did not",
    "outcome": "only these outcomes, with commas",
    "find": "only those with this in their id, plan or starter",
    "after": "only those that ended (or else started) at this moment or later",
    "before": "only those that ended (or else started) before this moment",
}


@dataclass(frozen=True)
class CommandRoute:
    """What a command takes, and what it does to the ledger."""

    takes: type[Body]
    act: Callable[[str, Decision], CommandOutcome]  # migration, what is said


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    name: str
    summary: str
    gives: type[BaseModel] | None = None  # None: any JSON, or other media types
    takes: type[BaseModel] | str | None = None
    example: Mapping[str, Any] = field(default_factory=dict)
    answers: tuple[int, ...] = (200,)
    problems: tuple[int, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = JSON
    headers: tuple[str, ...] = ()
    anonymous: bool = False
    roles: tuple[Role, ...] = READING  # one of these, or the owner
    route: CommandRoute | None = None  # of a command; the others have functions of their own


def _steering(
    verb: str, roles: tuple[Role, ...], summary: str, example: Mapping[str, Any], route: CommandRoute
) -> Operation:
    """Give the operation of a command: they all answer alike."""
    path, headers = f"{ONE}/{verb}", ("Location",)
    takes, answers = route.takes, (202,)
    more: dict[str, Any] = {"headers": headers, "roles": roles, "route": route}
    return Operation("post", path, verb, summary, CommandView, takes, example, answers, STEERING, **more)


LISTS: Final = {
    "files": [{"name": "list.csv", "text": "name,wave,instanceId\nshop-web1,shop,i-0aaa11112222"}],
    "name": "finance",
}
PLACE: Final = {"place": {"source": EXAMPLE["source"]}}
PROFILE_EXAMPLE: Final = {
    "target": {"subscriptionId": "00000000-0000-0000-0000-000000000001", "region": "westeurope"},
    "eachWave": {"gates": {"fourEyes": True}},
}
SHOP: Final = {"machines": ["shop-web1"], "comment": "as agreed"}
# fmt: off
OPERATIONS: Final = (
    Operation("post", "/api/migrations", "start", "Start the migration of a plan; the same plan while it runs is the same migration",
              MigrationView, PLAN, EXAMPLE, (200, 202), (400, 409, 413, 415, 422), WHO, headers=("Location", "Retry-After"), roles=OPERATING),
    Operation("get", "/api/migrations", "list", "List migrations, the newest first: all, those that run, or the archive of those that ended; 304 where nothing changed",
              MigrationPage, answers=(200, 304), problems=(400,), query=ARCHIVE, headers=("ETag",)),
    Operation("get", "/api/inbox", "inbox", "List what waits for people in all migrations, and the machines that serve nowhere; 304 where nothing changed",
              Inbox, answers=(200, 304), headers=("ETag", "X-Azferry-Now")),
    Operation("get", ONE, "show", "Show a migration with its waves, open gates and progress",
              MigrationView, problems=(404,)),
    Operation("get", f"{ONE}/machines", "machines", "List the machines of a migration by name",
              MachinePage, problems=(400, 404), query={**PAGED, "since": "only machines that changed since the page that told it"}, headers=("X-Azferry-Now",)),
    Operation("get", f"{ONE}/machines/{{machine}}", "machine", "Show one machine",
              MachineView, problems=(404,)),
    Operation("get", f"{ONE}/waves/{{wave}}", "wave", "Show one wave: machines by state, gates, window, outages, what it waits for",
              GroupView, answers=(200, 304), problems=(404,), headers=("ETag",)),
    Operation("get", f"{ONE}/applications/{{application}}", "application", "Show one application, whichever waves its machines are in",
              GroupView, answers=(200, 304), problems=(404,), headers=("ETag",)),
    Operation("get", f"{ONE}/events", "events", "Tell what happened, the oldest first; poll from `token`",
              EventPage, problems=(400, 404), query={**PAGED, "machine": "only events of this machine"}),
    Operation("get", f"{ONE}/timeline", "timeline", "Give the waves in time: openings of their windows, places taken, blackouts",
              Timeline, answers=(200, 304), problems=(404,), headers=("ETag", "X-Azferry-Now")),
    Operation("get", f"{ONE}/report", "report", "Give the report: outcome, time line, measured downtime, evidence",
              problems=(400, 404), query={"format": "html, json, csv or xlsx"}, media=REPORT_KINDS),
    Operation("get", f"{ONE}/evidence", "evidence", "Give the evidence pack as of the last change: report, plan, events, decisions, and a manifest with their SHA-256",
              problems=(404,), media=("application/zip",), headers=("Content-Disposition",), roles=DECIDING),
    Operation("get", f"{ONE}/record", "record", "Give the record of decisions that nobody can change: a line for each, with the hash of the one before",
              problems=(404,), media=("application/x-ndjson",), headers=("Content-Disposition",), roles=DECIDING),
    Operation("get", f"{ONE}/plan", "plan", "Give the plan of a migration as it was frozen: it can be started again, under another name too",
              problems=(400, 404), query={"format": "json or yaml"}, media=("application/json", "application/yaml"), roles=DECIDING),
    Operation("patch", ONE, "change", "Change a migration's plan: machines, what they become, windows, limits; with `dryRun` only tell what differs and what becomes of machines",
              ChangedPlan, PLAN, EXAMPLE, problems=(400, 404, 409, 412, 413, 415, 422),
              query={**WHO_CHANGES, "dryRun": "true: change nothing", "comment": "why; kept in the ledger"}, headers=("ETag",), roles=APPROVING),
    _steering("approvals", DECIDING, "Decide at a gate: approve, reject or confirm, for all that wait there or for some",
              {**SHOP, "gate": "cutover", "wave": "shop", "decision": "approve"}, CommandRoute(Approval, decide)),
    _steering("pause", DECIDING, "Hold machines where it is safe to stay; replication runs on",
              SHOP, CommandRoute(Some, lambda migration, decision: pause(migration, decision.machines, decision))),
    _steering("resume", OPERATING, "Let held machines go on",
              SHOP, CommandRoute(Some, lambda migration, decision: resume(migration, decision.machines, decision))),
    _steering("cancel", OPERATING, "Give machines up: the source serves, replication is removed",
              SHOP, CommandRoute(Some, lambda migration, decision: open_roll_back(migration, "cancel", decision.machines, decision))),
    _steering("retry", OPERATING, "Send failed or given-up machines on their way again",
              SHOP, CommandRoute(Some, lambda migration, decision: retry(migration, decision.machines, decision))),
    _steering("rollback", OPERATING, "Put machines back into service on their source",
              SHOP, CommandRoute(Some, lambda migration, decision: open_roll_back(migration, "rollback", decision.machines, decision))),
    _steering("skip", DECIDING, "Leave a phase of one machine out",
              {"machine": "shop-web1", "phase": "start_test_failover", "comment": "rehearsed last week"},
              CommandRoute(Skipping, lambda migration, decision: skip(migration, decision.machines[0], decision.gate, decision))),
    _steering("cutover", APPROVING, "Begin the cutover of a wave without waiting for its approval or window",
              {**SHOP, "wave": "shop"},
              CommandRoute(CutOverNow, lambda migration, decision: cut_over_now(migration, decision.waves[0], decision.machines, decision))),
    _steering("acknowledge", APPROVING, "Accept a concern, with a reason; the machine goes on when it is retried",
              {"concern": "fact-unknown", "machine": "shop-web1", "reason": "seen for ourselves"},
              CommandRoute(Acknowledging, lambda migration, decision: acknowledge(migration, decision.gate, "".join(decision.machines), decision))),
    _steering("resend", OPERATING, "Send messages again that were given up, or let them be",
              {"receiver": "ops", "comment": "its certificate was renewed"}, CommandRoute(Resending, settle)),
    Operation("get", f"{ONE}/notifications", "notifications", "Tell who was told of what, the oldest first, and what became of it",
              NotificationPage, problems=(400, 404), query=PAGED),
    Operation("post", f"{ONE}/registration-key", "registration-key", "Make the key with which a configuration server registers; a secret",
              takes=Registering, problems=STEERING, media=("application/xml",), headers=("Content-Disposition",), roles=OWNING),
    Operation("post", "/api/plans/validate", "validate", "Judge a plan as far as that goes without the clouds; nothing is created",
              Validation, PLAN, EXAMPLE, problems=PLANS),
    Operation("post", "/api/plans/assess", "assess", "Judge a plan with what the clouds tell of its machines and target; nothing is started, nothing is changed",
              AssessmentStatus, PLAN, EXAMPLE, (202,), PLANS, WHO, headers=("Location", "Retry-After")),
    Operation("get", "/api/assessments/{assessment}", "assessment", "Give an assessment: what rules found, and the machines; 202 while it is made",
              Assessment, answers=(200, 202), problems=(400, 404), query={"format": "json, html or csv"},
              media=("application/json", "text/html", "text/csv"), headers=("Location", "Retry-After")),
    Operation("post", "/api/plans/select", "select", "Tell which machines the selections of a plan find now; nothing is started, nothing is kept",
              SelectionPreview, PLAN, EXAMPLE, problems=(*PLANS, 409)),
    Operation("post", "/api/inventory", "take-inventory", "List the machines of a source with what an assessment says of each, and which plans cover them; nothing is started",
              AssessmentStatus, InventoryRequest, PLACE, (202,), PLANS, headers=("Location", "Retry-After"), roles=OPERATING),
    Operation("get", "/api/inventories/{inventory}", "inventory", "Give an inventory; 202 while it is made",
              Inventory, answers=(200, 202), problems=(400, 404, 409, 422), query={"format": "json or csv"},
              media=("application/json", "text/csv"), headers=("Location", "Retry-After")),
    Operation("post", "/api/plans/import", "import", "Read lists of machines of other tools into a plan, which is given back; nothing is created",
              ImportResult, PlanImport, LISTS, problems=PLANS),
    Operation("get", "/api/target-profiles", "target-profiles", "List the profiles that plans can name: settings of targets and policies", ProfileList),
    Operation("get", "/api/target-profiles/{profile}", "target-profile", "Give a profile with every change there was: who made it, when, why",
              ProfileView, problems=(400, 404), query={"version": "left out: the newest"}, headers=("ETag",)),
    Operation("put", "/api/target-profiles/{profile}", "set-target-profile", "Write the next version of a profile; what runs keeps the version that it was started with",
              ProfileView, PROFILE, PROFILE_EXAMPLE, (200, 201), (*PLANS, 412), WHY_PROFILE, headers=("ETag",), roles=APPROVING),
    Operation("delete", "/api/target-profiles/{profile}", "drop-target-profile", "Let no further plan name a profile; what runs with it runs on",
              ProfileView, problems=(400, 404, 412), query=WHY_PROFILE, headers=("ETag",), roles=APPROVING),
    Operation("get", "/api/schemas/plan", "schema", "Give the JSON Schema of plans"),
    Operation("get", "/api/openapi.json", "openapi", "Give this document", anonymous=False),
    Operation("get", "/api/backups", "backups", "List the backups of tables and blobs that are whole, the newest first",
              BackupList, roles=OPERATING),
    Operation("post", "/api/backups", "back-up", "Write a backup of tables and blobs now",
              BackupStatus, answers=(202,), headers=("Location", "Retry-After"), roles=OPERATING),
    Operation("get", "/api/backups/{backup}", "backup", "Give a backup that is whole; 202 while it is written",
              BackupView, answers=(200, 202), problems=(404,), headers=("Location", "Retry-After"), roles=OPERATING),
    Operation("post", "/api/backups/{backup}/restore", "restore", "Put a backup back into an empty ledger; migrations that run go on by themselves",
              BackupStatus, answers=(202,), problems=(404, 409), headers=("Location", "Retry-After"), roles=OWNING),
    Operation("get", "/api/backups/{backup}/restore", "restored", "Tell what putting a backup back came to; 202 while it goes on",
              BackupView, answers=(200, 202), problems=(404, 409, 422), headers=("Location", "Retry-After"), roles=OPERATING),
    Operation("get", "/api/doctor", "doctor", "Look at all that the app needs where its settings say that it works; nothing is changed",
              Diagnosis, roles=OPERATING),
    Operation("post", "/api/doctor", "doctor-of-plan", "Look at all that a plan needs; nothing is changed",
              Diagnosis, PLAN, EXAMPLE, problems=PLANS, roles=OPERATING),
    Operation("get", "/api/health", "health", "Tell whether the app can work", Health, answers=(200, 503), anonymous=True),
    Operation("get", "/api/health/details", "health-details", "Tell what stands still, and how many messages were refused",
              HealthDetails, problems=(503,)),
)
# fmt: on
ROLES_OF: Final = {each.name: each.roles for each in OPERATIONS if not each.anonymous}
