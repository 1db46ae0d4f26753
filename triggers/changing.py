"""`PATCH /api/migrations/{migration}`: another plan for a migration that runs."""

import asyncio

import azure.functions as func

from shared import clock
from shared.coordination.decision import Decision
from shared.decisions.changing import Carried, change_plan, judge_change
from shared.decisions.steered import begin, said_by
from shared.durable.durable_client import announce
from shared.durable.seam import Blueprint
from shared.intake.known_profiles import ProfilesToChange
from shared.plan.model import Plan
from shared.problems import UnreadableRequest
from shared.record.keeping import keep_soon
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.bodies import plan_in
from triggers.principal import person_of

bp = Blueprint()


@bp.route(route="api/migrations/{migration}", methods=["PATCH"])
@bp.durable_client_input(client_name="client")
@admits("change")
async def change_migration(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Change the plan of a migration, or with `dryRun` tell what would change; `If-Match` bears the version's ETag."""
    carried = await asyncio.to_thread(_change, req)
    for each in carried.begin:
        await begin(client, each)
    await announce(client, carried.announcements)
    change = carried.change
    if change.applied:
        await asyncio.to_thread(lambda: keep_soon(change.migration, clock.now()))
    return answer_json(change, 200, {"ETag": etag_of(change.version)})


def _change(req: func.HttpRequest) -> Carried:
    """Read what is said, and do the ledger's part."""
    migration = req.route_params["migration"]
    plan = plan_in(req, profiles=ProfilesToChange(migration))
    person = person_of(req, req.params.get("by", ""))
    decision = said_by(person, clock.now(), req.params.get("comment", ""))
    if req.params.get("dryRun", "false") == "true":
        return Carried(judge_change(migration, plan, decision))
    return _apply(migration, plan, req.headers.get("if-match", ""), decision)


def _apply(migration: str, plan: Plan, tag: str, decision: Decision) -> Carried:
    """Take the plan over if its version is the one that was read."""
    number = tag.strip().strip('"').removeprefix("plan-")
    if not (number.isascii() and number.isdecimal() and len(number) <= 6):
        raise UnreadableRequest(
            "a change needs If-Match with the ETag of the plan's version",
            advice="A request with dryRun=true gives it, and tells what would change.",
        )
    return change_plan(migration, plan, int(number), decision)


def etag_of(version: int) -> str:
    """Give the ETag of a version of a plan."""
    return f'"plan-{version}"'
