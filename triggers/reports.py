"""`GET /api/migrations/{migration}/report`: what a migration came to, as HTML, JSON, CSV or XLSX."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.problems import UnreadableRequest
from shared.reporting import ledger_views
from shared.reporting.report import KINDS, file_of, report_at
from triggers.admission import admits
from triggers.answering import answer_file

bp = Blueprint()


@bp.route(route="api/migrations/{migration}/report", methods=["GET"])
@admits("report")
def report_migration(req: func.HttpRequest) -> func.HttpResponse:
    """Give the report of a migration, as it stands now."""
    kind, migration = req.params.get("format", "html"), req.route_params["migration"]
    if kind not in KINDS:
        raise UnreadableRequest(f"format must be one of {', '.join(KINDS)}")
    now = clock.now()
    view = ledger_views.migration(migration, now)
    report = report_at(view, ledger_views.every_event(migration), now)
    return answer_file(file_of(report, kind), kind, view.id)
