"""`GET /api/health`: which version runs, and whether it reaches its storage; `…/details`: whether everything goes on."""

import json

import azure.functions as func
from azure.core.exceptions import AzureError

from shared import clock
from shared.durable.seam import Blueprint
from shared.problems import Busy
from shared.reconciliation import heartbeats
from shared.reporting.views import HealthDetails
from shared.storage import poison
from shared.storage.patience import FOR_A_PROBE, with_patience
from shared.storage.tables import asking, table
from shared.version import VERSION
from triggers.admission import admits
from triggers.answering import answer_json

bp = Blueprint()


@bp.route(route="api/health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Answer 200 when the app can work, 503 when its storage is out of reach; says nothing that is secret."""
    reachable = _storage_is_reachable()
    document = {"version": VERSION, "storage": "reachable" if reachable else "unreachable"}
    return func.HttpResponse(json.dumps(document), status_code=200 if reachable else 503, mimetype="application/json")


@bp.route(route="api/health/details", methods=["GET"])
@admits("health-details")
def health_details(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Tell whoever may ask what stands still, and how many messages were refused."""
    late = tuple(each.text() for each in heartbeats.late(clock.now()))
    view = HealthDetails(version=VERSION, storage="reachable", refused_messages=_refused_messages(), late=late)
    return answer_json(view)


def _refused_messages() -> int:
    """Count the messages in the poison queue; -1 = not known."""
    try:
        return poison.count()
    except (AzureError, Busy, ValueError):
        return -1


def _storage_is_reachable() -> bool:
    """Look into the ledger, at one row at most: without it nothing can be started or read."""
    try:
        with with_patience(FOR_A_PROBE), asking("health"):
            next(table("migrations").query_entities("", {}, results_per_page=1), None)
    except (AzureError, Busy, ValueError):  # ValueError: no storage is named, or not in a form that can be read
        return False
    return True
