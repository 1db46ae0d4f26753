"""`POST /api/plans/validate` and `GET /api/schemas/plan`: plans before they start."""

import azure.functions as func

from shared import clock
from shared.durable.seam import Blueprint
from shared.intake.register import check_deciders
from shared.intake.validate import validation_of
from shared.plan.reader import read_plan
from shared.plan.schema import plan_schema
from triggers.admission import admits
from triggers.answering import answer_json
from triggers.principal import person_of

bp = Blueprint()


@bp.route(route="api/plans/validate", methods=["POST"])
@admits("validate")
def validate_plan(req: func.HttpRequest) -> func.HttpResponse:
    """Judge a plan as far as that goes without the clouds; nothing is created."""
    plan = read_plan(req.get_body(), req.headers.get("content-type", ""), clock.now())
    check_deciders(plan, person_of(req))
    return answer_json(validation_of(plan))


@bp.route(route="api/schemas/plan", methods=["GET"])
@admits("schema")
def schema_of_plan(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the worker gives it by name
    """Give the JSON Schema of plans."""
    return answer_json(plan_schema())
