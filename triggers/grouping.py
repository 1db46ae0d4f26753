"""`GET /api/migrations/{migration}/waves/{wave}` and `…/applications/{application}`: a part of a migration by itself."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.reporting.group_views import group_view
from triggers.admission import admits
from triggers.answering import answer_if_news

bp = Blueprint()


@bp.route(route="api/migrations/{migration}/waves/{wave}", methods=["GET"])
@admits("wave")
def show_wave(req: func.HttpRequest) -> func.HttpResponse:
    """Show one wave: how far, its gates, window, outages, what it waits for."""
    parts = req.route_params
    return answer_if_news(req, group_view(parts["migration"], "wave", parts["wave"], clock.now()))


@bp.route(route="api/migrations/{migration}/applications/{application}", methods=["GET"])
@admits("application")
def show_application(req: func.HttpRequest) -> func.HttpResponse:
    """Show one application, whichever waves its machines are in."""
    parts = req.route_params
    return answer_if_news(req, group_view(parts["migration"], "application", parts["application"], clock.now()))
