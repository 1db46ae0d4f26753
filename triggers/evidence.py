"""`GET /api/migrations/{migration}/evidence`: what a migration came to as one ZIP whose hashes anybody can check."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from triggers.admission import admits
from triggers.answering import answer_download

bp = Blueprint()


@bp.route(route="api/migrations/{migration}/evidence", methods=["GET"])
@admits("evidence")
def evidence_of_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Give the evidence pack of a migration, as of its last change."""
    from shared.reporting.evidence_pack import evidence_of  # noqa: PLC0415 - few ask for one; the app starts sooner

    migration = req.route_params["migration"]
    return answer_download(evidence_of(migration, clock.now()), "application/zip", f"{migration}.evidence.zip")
