"""`GET /api/inbox`, what waits for people in all migrations, and `GET /api/migrations/{migration}/timeline`."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.reporting.inbox import inbox
from shared.reporting.timeline import timeline
from triggers.admission import admits
from triggers.answering import NOW, answer_unless_known

bp = Blueprint()


@bp.route(route="api/inbox", methods=["GET"])
@admits("inbox")
def list_inbox(req: func.HttpRequest) -> func.HttpResponse:
    """List what waits for people; the app's moment stands in a header, so that the same is told in the same bytes."""
    now = clock.now()
    return answer_unless_known(req, inbox(now), {NOW: now.isoformat()})


@bp.route(route="api/migrations/{migration}/timeline", methods=["GET"])
@admits("timeline")
def show_timeline(req: func.HttpRequest) -> func.HttpResponse:
    """Give a migration's waves in time."""
    now = clock.now()
    return answer_unless_known(req, timeline(req.route_params["migration"], now), {NOW: now.isoformat()})
