"""`GET /api/migrations/{migration}` and what lies below it: the ledger, as it stands."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.reporting import ledger_views
from shared.reporting.machine_pages import Paging, page_of_machines
from triggers.admission import admits
from triggers.answering import NOW, answer_if_news, answer_json, top_of

bp = Blueprint()


@bp.route(route="api/migrations/{migration}", methods=["GET"])
@admits("show")
def show_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Show a migration with its waves, open gates and progress."""
    return answer_if_news(req, ledger_views.migration(req.route_params["migration"], clock.now()))


@bp.route(route="api/migrations/{migration}/machines", methods=["GET"])
@admits("machines")
def list_machines(req: func.HttpRequest) -> func.HttpResponse:
    """List the machines of a migration by name; with `since` only those that changed."""
    paging = Paging(token=req.params.get("token", ""), top=top_of(req), since=req.params.get("since", ""))
    now = clock.now()
    return answer_if_news(req, page_of_machines(req.route_params["migration"], paging, now), {NOW: now.isoformat()})


@bp.route(route="api/migrations/{migration}/machines/{machine}", methods=["GET"])
@admits("machine")
def show_machine(req: func.HttpRequest) -> func.HttpResponse:
    """Show one machine."""
    return answer_json(ledger_views.machine(req.route_params["migration"], req.route_params["machine"], clock.now()))


@bp.route(route="api/migrations/{migration}/events", methods=["GET"])
@admits("events")
def list_events(req: func.HttpRequest) -> func.HttpResponse:
    """Tell what happened, the oldest first."""
    token, machine = req.params.get("token", ""), req.params.get("machine")
    page = ledger_views.page_of_events(req.route_params["migration"], token, top_of(req), machine, clock.now())
    return answer_if_news(req, page)
