"""`POST` and `GET /api/migrations`: start a plan, list what was started."""

import asyncio

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.intake.known_profiles import ProfilesToStart
from shared.intake.register import check_key
from shared.intake.start import accept
from shared.record.keeping import keep_soon
from shared.reporting import ledger_views
from triggers.admission import admits
from triggers.answering import answer_if_news, answer_json, top_of
from triggers.bodies import plan_in
from triggers.principal import person_of

bp = Blueprint()

A_MOMENT = "5"  # seconds after which there is something to see


@bp.route(route="api/migrations", methods=["POST"])
@bp.durable_client_input(client_name="client")
@admits("start")
async def start_migration(req: func.HttpRequest, client) -> func.HttpResponse:  # type: ignore # noqa: ANN001, PGH003 - bare: the worker's rule
    """Start the migration of a plan: 202, or 200 when the same plan runs already."""
    now = await asyncio.to_thread(clock.now)
    key = check_key(req.headers.get("idempotency-key", ""))
    plan = await asyncio.to_thread(plan_in, req, now, ProfilesToStart(key))
    taken = await accept(client, plan, person_of(req, req.params.get("by", "")), now, key)
    await asyncio.to_thread(keep_soon, taken.migration, now)
    view = await asyncio.to_thread(ledger_views.migration, taken.migration, now)
    headers = {"Location": f"/api/migrations/{taken.migration}", "Retry-After": A_MOMENT}
    return answer_json(view, 202 if taken.fresh else 200, headers)


@bp.route(route="api/migrations", methods=["GET"])
@admits("list")
def list_migrations(req: func.HttpRequest) -> func.HttpResponse:
    """List migrations, the newest first: all, those that run, or the archive of those that ended."""
    return answer_if_news(req, ledger_views.page_of_migrations(req.params, top_of(req, 50)))
