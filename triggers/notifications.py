"""`GET /api/migrations/{migration}/notifications`: who was told of what, and what became of it."""

import azure.functions as func

from shared.durable.seam import Blueprint
from shared.ledger import migrations
from shared.notifications import undelivered
from shared.reporting.ledger_views import link_to_next
from triggers.admission import admits
from triggers.answering import answer_json, top_of

bp = Blueprint()


@bp.route(route="api/migrations/{migration}/notifications", methods=["GET"])
@admits("notifications")
def list_notifications(req: func.HttpRequest) -> func.HttpResponse:
    """List the messages of a migration, the oldest first."""
    migration, top = req.route_params["migration"], top_of(req)
    migrations.existing(migration)
    page = undelivered.page(migration, req.params.get("token", ""), top)
    return answer_json(
        page.replace(next_link=link_to_next(f"migrations/{migration}/notifications", page.next_link or "", top))
    )
