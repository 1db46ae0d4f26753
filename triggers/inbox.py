"""`GET /api/inbox`: what waits for people in all migrations."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.reporting.inbox import inbox
from triggers.admission import admits
from triggers.answering import answer_unless_known

bp = Blueprint()


@bp.route(route="api/inbox", methods=["GET"])
@admits("inbox")
def list_inbox(req: func.HttpRequest) -> func.HttpResponse:
    """List what waits for people; the app's moment stands in a header, so that the same is told in the same bytes."""
    now = clock.now()
    return answer_unless_known(req, inbox(now), {"X-Azferry-Now": now.isoformat()})
